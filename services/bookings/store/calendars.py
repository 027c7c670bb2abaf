"""Calendar links as documents, and the bookings of a feed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from pymongo import ASCENDING

from services.bookings.domain.booking import Booking
from services.bookings.domain.calendars import CANCELLED_KEPT, LOOKS_BACK, OFF, Calendar
from services.bookings.domain.invitations import JOINT_MEETING
from services.bookings.store.booking_documents import booking_of
from services.common import errors
from services.common.storage.aggregates import Aggregates
from services.common.storage.mongo import Database, Document, Session

MOST_ENTRIES = 4_000
"""More than twenty bookings a day for as long as a feed reaches; a feed that held still more would
be cut at its far end."""


class CalendarStore(Aggregates[Calendar]):
    """Links to feeds, and what is in them."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.collection("calendars"), Calendar)
        self._owners = database.collection("calendar_owners")
        self._bookings = database.collection("bookings")

    def ensure_indexes(self) -> None:
        self.collection.create_index("token_hash", unique=True)
        self.collection.create_index([("owner_id", ASCENDING), ("_id", ASCENDING)])
        self._bookings.create_index([("booked_by", ASCENDING), ("starts_at", ASCENDING)])

    def add_link(self, session: Session, calendar: Calendar, most: int) -> bool:
        """Keep the link; false if its owner has ``most`` of them."""
        self._owners.update_one(
            {"_id": calendar.owner_id}, {"$setOnInsert": {"links": 0}}, upsert=True, session=session
        )
        counted = self._owners.update_one(
            {"_id": calendar.owner_id, "links": {"$lte": most - 1}},
            {"$inc": {"links": 1}},
            session=session,
        )
        if counted.matched_count != 1:
            return False
        self.add(session, calendar)
        return True

    def remove(self, session: Session, owner_id: str, calendar_id: str) -> None:
        """Raises:
        errors.NotFound: if the person has no such link.
        """
        removed = self.collection.delete_one(
            {"_id": calendar_id, "owner_id": owner_id}, session=session
        )
        if removed.deleted_count != 1:
            raise errors.NotFound()
        self._owners.update_one({"_id": owner_id}, {"$inc": {"links": -1}}, session=session)

    def of_owner(self, owner_id: str) -> list[Calendar]:
        """A person's links, oldest first."""
        return self.page({"owner_id": owner_id})

    def by_token(self, token_hash: str) -> Calendar:
        """Raises:
        errors.NotFound: if there is none.
        """
        calendar = self.first({"token_hash": token_hash})
        if calendar is None:
            raise errors.NotFound()
        return calendar

    def bookings(self, which: Iterable[Document], now: datetime) -> list[Booking]:
        """The bookings of a feed, by start: those that any of the queries names.

        Left out is what ended long ago, and what was called off longer ago than a feed keeps it.
        """
        found = (
            self._bookings.find(
                {
                    "$or": list(which),
                    "starts_at": {"$gt": now - LOOKS_BACK},
                    "$nor": [
                        {
                            "status": {"$in": sorted(status.value for status in OFF)},
                            "updated_at": {"$lt": now - CANCELLED_KEPT},
                        }
                    ],
                },
                {"history": 0, "claims": 0},
            )
            .sort([("starts_at", ASCENDING), ("_id", ASCENDING)])
            .limit(MOST_ENTRIES)
        )
        return [booking_of(document) for document in found]


def in_spaces(spaces: Iterable[str]) -> Document:
    """The query for bookings of these spaces."""
    return {"space_id": {"$in": sorted(spaces)}}


def at_centre(centre_id: str) -> Document:
    """The query for bookings at a centre."""
    return {"centre_id": centre_id}


def of_person(
    person_id: str, organisations: Iterable[str], invited_to: Iterable[str]
) -> list[Document]:
    """The queries for what concerns a person."""
    return [
        {"booked_by": person_id},
        {"organisation_id": {"$in": sorted(organisations)}},
        {"_id": {"$in": sorted(invited_to)}, "purpose": JOINT_MEETING},
    ]
