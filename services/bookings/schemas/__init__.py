"""What the RPC methods accept, as commands; and what they return, in wire form.

The schemas, with their limits, are the contract ``services.common.contracts.bookings.rpc``; these
modules, one an aggregate, join them to the domain.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar

from services.bookings.domain.booking import Booking
from services.common import clock, errors
from services.common.contracts.bookings import rpc
from services.common.time.period import Period

T = TypeVar("T")

Request = Mapping[str, Any]

_by_id = rpc.ById()
_NO_POSITION = "not a position of this list"


def id_of(request: Request) -> str:
    identifier: str = _by_id.load(request)["id"]
    return identifier


def after_id(position: list[Any] | None) -> str | None:
    """The position in a list that is ordered by id.

    Raises:
        errors.Malformed: if it is none.
    """
    match position:
        case None:
            return None
        case [str(last_id)]:
            return last_id
    raise errors.Malformed(detail=_NO_POSITION)


def after_version(position: list[Any] | None) -> int | None:
    """The position in a history, which is ordered by version.

    Raises:
        errors.Malformed: if it is none.
    """
    match position:
        case None:
            return None
        case [int(version)]:
            return version
    raise errors.Malformed(detail=_NO_POSITION)


def after_time(position: list[Any] | None) -> tuple[datetime, str] | None:
    """The position in a list that is ordered by time, and by id where times are equal.

    Raises:
        errors.Malformed: if it is none.
    """
    match position:
        case None:
            return None
        case [str(instant), str(last_id)]:
            try:
                return clock.from_wire(instant), last_id
            except ValueError as error:
                raise errors.Malformed(detail=_NO_POSITION) from error
    raise errors.Malformed(detail=_NO_POSITION)


def page(
    values: Sequence[T],
    limit: int,
    shown: Callable[[T], dict[str, Any]],
    position: Callable[[T], list[Any]],
) -> dict[str, Any]:
    """A page of a list, of at most ``limit``.

    Args:
        values: what was found: one more than a page where there is a next one.
        shown: a value in wire form.
        position: of a value in the list, as ``after_…`` reads it back.
    """
    found = values[:limit]
    return {
        "items": [shown(value) for value in found],
        "next": position(found[-1]) if len(values) > limit else None,
    }


class Identified(Protocol):
    """What a list by id holds."""

    @property
    def id(self) -> str: ...


class Timed(Identified, Protocol):
    """What a list by start holds."""

    @property
    def period(self) -> Period: ...


def by_id(value: Identified) -> list[Any]:
    """Where a value stands in a list that is ordered by id."""
    return [value.id]


def by_start(value: Timed) -> list[Any]:
    """Where a value stands in a list that is ordered by its start."""
    return [clock.to_wire(value.period.starts_at), value.id]


def instant(value: datetime | None) -> str | None:
    """An instant in wire form, RFC 3339 in UTC; ``None`` where it has not come."""
    return None if value is None else clock.to_wire(value)


def brief(booking: Booking) -> dict[str, Any]:
    """A booking in the list of those that stand in somebody's way."""
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
