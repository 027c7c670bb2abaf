"""Bookings: commands in, wire form out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from typing import Any

from services.bookings.domain import permissions
from services.bookings.domain.availability import Alternative
from services.bookings.domain.booking import Booking
from services.bookings.domain.booking_details import DETAILS, BookingDetails
from services.bookings.domain.booking_states import CODE_IS_OF_USE
from services.bookings.domain.centre import PlaceNames
from services.bookings.domain.equipment import Need
from services.bookings.domain.own_use import OwnUse
from services.bookings.schemas import Request, by_start, instant, period
from services.bookings.schemas.equipment import needs_of, needs_to_wire
from services.common import clock
from services.common.context import VISITOR, Caller
from services.common.contracts.bookings import rpc
from services.common.lists import after_time, page_to_wire
from services.common.time.period import Period

_create_booking = rpc.CreateBooking()
_change_booking = rpc.ChangeBooking()
_cancel_booking = rpc.CancelBooking()
_get_booking = rpc.GetBooking()
_list_bookings = rpc.ListBookings()


@dataclass(frozen=True, slots=True)
class CreateBooking(BookingDetails):
    space_id: str
    organisation_id: str
    period: Period
    beyond_budget: bool = False
    equipment: tuple[Need, ...] = ()


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
    names: bool = False


@dataclass(frozen=True, slots=True)
class GetBooking:
    booking_id: str
    names: bool = False


def create_booking(request: Request) -> CreateBooking:
    data = _create_booking.load(request)
    return CreateBooking(
        space_id=data["space_id"],
        organisation_id=data["organisation_id"],
        period=Period(data["starts_at"], data["ends_at"]),
        **{name: data[name] for name in DETAILS},
        beyond_budget=data["beyond_budget"],
        equipment=needs_of(data["equipment"]),
    )


def change_booking(request: Request) -> ChangeBooking:
    data = _change_booking.load(request)
    details = {key: data[key] for key in DETAILS if key in data}
    if "equipment" in data:
        details["equipment"] = needs_of(data["equipment"])
    return ChangeBooking(
        id=data["id"],
        expected_version=data["expected_version"],
        space_id=data.get("space_id"),
        starts_at=data.get("starts_at"),
        ends_at=data.get("ends_at"),
        details=details,
    )


def cancel_booking(request: Request) -> CancelBooking:
    return CancelBooking(**_cancel_booking.load(request))


def list_bookings(request: Request) -> ListBookings:
    data = _list_bookings.load(request)
    limit, after, names = data.pop("limit"), data.pop("after"), data.pop("names")
    return ListBookings(filters=data, limit=limit, after=after_time(after), names=names)


def get_booking(request: Request) -> GetBooking:
    data = _get_booking.load(request)
    return GetBooking(data["id"], data["names"])


def booking(
    value: Booking, caller: Caller = VISITOR, names: PlaceNames | None = None
) -> dict[str, Any]:
    """Args:
    caller: who will read it; only the organisation's people are given the door code.
    names: those that are shown with it, where they are wanted.
    """
    shows_code = value.status in CODE_IS_OF_USE and permissions.sees_door_code(caller, value)
    return {
        "id": value.id,
        "space_id": value.space_id,
        "centre_id": value.centre_id,
        "organisation_id": value.organisation_id,
        "booked_by": value.booked_by,
        "series_id": value.series_id,
        "starts_at": clock.to_wire(value.period.starts_at),
        "ends_at": clock.to_wire(value.period.ends_at),
        "time_zone": value.time_zone,
        "title": value.title,
        "purpose": value.purpose,
        "people": value.people,
        "equipment": needs_to_wire(value.equipment),
        "status": value.status.value,
        "cancellation_reason": value.cancellation_reason,
        "cancelled_late": value.cancelled_late,
        "rejection_reason": value.rejection_reason,
        "expires_at": instant(value.expires_at),
        "headcount": None if value.headcount is None else asdict(value.headcount),
        "checked_in_at": instant(value.checked_in_at),
        "door_code": value.door_code if shows_code else None,
        "own_use": own_use(value.own_use),
        "version": value.version,
        "created_at": clock.to_wire(value.created_at),
        "updated_at": clock.to_wire(value.updated_at),
        **({} if names is None else _named(value, names)),
    }


def own_use(value: OwnUse | None) -> dict[str, Any] | None:
    if value is None:
        return None
    requester, _, request_id = value.request.partition(":")
    return {
        "requester": requester,
        "request_id": request_id,
        "item_id": value.item.item_id,
        "label": dict(value.label),
    }


def _named(value: Booking, names: PlaceNames) -> dict[str, Any]:
    return {
        "space_name": dict(names.spaces[value.space_id]),
        "centre_name": dict(names.centres[value.centre_id]),
    }


def booking_page(
    values: list[Booking], limit: int, caller: Caller = VISITOR, names: PlaceNames | None = None
) -> dict[str, Any]:
    return page_to_wire(values, limit, partial(booking, caller=caller, names=names), by_start)


def alternative(value: Alternative) -> dict[str, Any]:
    return {
        "kind": value.kind,
        "space_id": value.space.id,
        "centre_id": value.space.centre_id,
        "space_name": dict(value.space.name),
        "needs_approval": value.space.needs_approval,
        **period(value.period),
    }
