"""The calendar of advisers as documents: what takes their time, and the claims on it."""

from __future__ import annotations

from pymongo import ASCENDING

from services.common.contracts.consultations.calendar_errors import TIME_NOT_OFFERED
from services.common.storage.claims import (
    CLAIMS,
    ClaimRefused,
    claims_refused,
    ensure_claims_index,
)
from services.common.storage.mapping import mapping_of
from services.common.storage.mongo import Database, Document, Session, unavailable_when_away
from services.common.time.period import Period
from services.common.time.slots import slots_of
from services.consultations.domain.adviser_times import RASTER
from services.consultations.domain.engagements import Engagement


def _claims(engagement: Engagement) -> Document:
    adviser = (engagement.adviser_id,)
    claims = {slot for each in engagement.taken for slot in slots_of(adviser, each, RASTER)}
    return {
        CLAIMS: sorted(claims),
        "taken_from": min(each.starts_at for each in engagement.taken),
        "taken_until": max(each.ends_at for each in engagement.taken),
    }


ENGAGEMENT = mapping_of(Engagement, extra=_claims)


class EngagementStore:
    """What takes the time of advisers. One index over the claims refuses a second meeting at a
    time, whether it is an appointment or a visit."""

    def __init__(self, database: Database) -> None:
        self.collection = database.collection("engagements")

    def ensure_indexes(self) -> None:
        # Advisers work at several centres: a claim holds at all of them.
        ensure_claims_index(self.collection)
        self.collection.create_index([("adviser_id", ASCENDING), ("taken_until", ASCENDING)])

    def put(self, session: Session, engagement: Engagement) -> None:
        """Store what a meeting takes from now on, in place of what it took.

        Raises:
            errors.Conflict: ``consultations.time_not_offered``.
        """
        document = ENGAGEMENT.document_of(engagement)
        try:
            with claims_refused():
                self.collection.replace_one(
                    {"_id": engagement.id}, document, upsert=True, session=session
                )
        except ClaimRefused as refused:
            raise TIME_NOT_OFFERED(extra={"alternatives": []}) from refused

    def remove(self, session: Session, meeting_id: str) -> None:
        """Free what a meeting took; nothing happens where it took nothing."""
        self.collection.delete_one({"_id": meeting_id}, session=session)

    def all(self, session: Session) -> list[Engagement]:
        """What takes the time of all advisers."""
        return [ENGAGEMENT.aggregate_of(each) for each in self.collection.find(session=session)]

    def of_adviser(
        self, adviser_id: str, around: Period, session: Session | None = None, *, limit: int = 0
    ) -> list[Engagement]:
        """What takes the adviser's time in a period, by start.

        Args:
            limit: at most so many; 0 for all, of a period that is bounded.
        """
        query = {
            "adviser_id": adviser_id,
            "taken_until": {"$gt": around.starts_at},
            "taken_from": {"$lt": around.ends_at},
        }
        with unavailable_when_away():
            found = self.collection.find(query, session=session)
            found.sort([("taken_from", ASCENDING), ("_id", ASCENDING)]).limit(limit)
            return [ENGAGEMENT.aggregate_of(each) for each in found]
