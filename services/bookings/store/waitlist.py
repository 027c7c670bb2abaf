"""Waitlist entries as documents."""

from __future__ import annotations

from datetime import datetime

from pymongo import ASCENDING

from services.bookings.domain.waitlist import Entry, EntryStatus
from services.common.storage.aggregates import Aggregates, equal_to
from services.common.storage.mongo import Database, Document, Session
from services.common.time.period import Period


class WaitlistStore(Aggregates[Entry]):
    """Waitlist entries."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.collection("waitlist_entries"), Entry)

    def ensure_indexes(self) -> None:
        # The line: the entries that wait at a centre, the oldest first. Only they are in it.
        self.collection.create_index(
            [("centre_id", ASCENDING), ("created_at", ASCENDING), ("_id", ASCENDING)],
            name="line",
            partialFilterExpression={"status": EntryStatus.WAITING.value},
        )
        # Whose offer a booking holds.
        self.collection.create_index(
            [("offer.booking_id", ASCENDING)],
            name="offers",
            partialFilterExpression={"status": EntryStatus.OFFERED.value},
        )
        for owner in ("organisation_id", "centre_id"):
            self.collection.create_index([(owner, ASCENDING), ("_id", ASCENDING)])

    def offered(self, booking_id: str, session: Session) -> Entry | None:
        """The entry for which the booking holds what it is offered, if it does."""
        return self.first(
            {"offer.booking_id": booking_id, "status": EntryStatus.OFFERED.value}, session
        )

    def offered_at(
        self, *, centre_id: str | None = None, organisation_id: str | None = None
    ) -> list[str]:
        """The entries of a centre or an organisation that are offered something, by id."""
        query: Document = {"status": EntryStatus.OFFERED.value}
        if centre_id is not None:
            query["centre_id"] = centre_id
        if organisation_id is not None:
            query["organisation_id"] = organisation_id
        return [each["_id"] for each in self.collection.find(query, {"_id": 1}).sort("_id")]

    def line(
        self,
        centre_id: str,
        within: Period,
        session: Session,
        *,
        organisation_id: str | None = None,
        entry_id: str | None = None,
        until: datetime | None = None,
    ) -> list[Entry]:
        """Who waits at a centre for a time that touches the period, the first to come first.

        Args:
            organisation_id: for this one alone.
            entry_id: this one alone, if it does.
            until: only those who had come by then.
        """
        query: Document = {
            "centre_id": centre_id,
            "status": EntryStatus.WAITING.value,
            "window.starts_at": {"$lt": within.ends_at},
            "window.ends_at": {"$gt": within.starts_at},
        }
        if organisation_id is not None:
            query["organisation_id"] = organisation_id
        if entry_id is not None:
            query["_id"] = entry_id
        if until is not None:
            query["created_at"] = {"$lte": until}
        return self.page(query, order=("created_at", "_id"), session=session)

    def waiting_of(self, organisation_id: str, session: Session) -> list[Entry]:
        """The entries of an organisation that wait at any centre."""
        return self.page(
            {"organisation_id": organisation_id, "status": EntryStatus.WAITING.value},
            session=session,
        )

    def find(
        self, *, visible: Document | None, filters: Document, after: str | None, limit: int
    ) -> list[Entry]:
        """Entries in the order in which they came.

        Args:
            visible: what the caller may see, as a query; ``None`` for all.
            filters: fields that must be equal; ``None`` means any.
            after: id of the last one seen.
        """
        return self.page(equal_to(filters), visible, after=after, limit=limit)
