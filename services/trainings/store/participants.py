"""Participants as documents."""

from __future__ import annotations

from collections.abc import Collection

from pymongo import ASCENDING

from services.common.storage.aggregates import Aggregates
from services.common.storage.mapping import mapping_of
from services.common.storage.mongo import Database, Document, Session
from services.common.storage.searching import FIELD, search_key
from services.trainings.domain.participants import Participant


def _words(participant: Participant) -> Document:
    return search_key([participant.name])


class ParticipantStore(Aggregates[Participant]):
    """Participants."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.collection("participants"), mapping_of(Participant, extra=_words))

    def ensure_indexes(self) -> None:
        self.collection.create_index([("organisation_id", ASCENDING), ("_id", ASCENDING)])
        self.collection.create_index([("phone", ASCENDING)])
        self.collection.create_index([(FIELD, ASCENDING)])

    def named(self, ids: Collection[str], session: Session | None = None) -> dict[str, Participant]:
        """Those of these ids that exist."""
        if not ids:
            return {}
        found = self.page({"_id": {"$in": sorted(ids)}}, session=session)
        return {each.id: each for each in found}
