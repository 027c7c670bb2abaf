"""Time limits of cases as documents."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from pymongo import ASCENDING

from services.common.storage.aggregates import Aggregates
from services.common.storage.mongo import Database, Session
from services.consultations.domain.time_limits import LimitStatus, TimeLimit

_LIVE = {"status": {"$in": [LimitStatus.RUNNING.value, LimitStatus.PAUSED.value]}}


class TimeLimitStore(Aggregates[TimeLimit]):
    """Time limits; a case has one of each kind for each time that it was opened."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.collection("time_limits"), TimeLimit)

    def ensure_indexes(self) -> None:
        self.collection.create_index(
            [("case_id", ASCENDING), ("what", ASCENDING), ("round", ASCENDING)], unique=True
        )
        self.collection.create_index(
            [("centre_id", ASCENDING), ("status", ASCENDING), ("_id", ASCENDING)]
        )

    def of_case(self, case_id: str, session: Session | None = None) -> list[TimeLimit]:
        """The limits of a case, oldest first."""
        return self.page({"case_id": case_id}, order=("started_at", "_id"), session=session)

    def live_of(self, case_id: str, session: Session) -> list[TimeLimit]:
        """The limits of a case that may still be met."""
        return self.page({"case_id": case_id}, _LIVE, session=session)

    def running_at(
        self, centre_id: str, *, after: str | None, limit: int, session: Session
    ) -> list[TimeLimit]:
        """The limits that run at a centre, by id."""
        query = {"centre_id": centre_id, "status": LimitStatus.RUNNING.value}
        return self.page(query, after=after, limit=limit, session=session)

    def of_cases(
        self, case_ids: Collection[str], session: Session | None = None
    ) -> list[TimeLimit]:
        """The limits of these cases, in the order of their rounds."""
        query = {"case_id": {"$in": sorted(case_ids)}}
        return self.page(query, order=("round", "_id"), session=session)

    def overdue(self, before: datetime) -> list[TimeLimit]:
        """Running limits whose end has passed without an alert, for the audit."""
        return self.page(
            {"status": LimitStatus.RUNNING.value, "alerted_at": None, "due_at": {"$lt": before}}
        )
