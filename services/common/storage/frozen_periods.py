"""Frozen periods of reports as documents, of any branch: two of them share no day."""

from __future__ import annotations

from datetime import date
from typing import TypeVar

from pymongo import ASCENDING

from services.common.storage.aggregates import Aggregates
from services.common.storage.mapping import DocumentMapping
from services.common.storage.mongo import Database, Session

F = TypeVar("F")


class FrozenPeriods(Aggregates[F]):
    """Frozen periods. There are few, and none is ever changed.

    Args:
        database: of the branch.
        mapping: of its periods.
    """

    def __init__(self, database: Database, mapping: DocumentMapping[F] | type[F]) -> None:
        super().__init__(database.collection("frozen_periods"), mapping)
        self._turns = database.collection("frozen_period_turns")

    def ensure_indexes(self) -> None:
        self.collection.create_index([("first_day", ASCENDING)])

    def lock(self, session: Session) -> None:
        """Let one transaction freeze a period at a time: of two, the second begins again and sees
        what the first has frozen."""
        self._turns.update_one({"_id": "turn"}, {"$inc": {"n": 1}}, upsert=True, session=session)

    def sharing_days(self, first_day: date, last_day: date, session: Session) -> list[F]:
        """Those that share a day with a period."""
        query = {
            "first_day": {"$lte": last_day.isoformat()},
            "last_day": {"$gte": first_day.isoformat()},
        }
        return self.page(query, session=session)
