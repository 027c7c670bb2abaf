"""Door codes that were tried: counted before they are looked at, so that none comes for free."""

from __future__ import annotations

from datetime import datetime, timedelta

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from services.common.storage.mongo import Database, Document, Session


class AttemptStore:
    """One document for each booking whose code was tried."""

    def __init__(self, database: Database) -> None:
        self._attempts = database.collection("door_code_attempts")

    def ensure_indexes(self) -> None:
        # What has run out counts nothing; the database sweeps it away.
        self._attempts.create_index("until", expireAfterSeconds=3600)

    def count_attempt(
        self, booking_id: str, now: datetime, *, most: int, within: timedelta
    ) -> datetime | None:
        """Take one of the attempts of a booking; ``None`` if there was one left.

        Not part of any transaction: an attempt counts although the check-in is refused. Many who
        try at once get no more than ``most`` among them, because each takes its own first.

        Returns:
            When there will be attempts again, if there is none now.
        """
        free = {"$or": [{"until": {"$lte": now}}, {"taken": {"$lt": most}}]}
        over = {"$lte": ["$until", now]}
        while True:
            try:
                found: Document | None = self._attempts.find_one_and_update(
                    {"_id": booking_id, **free},
                    [
                        {
                            "$set": {
                                "taken": {"$cond": [over, 1, {"$add": ["$taken", 1]}]},
                                "until": {"$cond": [over, now + within, "$until"]},
                            }
                        }
                    ],
                    return_document=ReturnDocument.AFTER,
                )
                if found is not None:
                    return None
                refused = self._attempts.find_one({"_id": booking_id})
                if refused is not None:
                    until: datetime = refused["until"]
                    return until
                self._attempts.insert_one({"_id": booking_id, "taken": 1, "until": now + within})
            except DuplicateKeyError:
                # The first attempt of another process came between; ours is counted in the next
                # round.
                continue
            return None

    def clear_attempts(self, session: Session, booking_id: str) -> None:
        """The right code was given: what was tried before counts no more."""
        self._attempts.delete_one({"_id": booking_id}, session=session)
