"""Waitlist entries as documents."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from pymongo import ASCENDING

from services.bookings.domain.equipment import Need
from services.bookings.domain.waitlist import Entry, EntryStatus, Offer
from services.common.storage.aggregates import Aggregates, equal_to
from services.common.storage.mongo import Database, Document, Session
from services.common.time.period import Period


class WaitlistStore(Aggregates[Entry]):
    """Waitlist entries."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.collection("waitlist_entries"), document_of, entry_of)

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
            "window_from": {"$lt": within.ends_at},
            "window_to": {"$gt": within.starts_at},
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


def document_of(entry: Entry) -> Document:
    """An entry as it is stored, and as it is kept with the idempotency key of its creation."""
    return {
        "_id": entry.id,
        "space_id": entry.space_id,
        "centre_id": entry.centre_id,
        "organisation_id": entry.organisation_id,
        "booked_by": entry.booked_by,
        "window_from": entry.window.starts_at,
        "window_to": entry.window.ends_at,
        "duration_minutes": entry.duration // timedelta(minutes=1),
        "title": entry.title,
        "purpose": entry.purpose,
        "people": entry.people,
        "features": list(entry.features),
        "equipment": [asdict(each) for each in entry.equipment],
        "created_at": entry.created_at,
        "updated_at": entry.updated_at,
        "status": entry.status.value,
        "offer": None
        if entry.offer is None
        else {
            "booking_id": entry.offer.booking_id,
            "space_id": entry.offer.space_id,
            "starts_at": entry.offer.period.starts_at,
            "ends_at": entry.offer.period.ends_at,
            "expires_at": entry.offer.expires_at,
        },
        "version": entry.version,
    }


def entry_of(document: Document) -> Entry:
    values: dict[str, Any] = dict(document)
    offer = values.pop("offer")
    return Entry(
        id=values.pop("_id"),
        window=Period(values.pop("window_from"), values.pop("window_to")),
        duration=timedelta(minutes=values.pop("duration_minutes")),
        features=tuple(values.pop("features")),
        equipment=tuple(Need(**each) for each in values.pop("equipment")),
        status=EntryStatus(values.pop("status")),
        offer=None
        if offer is None
        else Offer(
            offer["booking_id"],
            offer["space_id"],
            Period(offer["starts_at"], offer["ends_at"]),
            offer["expires_at"],
        ),
        **values,
    )
