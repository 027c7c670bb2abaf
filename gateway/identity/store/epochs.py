"""The collection ``epochs``: how often each caller has lost a right.

One document for each person or service account that has signed in or lost a right:
``{_id: caller id, epoch, raised_at, sign_ins}``.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from pymongo import ReturnDocument, UpdateOne

from services.common.storage.mongo import Database, Session, unavailable_when_away


class EpochStore:
    """Queries of ``epochs``.

    Reads raise :class:`services.common.errors.Unavailable` when the database is away.
    """

    def __init__(self, database: Database) -> None:
        self._epochs = database.collection("epochs")
        self._callers = (database.collection("people"), database.collection("service_accounts"))

    def ensure_indexes(self) -> None:
        self._epochs.create_index("raised_at", sparse=True)

    def epoch(self, caller_id: str) -> int:
        """The caller's epoch; 0 for who has never lost a right.

        Read it before the rights that a token is to carry: what is lost in between raises it, and
        the token is refused.
        """
        with unavailable_when_away():
            found = self._epochs.find_one({"_id": caller_id}, {"epoch": 1})
        return int(found["epoch"]) if found else 0

    def epoch_at_sign_in(self, session: Session, caller_id: str) -> int:
        """The caller's epoch, in a sign-in's transaction, which then conflicts with every raise."""
        found = self._epochs.find_one_and_update(
            {"_id": caller_id},
            {"$inc": {"sign_ins": 1}, "$setOnInsert": {"epoch": 0}},
            upsert=True,
            return_document=ReturnDocument.AFTER,
            session=session,
        )
        return int(found["epoch"])

    def raise_epochs(
        self, session: Session, caller_ids: Collection[str], now: datetime
    ) -> dict[str, int]:
        """Raise the epochs of these callers; returns id → new epoch."""
        if not caller_ids:
            return {}
        change = {"$inc": {"epoch": 1}, "$set": {"raised_at": now}}
        self._epochs.bulk_write(
            [UpdateOne({"_id": each}, change, upsert=True) for each in caller_ids], session=session
        )
        rows = self._epochs.find({"_id": {"$in": list(caller_ids)}}, session=session)
        return {row["_id"]: row["epoch"] for row in rows}

    def raised_since(self, since: datetime) -> dict[str, int]:
        """Id → epoch, of the callers whose epoch was raised since then."""
        with unavailable_when_away():
            rows = self._epochs.find({"raised_at": {"$gte": since}}, {"epoch": 1})
            return {row["_id"]: row["epoch"] for row in rows}

    def removed(self, caller_ids: Collection[str]) -> set[str]:
        """Which of these are neither a person nor a service account any more."""
        missing = set(caller_ids)
        for collection in self._callers:
            if missing:
                with unavailable_when_away():
                    rows = collection.find({"_id": {"$in": list(missing)}}, {"_id": 1})
                    missing -= {row["_id"] for row in rows}
        return missing
