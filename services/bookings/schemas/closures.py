"""Closures: commands in, wire form out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from services.bookings.domain.booking import Booking
from services.bookings.domain.booking_notes import Affected
from services.bookings.domain.closures import Closure, Kind, Progress, Reason
from services.bookings.schemas import Request, by_start, instant, period
from services.common import clock
from services.common.contracts.bookings import closures as contract
from services.common.lists import after_time, page_to_wire
from services.common.time.period import Period

_plan_closure = contract.PlanClosure()
_list_closures = contract.ListClosures()
_resolve_closure = contract.ResolveClosure()
_lift_closure = contract.LiftClosure()
_change_closure = contract.ChangeClosure()


@dataclass(frozen=True, slots=True)
class PlanClosure:
    """``None`` in ``space_ids`` means all spaces that the centre has."""

    centre_id: str
    space_ids: tuple[str, ...] | None
    period: Period
    kind: Kind
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class ListClosures:
    centre_id: str
    status: str | None
    ends_after: datetime | None
    limit: int
    after: tuple[datetime, str] | None


@dataclass(frozen=True, slots=True)
class ResolveClosure:
    """``None`` in ``booking_ids`` means the next that wait; ``space_id`` and ``starts_at`` are for
    moving one booking to a place of the caller's choice."""

    id: str
    expected_version: int
    action: str
    booking_ids: tuple[str, ...] | None = None
    space_id: str | None = None
    starts_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LiftClosure:
    id: str
    expected_version: int


class Unchanged(Enum):
    """The mark of what a change leaves as it is, where nothing (``None``) is a value too."""

    UNCHANGED = "unchanged"


UNCHANGED = Unchanged.UNCHANGED


@dataclass(frozen=True, slots=True)
class ChangeClosure:
    id: str
    expected_version: int
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    reason: Reason | Unchanged | None = UNCHANGED


def plan_closure(request: Request) -> PlanClosure:
    data = _plan_closure.load(request)
    space_ids = data["space_ids"]
    return PlanClosure(
        centre_id=data["centre_id"],
        space_ids=None if space_ids is None else tuple(dict.fromkeys(space_ids)),
        period=Period(data["starts_at"], data["ends_at"]),
        kind=Kind(data["kind"]),
        reason=data["reason"],
    )


def list_closures(request: Request) -> ListClosures:
    data = _list_closures.load(request)
    after = after_time(data.pop("after"))
    return ListClosures(**data, after=after)


def resolve_closure(request: Request) -> ResolveClosure:
    data = _resolve_closure.load(request)
    booking_ids = data.pop("booking_ids")
    return ResolveClosure(
        **data, booking_ids=None if booking_ids is None else tuple(dict.fromkeys(booking_ids))
    )


def lift_closure(request: Request) -> LiftClosure:
    return LiftClosure(**_lift_closure.load(request))


def change_closure(request: Request) -> ChangeClosure:
    return ChangeClosure(**_change_closure.load(request))


def closure(value: Closure) -> dict[str, Any]:
    reason = value.reason
    return {
        "id": value.id,
        "centre_id": value.centre_id,
        "space_ids": list(value.space_ids),
        "kind": value.kind.value,
        "reason": reason if reason is None or isinstance(reason, str) else dict(reason),
        **period(value.period),
        "time_zone": value.time_zone,
        "status": value.status,
        "state": value.state.value,
        "all_spaces": value.all_spaces,
        "closed_by": value.closed_by,
        "lifted_by": value.lifted_by,
        "lifted_at": instant(value.lifted_at),
        "version": value.version,
        "created_at": clock.to_wire(value.created_at),
        "updated_at": clock.to_wire(value.updated_at),
    }


def affected(value: Closure, bookings: Iterable[Booking]) -> list[dict[str, Any]]:
    """The bookings in a closure's way: where they stood, and what became of them."""
    return [_affected(value, booking) for booking in bookings]


def _affected(value: Closure, booking: Booking) -> dict[str, Any]:
    here = Affected(value.id, booking.space_id, booking.period)
    then = next((each for each in booking.affected_by if each.closure_id == value.id), here)
    return {
        "booking_id": booking.id,
        "organisation_id": booking.organisation_id,
        "booked_by": booking.booked_by,
        "title": booking.title,
        "people": booking.people,
        "space_id": then.space_id,
        **period(then.period),
        "outcome": value.outcome(booking),
        "now_space_id": booking.space_id,
        "now_starts_at": clock.to_wire(booking.period.starts_at),
        "now_ends_at": clock.to_wire(booking.period.ends_at),
        "status": booking.status.value,
        "version": booking.version,
    }


def with_affected(
    value: Closure, bookings: Iterable[Booking], progress: Progress | None
) -> dict[str, Any]:
    return {
        **closure(value),
        "progress": None if progress is None else asdict(progress),
        "affected": affected(value, bookings),
    }


def preview(value: Closure, bookings: Iterable[Booking]) -> dict[str, Any]:
    return {
        "centre_id": value.centre_id,
        "space_ids": list(value.space_ids),
        **period(value.period),
        "affected": affected(value, bookings),
    }


def closure_page(values: list[Closure], limit: int) -> dict[str, Any]:
    return page_to_wire(values, limit, closure, by_start)
