"""Action plans and their editions as documents; what they say, and who has signed it, is encrypted
with the key of their case."""

from __future__ import annotations

from dataclasses import dataclass

from pymongo import ASCENDING, DESCENDING

from services.common.storage.aggregates import Aggregates
from services.common.storage.encrypted import encrypted
from services.common.storage.mapping import mapping_of
from services.common.storage.mongo import Database, Session
from services.consultations.domain.action_plans import ActionPlan, PlanEdition
from services.consultations.store.case_keys import CaseKeys
from services.consultations.store.owning_case import case_id_of

_PLAN = mapping_of(ActionPlan)


class ActionPlanStore(Aggregates[ActionPlan]):
    """Action plans, each with its newest edition; a case has one."""

    def __init__(self, database: Database, keys: CaseKeys) -> None:
        mapping = encrypted(_PLAN, ("current",), lambda plan: keys.cipher_of(plan["case_id"]))
        super().__init__(database.collection("action_plans"), mapping)

    def ensure_indexes(self) -> None:
        self.collection.create_index("case_id", unique=True)

    def case_of(self, plan_id: str, session: Session | None = None) -> str:
        """The id of the case that a plan belongs to: who may know of it is asked before the plan is
        read.

        Raises:
            errors.NotFound: if there is no such plan.
        """
        return case_id_of(self.collection, plan_id, session)

    def of_case(self, case_id: str, session: Session | None = None) -> ActionPlan | None:
        """The plan of a case, if it has one."""
        return self.first({"case_id": case_id}, session)


@dataclass(frozen=True, slots=True)
class _StoredEdition:
    """An edition that is not the newest any more."""

    id: str
    plan_id: str
    case_id: str
    number: int
    edition: PlanEdition
    version: int = 1


_EDITION = mapping_of(_StoredEdition)


class PlanEditionStore:
    """The earlier editions of plans, with the signatures that they had."""

    def __init__(self, database: Database, keys: CaseKeys) -> None:
        mapping = encrypted(_EDITION, ("edition",), lambda one: keys.cipher_of(one["case_id"]))
        self._editions = Aggregates(database.collection("action_plan_editions"), mapping)

    def ensure_indexes(self) -> None:
        self._editions.collection.create_index(
            [("plan_id", ASCENDING), ("number", DESCENDING)], unique=True
        )

    def add(self, session: Session, plan: ActionPlan) -> None:
        """Store the edition of a plan that a newer one is about to replace."""
        number = plan.current.number
        key = f"{plan.id}-{number}"
        stored = _StoredEdition(key, plan.id, plan.case_id, number, plan.current)
        self._editions.add(session, stored)

    def find(self, plan_id: str, *, before: int, limit: int) -> list[PlanEdition]:
        """Editions of a plan below a number, the newest first."""
        found = self._editions.page(
            {"plan_id": plan_id, "number": {"$lt": before}},
            order=("number",),
            descending=True,
            limit=limit,
        )
        return [each.edition for each in found]

    def look_up(self, plan_id: str, number: int) -> PlanEdition | None:
        """One edition, if it is there."""
        found = self._editions.first({"plan_id": plan_id, "number": number})
        return None if found is None else found.edition
