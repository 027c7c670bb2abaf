"""Kinds of consultations as documents."""

from __future__ import annotations

from collections.abc import Iterable

from services.common.storage.aggregates import Aggregates
from services.common.storage.mongo import Database
from services.consultations.domain.kinds import Kind


class KindStore(Aggregates[Kind]):
    """Kinds. There are few."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.collection("kinds"), Kind)

    def seed(self, kinds: Iterable[Kind]) -> None:
        """Add what is not there yet; what is there is left as people have since made it."""
        for each in kinds:
            self.collection.update_one(
                {"_id": each.id}, {"$setOnInsert": self.document_of(each)}, upsert=True
            )
