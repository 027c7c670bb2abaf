"""Centres as trainings knows them: a name and a time zone."""

from __future__ import annotations

from collections.abc import Iterable

from services.common.storage.aggregates import Aggregates
from services.common.storage.mongo import Database, Document
from services.trainings.domain.centres import Centre


class CentreStore(Aggregates[Centre]):
    """Centres. There are few."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.collection("centres"), _document_of, _centre_of)

    def seed(self, centres: Iterable[Centre]) -> None:
        """Add what is not there yet."""
        for each in centres:
            self.collection.update_one(
                {"_id": each.id}, {"$setOnInsert": _document_of(each)}, upsert=True
            )


def _document_of(centre: Centre) -> Document:
    return {
        "_id": centre.id,
        "name": dict(centre.name),
        "time_zone": centre.time_zone,
        "version": 1,
    }


def _centre_of(document: Document) -> Centre:
    return Centre(document["_id"], document["name"], document["time_zone"])
