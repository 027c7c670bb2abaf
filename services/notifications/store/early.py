"""Events that came before their organisation."""

from __future__ import annotations

from datetime import datetime, timedelta

from pymongo import ReturnDocument

from services.common.storage.mongo import Database, unavailable_when_away

EARLY_KEPT = timedelta(days=1)


class EarlyEvents:
    """Events that came before their organisation, with the time they were first seen."""

    def __init__(self, database: Database) -> None:
        self._events = database.collection("early_events")

    def ensure_indexes(self) -> None:
        self._events.create_index("since", expireAfterSeconds=int(EARLY_KEPT.total_seconds()))

    def first_seen(self, event_id: str, now: datetime) -> datetime:
        """When the event first came too early: now, unless it has before."""
        with unavailable_when_away():
            document = self._events.find_one_and_update(
                {"_id": event_id},
                {"$setOnInsert": {"since": now}},
                upsert=True,
                return_document=ReturnDocument.AFTER,
            )
        since: datetime = document["since"]
        return since
