"""Tasks as documents."""

from __future__ import annotations

from collections.abc import Collection

from pymongo import ASCENDING

from services.common import errors
from services.common.context import Caller
from services.common.storage.aggregates import Aggregates, equal_to
from services.common.storage.mongo import Database, Document, Session
from services.consultations.domain.cases import Case
from services.consultations.domain.tasks import Task, TaskKind
from services.consultations.store.case_access import NOTHING


class TaskStore(Aggregates[Task]):
    """Tasks; of each kind a subject has at most one that is open."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.collection("tasks"), Task)

    def ensure_indexes(self) -> None:
        self.collection.create_index(
            [("subject", ASCENDING), ("what", ASCENDING)],
            unique=True,
            partialFilterExpression={"open": True},
            name="open",
        )
        for owner in ("centre_id", "case_id", "people"):
            self.collection.create_index([(owner, ASCENDING), ("_id", ASCENDING)])

    def find(
        self,
        *,
        caller: Caller,
        own_cases: Collection[str],
        centre_id: str | None = None,
        case_id: str | None = None,
        what: str | None = None,
        open: bool | None = None,
        after: str | None = None,
        limit: int,
    ) -> list[Task]:
        """Tasks that the caller may know of, by id, after the one named.

        Args:
            own_cases: the cases that the caller is on now.
        """
        wanted = {"centre_id": centre_id, "case_id": case_id, "what": what, "open": open}
        return self.page(_visible(caller, own_cases), equal_to(wanted), after=after, limit=limit)

    def get_visible(
        self, task_id: str, caller: Caller, own_cases: Collection[str], session: Session
    ) -> Task:
        """A task that the caller may know of.

        Raises:
            errors.NotFound: if there is none such.
        """
        found = self.first({"$and": [{"_id": task_id}, _visible(caller, own_cases)]}, session)
        if found is None:
            raise errors.NotFound()
        return found

    def of_person(self, person_id: str) -> list[Task]:
        """The tasks that were opened for a person, by id."""
        return self.page({"people": person_id})

    def open_one(self, what: TaskKind, subject: str, session: Session) -> Task | None:
        """The open task of this kind about a subject, if there is one."""
        return self.first({"subject": subject, "what": what.value, "open": True}, session)

    def open_of_case(self, case_id: str, session: Session) -> list[Task]:
        """The open tasks that belong to a case, by id."""
        return self.page({"case_id": case_id, "open": True}, session=session)

    def seal_closed(self, session: Session, case: Case) -> None:
        """Let the closed tasks of a case be seen by those who may know of the case now."""
        seen: Document = {"sealed": case.sealed}
        if case.sealed:
            seen["people"] = sorted(case.people)
        self.collection.update_many(
            {"case_id": case.id, "open": False}, {"$set": seen}, session=session
        )

    def hand_on(
        self, session: Session, case_id: str, left: Collection[str], joined: Collection[str]
    ) -> None:
        """Have those who have left a case see none of its tasks, open or closed; who has joined it
        sees those that they saw."""
        others = {"$setDifference": ["$people", sorted(left)]}
        self.collection.update_many(
            {"case_id": case_id, "people": {"$in": sorted(left)}},
            [{"$set": {"people": {"$setUnion": [others, sorted(joined)]}}}],
            session=session,
        )


def _visible(caller: Caller, own_cases: Collection[str]) -> Document:
    if caller.kind != "person":
        return NOTHING
    # A task names who was on its case when it was opened; who has left the organisation since, or
    # has the role no more, does not see it.
    ways: list[Document] = [{"people": caller.id, "case_id": {"$in": [None, *sorted(own_cases)]}}]
    if caller.is_manager():
        ways.append({"sealed": False})
    elif caller.desks:
        ways.append({"sealed": False, "centre_id": {"$in": sorted(caller.desks)}})
    return {"$or": ways}
