"""Milestones as documents; what they say is encrypted with the key of their case."""

from __future__ import annotations

from pymongo import ASCENDING

from services.common.storage.aggregates import Aggregates, equal_to
from services.common.storage.encrypted import encrypted
from services.common.storage.mapping import mapping_of
from services.common.storage.mongo import Database, Document, Session
from services.consultations.domain.milestones import Milestone
from services.consultations.store.case_keys import CaseKeys
from services.consultations.store.owning_case import case_id_of


def _marks(milestone: Milestone) -> Document:
    return {"overdue": milestone.overdue}


_SECRETS = ("planned", "evidence", "blocker")
_MAPPING = mapping_of(Milestone, extra=_marks)


class MilestoneStore(Aggregates[Milestone]):
    """Milestones that both sides have agreed on."""

    def __init__(self, database: Database, keys: CaseKeys) -> None:
        mapping = encrypted(_MAPPING, _SECRETS, lambda one: keys.cipher_of(one["case_id"]))
        super().__init__(database.collection("milestones"), mapping)

    def ensure_indexes(self) -> None:
        for owner in ("case_id", "plan_id"):
            self.collection.create_index([(owner, ASCENDING), ("_id", ASCENDING)])

    def case_of(self, milestone_id: str, session: Session | None = None) -> str:
        """The id of the case that a milestone belongs to.

        Raises:
            errors.NotFound: if there is no such milestone.
        """
        return case_id_of(self.collection, milestone_id, session)

    def find(
        self,
        case_id: str,
        *,
        status: str | None = None,
        overdue: bool | None = None,
        after: str | None = None,
        limit: int,
    ) -> list[Milestone]:
        """Milestones of a case by id, after the one named."""
        wanted = {"case_id": case_id, "status": status, "overdue": overdue}
        return self.page(equal_to(wanted), after=after, limit=limit)

    def of_plan(self, plan_id: str, session: Session | None = None) -> dict[str, Milestone]:
        """The milestones of a plan, by id."""
        return {each.id: each for each in self.page({"plan_id": plan_id}, session=session)}
