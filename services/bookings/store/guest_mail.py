"""What was sent to addresses that people chose, counted for as long as it limits them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from services.bookings.domain.guest_mail import LIMITS, Counted
from services.common.links import hashed
from services.common.storage.mongo import Database, Document, Session

Keys = Mapping[Counted, str]


class GuestMailStore:
    """One document for each caller, organisation, address and meeting that is counted."""

    def __init__(self, database: Database) -> None:
        self._counted = database.collection("guest_mail_counts")

    def ensure_indexes(self) -> None:
        self._counted.create_index("until", expireAfterSeconds=0)

    def count(self, session: Session, keys: Keys, now: datetime) -> datetime:
        """Count one more for each of these, if all have one left.

        Two who count at once write the same document, so the database lets one of them begin again.

        Args:
            keys: by what is counted, whose it is.

        Returns:
            When it is possible: now if it was counted.
        """
        ids = {counted: _id(counted, key) for counted, key in keys.items()}
        found = self._counted.find({"_id": {"$in": list(ids.values())}}, session=session)
        known: dict[str, Document] = {document["_id"]: document for document in found}
        before = {counted: known.get(each, {}).get("at", []) for counted, each in ids.items()}
        free_at = max(LIMITS[counted].free_at(at, now) for counted, at in before.items())
        if free_at > now:
            return free_at
        for counted, at in before.items():
            limit = LIMITS[counted]
            self._counted.update_one(
                {"_id": ids[counted]},
                {"$set": {"at": [*at, now][-limit.most :], "until": now + limit.within}},
                upsert=True,
                session=session,
            )
        return now


def _id(counted: Counted, key: str) -> str:
    # An address is nobody's business here, only whether it is the same.
    return f"{counted.value}|{hashed(key)}"
