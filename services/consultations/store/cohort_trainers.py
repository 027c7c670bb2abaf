"""Who trains a cohort: a projection of the assignments of trainings."""

from __future__ import annotations

from collections.abc import Iterable

from pymongo import ASCENDING

from services.common.storage.aggregates import Aggregates
from services.common.storage.mongo import Database, Session
from services.common.storage.projections import put_newest
from services.consultations.domain.cohort_trainers import CohortTrainer

MOST_TRAINERS = 50


class CohortTrainerStore(Aggregates[CohortTrainer]):
    """Trainers of cohorts."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.collection("cohort_trainers"), CohortTrainer)

    def ensure_indexes(self) -> None:
        self.collection.create_index([("cohort_id", ASCENDING), ("accepted", ASCENDING)])

    def put(self, session: Session, facts: Iterable[CohortTrainer]) -> None:
        """Take facts in; one that is not newer than what is known changes nothing."""
        put_newest(session, self.collection, [self.document_of(each) for each in facts])

    def of(self, cohort_id: str, session: Session | None = None) -> list[str]:
        """The ids of those who have trained a cohort, or will, each once."""
        query = {"cohort_id": cohort_id, "accepted": True}
        found = self.page(query, limit=MOST_TRAINERS, session=session)
        return list(dict.fromkeys(each.trainer_id for each in found))
