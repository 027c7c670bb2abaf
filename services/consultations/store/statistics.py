"""Frozen periods of reports about consultations as documents."""

from __future__ import annotations

from datetime import date

from pymongo import ASCENDING

from services.common.storage.aggregates import Aggregates
from services.common.storage.mongo import Database, Session
from services.consultations.domain.statistics import FrozenPeriod


class FrozenPeriodStore(Aggregates[FrozenPeriod]):
    """Frozen periods. There are few, and none is ever changed."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.collection("frozen_periods"), FrozenPeriod)
        self._turns = database.collection("frozen_period_turns")

    def ensure_indexes(self) -> None:
        self.collection.create_index([("first_day", ASCENDING)])

    def lock(self, session: Session) -> None:
        """Let one transaction freeze a period at a time: of two, the second begins again and sees
        what the first has frozen."""
        self._turns.update_one({"_id": "turn"}, {"$inc": {"n": 1}}, upsert=True, session=session)

    def sharing_days(self, first_day: date, last_day: date, session: Session) -> list[FrozenPeriod]:
        """Those that share a day with a period."""
        query = {
            "first_day": {"$lte": last_day.isoformat()},
            "last_day": {"$gte": first_day.isoformat()},
        }
        return self.page(query, session=session)
