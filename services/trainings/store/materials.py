"""Materials as documents; their bytes are in GridFS."""

from __future__ import annotations

from pymongo import ASCENDING

from services.common.storage.aggregates import Aggregates, equal_to
from services.common.storage.mongo import Database, Session
from services.trainings.domain.materials import Material


class MaterialStore(Aggregates[Material]):
    """Materials."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.collection("materials"), Material)

    def ensure_indexes(self) -> None:
        self.collection.create_index([("cohort_id", ASCENDING), ("_id", ASCENDING)])
        self.collection.create_index([("added_by", ASCENDING)])

    def of(
        self, cohort_id: str, session_id: str | None = None, session: Session | None = None
    ) -> list[Material]:
        """The materials of a cohort, or of one session of it, oldest first."""
        query = {"cohort_id": cohort_id, "session_id": session_id}
        return self.page(equal_to(query), session=session)

    def added_by(self, person_id: str) -> list[Material]:
        """What a person has added."""
        return self.page({"added_by": person_id})

    def remove(self, session: Session, material: Material) -> None:
        self.collection.delete_one({"_id": material.id}, session=session)
