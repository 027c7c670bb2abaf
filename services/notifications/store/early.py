"""Events that came before their organisation."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from pymongo import UpdateOne

from services.common.storage.mongo import Database, unavailable_when_away

EARLY_KEPT = timedelta(days=1)


class EarlyEvents:
    """Events that came before their organisation, with the time they were first seen."""

    def __init__(self, database: Database) -> None:
        self._events = database.collection("early_events")

    def ensure_indexes(self) -> None:
        self._events.create_index("since", expireAfterSeconds=int(EARLY_KEPT.total_seconds()))

    def first_seen(self, event_ids: Collection[str], now: datetime) -> Mapping[str, datetime]:
        """When each event first came too early: now, unless it has before."""
        ids = sorted(event_ids)
        if not ids:
            return {}
        with unavailable_when_away():
            self._events.bulk_write(
                [
                    UpdateOne({"_id": each}, {"$setOnInsert": {"since": now}}, upsert=True)
                    for each in ids
                ],
                ordered=False,
            )
            found = self._events.find({"_id": {"$in": ids}})
            return {document["_id"]: document["since"] for document in found}
