"""What the RPC methods accept, as commands; and what they return, in wire form.

The schemas, with their limits, are the contract ``services.common.contracts.bookings.rpc``;
here are joined to the domain.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.bookings.domain.availability import Alternative
from services.bookings.domain.booking import Booking, Change
from services.bookings.domain.centre import Centre, Space
from services.bookings.domain.hours import Period, WeeklyHours
from services.common import clock, errors
from services.common.contracts.bookings import rpc

Request = Mapping[str, Any]

_by_id = rpc.ById()
_create_booking = rpc.CreateBooking()
_change_booking = rpc.ChangeBooking()
_cancel_booking = rpc.CancelBooking()
_list_bookings = rpc.ListBookings()
_list_spaces = rpc.ListSpaces()
_find_availability = rpc.FindAvailability()
_set_hours = rpc.SetHours()


@dataclass(frozen=True, slots=True)
class CreateBooking:
    space_id: str
    organisation_id: str
    period: Period
    title: str
    purpose: str
    people: int | None


@dataclass(frozen=True, slots=True)
class ChangeBooking:
    """``None`` in ``space_id``, ``starts_at`` or ``ends_at`` leaves it; ``details`` has only what
    is to change."""

    id: str
    expected_version: int
    space_id: str | None
    starts_at: datetime | None
    ends_at: datetime | None
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CancelBooking:
    id: str
    expected_version: int
    reason: str | None


@dataclass(frozen=True, slots=True)
class ListBookings:
    filters: Mapping[str, Any]
    limit: int
    after: tuple[datetime, str] | None


@dataclass(frozen=True, slots=True)
class ListSpaces:
    centre_id: str | None
    minimum_capacity: int | None
    limit: int
    after: str | None


@dataclass(frozen=True, slots=True)
class FindAvailability:
    centre_id: str | None
    space_id: str | None
    period: Period
    duration_minutes: int
    minimum_capacity: int | None


@dataclass(frozen=True, slots=True)
class SetHours:
    id: str
    expected_version: int
    weekly_hours: WeeklyHours


def id_of(request: Request) -> str:
    identifier: str = _by_id.load(request)["id"]
    return identifier


def create_booking(request: Request) -> CreateBooking:
    data = _create_booking.load(request)
    return CreateBooking(
        space_id=data["space_id"],
        organisation_id=data["organisation_id"],
        period=Period(data["starts_at"], data["ends_at"]),
        title=data["title"],
        purpose=data["purpose"],
        people=data["people"],
    )


def change_booking(request: Request) -> ChangeBooking:
    data = _change_booking.load(request)
    return ChangeBooking(
        id=data["id"],
        expected_version=data["expected_version"],
        space_id=data.get("space_id"),
        starts_at=data.get("starts_at"),
        ends_at=data.get("ends_at"),
        details={key: data[key] for key in ("title", "purpose", "people") if key in data},
    )


def cancel_booking(request: Request) -> CancelBooking:
    return CancelBooking(**_cancel_booking.load(request))


def list_bookings(request: Request) -> ListBookings:
    data = _list_bookings.load(request)
    limit, after = data.pop("limit"), data.pop("after")
    position = None
    if after is not None:
        try:
            starts_at, booking_id = after
            position = (clock.from_wire(starts_at), str(booking_id))
        except (ValueError, TypeError) as error:
            raise errors.Malformed(detail="not a position of this list") from error
    return ListBookings(filters=data, limit=limit, after=position)


def list_spaces(request: Request) -> ListSpaces:
    data = _list_spaces.load(request)
    after = data.pop("after")
    return ListSpaces(**data, after=None if after is None else str(after[0]) if after else None)


def find_availability(request: Request) -> FindAvailability:
    data = _find_availability.load(request)
    return FindAvailability(
        centre_id=data["centre_id"],
        space_id=data["space_id"],
        period=Period(data["starts_at"], data["ends_at"]),
        duration_minutes=data["duration_minutes"],
        minimum_capacity=data["minimum_capacity"],
    )


def set_hours(request: Request) -> SetHours:
    data = _set_hours.load(request)
    return SetHours(
        id=data["id"],
        expected_version=data["expected_version"],
        weekly_hours=WeeklyHours.parse(data["weekly_hours"]),
    )


def booking(value: Booking) -> dict[str, Any]:
    return {
        "id": value.id,
        "space_id": value.space_id,
        "centre_id": value.centre_id,
        "organisation_id": value.organisation_id,
        "booked_by": value.booked_by,
        "starts_at": clock.to_wire(value.period.starts_at),
        "ends_at": clock.to_wire(value.period.ends_at),
        "time_zone": value.time_zone,
        "title": value.title,
        "purpose": value.purpose,
        "people": value.people,
        "status": value.status.value,
        "cancellation_reason": value.cancellation_reason,
        "version": value.version,
        "created_at": clock.to_wire(value.created_at),
        "updated_at": clock.to_wire(value.updated_at),
    }


def booking_page(values: list[Booking], limit: int) -> dict[str, Any]:
    """A page of at most ``limit``; ``values`` holds one more where there is a next page."""
    page = values[:limit]
    more = len(values) > limit
    last = page[-1] if more else None
    return {
        "items": [booking(value) for value in page],
        "next": [clock.to_wire(last.period.starts_at), last.id] if last else None,
    }


def history(entries: tuple[Change, ...]) -> dict[str, Any]:
    return {
        "items": [
            {
                "at": clock.to_wire(entry.at),
                "by": entry.by,
                "action": entry.action,
                "reason": entry.reason,
                "changes": {
                    field: {"from": old, "to": new} for field, (old, new) in entry.changes.items()
                },
                "version": entry.version,
            }
            for entry in entries
        ]
    }


def centre(value: Centre) -> dict[str, Any]:
    return {
        "id": value.id,
        "name": dict(value.name),
        "time_zone": value.time_zone,
        "weekly_hours": value.weekly_hours.to_wire(),
        "version": value.version,
    }


def space(value: Space) -> dict[str, Any]:
    return {
        "id": value.id,
        "centre_id": value.centre_id,
        "name": dict(value.name),
        "capacity": value.capacity,
        "features": list(value.features),
        "buffer_before_minutes": int(value.buffer_before.total_seconds() // 60),
        "buffer_after_minutes": int(value.buffer_after.total_seconds() // 60),
        "version": value.version,
    }


def space_page(values: list[Space], limit: int) -> dict[str, Any]:
    page = values[:limit]
    return {
        "items": [space(value) for value in page],
        "next": [page[-1].id] if len(values) > limit else None,
    }


def period(value: Period) -> dict[str, str]:
    return {"starts_at": clock.to_wire(value.starts_at), "ends_at": clock.to_wire(value.ends_at)}


def availability(found: list[tuple[Space, list[Period]]]) -> dict[str, Any]:
    return {
        "items": [
            {
                "space_id": value.id,
                "centre_id": value.centre_id,
                "free": [period(each) for each in free],
            }
            for value, free in found
        ]
    }


def alternative(value: Alternative) -> dict[str, Any]:
    return {
        "kind": value.kind,
        "space_id": value.space.id,
        "centre_id": value.space.centre_id,
        "space_name": dict(value.space.name),
        **period(value.period),
    }
