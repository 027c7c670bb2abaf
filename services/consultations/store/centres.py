"""Centres as consultations knows them: a name and a time zone."""

from __future__ import annotations

from collections.abc import Iterable

from services.common.storage.aggregates import Aggregates
from services.common.storage.mongo import Database
from services.consultations.domain.centres import Centre


class CentreStore(Aggregates[Centre]):
    """Centres. There are few."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.collection("centres"), Centre)

    def seed(self, centres: Iterable[Centre]) -> None:
        """Add what is not there yet."""
        for each in centres:
            self.collection.update_one(
                {"_id": each.id}, {"$setOnInsert": self.document_of(each)}, upsert=True
            )
