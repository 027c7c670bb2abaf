"""What the RPC methods accept, as commands; and what they return, in wire form.

The schemas, with their limits, are the contract ``services.common.contracts.bookings.rpc``; these
modules, one an aggregate, join them to the domain.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from services.bookings.domain.booking import Booking
from services.common import clock
from services.common.contracts.bookings import rpc
from services.common.lists import Identified, Position, by_time
from services.common.time.period import Period

Request = Mapping[str, Any]

_by_id = rpc.ById()


def id_of(request: Request) -> str:
    identifier: str = _by_id.load(request)["id"]
    return identifier


class Timed(Identified, Protocol):
    """What a list by start holds."""

    @property
    def period(self) -> Period: ...


def by_start(value: Timed) -> Position:
    """The position of a value in a list that is ordered by its start."""
    return by_time(value.period.starts_at, value.id)


def instant(value: datetime | None) -> str | None:
    """An instant in wire form, RFC 3339 in UTC; ``None`` where it has not come."""
    return None if value is None else clock.to_wire(value)


def brief(booking: Booking) -> dict[str, Any]:
    """A booking in the list of those that prevent a change."""
    return {
        "booking_id": booking.id,
        "organisation_id": booking.organisation_id,
        "booked_by": booking.booked_by,
        "title": booking.title,
        "space_id": booking.space_id,
        **period(booking.period),
        "status": booking.status.value,
        "people": booking.people,
        "version": booking.version,
    }


def period(value: Period) -> dict[str, str]:
    return {"starts_at": clock.to_wire(value.starts_at), "ends_at": clock.to_wire(value.ends_at)}
