"""Imports as documents; the file of each is in GridFS."""

from __future__ import annotations

from pymongo import ASCENDING

from services.common.storage.aggregates import Aggregates
from services.common.storage.mongo import Database
from services.trainings.domain.imports import Import


class ImportStore(Aggregates[Import]):
    """Imports."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.collection("imports"), Import)

    def ensure_indexes(self) -> None:
        self.collection.create_index([("asked_by", ASCENDING), ("_id", ASCENDING)])

    def of_person(self, person_id: str) -> list[Import]:
        """What a person has imported."""
        return self.page({"asked_by": person_id})
