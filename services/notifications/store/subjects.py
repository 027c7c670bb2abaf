"""How far what was said of something still holds."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from pymongo import UpdateOne

from services.common.events.processed_events import KEPT
from services.common.storage.mongo import Database, Session

SUBJECTS = "subjects"


class Subjects:
    """For each aggregate with an overtaken message: from which version on messages hold.

    Kept as long as an event may come again: what was overtaken must not become news then.
    """

    def __init__(self, database: Database) -> None:
        self._subjects = database.collection(SUBJECTS)

    def ensure_indexes(self) -> None:
        self._subjects.create_index("at", expireAfterSeconds=int(KEPT.total_seconds()))

    def overtake(self, session: Session, versions: Mapping[str, int], now: datetime) -> None:
        """Note that messages of earlier versions than these do not hold any more, by aggregate."""
        if versions:
            self._subjects.bulk_write(
                [
                    UpdateOne(
                        {"_id": aggregate},
                        {"$max": {"holds_from": version, "at": now}},
                        upsert=True,
                    )
                    for aggregate, version in versions.items()
                ],
                ordered=False,
                session=session,
            )

    def holds_from(self, session: Session, aggregates: Collection[str]) -> dict[str, int]:
        """From which version on messages hold, of those aggregates that have an overtaken one."""
        if not aggregates:
            return {}
        found = self._subjects.find({"_id": {"$in": sorted(aggregates)}}, session=session)
        return {each["_id"]: each["holds_from"] for each in found}
