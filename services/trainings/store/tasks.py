"""Tasks of staff as documents."""

from __future__ import annotations

from pymongo import ASCENDING

from services.common.storage.aggregates import Aggregates, equal_to
from services.common.storage.mongo import Database, Document, Session
from services.trainings.domain.tasks import Task, TaskKind


class TaskStore(Aggregates[Task]):
    """Tasks; of each kind a cohort has at most one that is open."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.collection("tasks"), Task)

    def ensure_indexes(self) -> None:
        self.collection.create_index(
            [("cohort_id", ASCENDING), ("what", ASCENDING)],
            unique=True,
            partialFilterExpression={"open": True},
            name="open",
        )
        for owner in ("centre_id", "cohort_id"):
            self.collection.create_index([(owner, ASCENDING), ("_id", ASCENDING)])

    def find(
        self,
        *,
        visible: Document | None,
        centre_id: str | None = None,
        cohort_id: str | None = None,
        open: bool | None = None,
        after: str | None = None,
        limit: int,
    ) -> list[Task]:
        """Tasks by id, after the one named.

        Args:
            visible: the query for what the caller may see.
        """
        wanted = {"centre_id": centre_id, "cohort_id": cohort_id, "open": open}
        return self.page(visible, equal_to(wanted), after=after, limit=limit)

    def open_of(self, cohort_id: str, session: Session) -> dict[TaskKind, Task]:
        """The open tasks of a cohort, by kind."""
        found = self.page({"cohort_id": cohort_id, "open": True}, session=session)
        return {each.what: each for each in found}
