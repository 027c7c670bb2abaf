"""Bookings outside the hours: commands in, wire form out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.bookings.domain.centre import Centre, Space
from services.bookings.domain.closures import Reason
from services.bookings.domain.outside_hours import Found, Shown
from services.bookings.schemas import Request, brief, by_start, period
from services.bookings.schemas.centres import centre, space
from services.common.contracts.bookings import outside_hours as contract
from services.common.lists import after_time, page_to_wire

# How many bookings are named: an answer must be small enough for a phone.
MOST_NAMED = 50

_list_outside = contract.ListOutside()
_resolve_outside = contract.ResolveOutside()


@dataclass(frozen=True, slots=True)
class ListOutside:
    centre_id: str
    space_id: str | None
    decision: str | None
    limit: int
    after: tuple[datetime, str] | None


@dataclass(frozen=True, slots=True)
class ResolveOutside:
    """``None`` in ``booking_ids`` means the next that wait; ``space_id`` and ``starts_at`` are for
    moving one booking to a place of the caller's choice."""

    id: str
    expected_version: int
    action: str
    booking_ids: tuple[str, ...] | None = None
    space_id: str | None = None
    starts_at: datetime | None = None
    reason: Reason | None = None


def list_outside(request: Request) -> ListOutside:
    data = _list_outside.load(request)
    after = after_time(data.pop("after"))
    return ListOutside(**data, after=after)


def resolve_outside(request: Request) -> ResolveOutside:
    data = _resolve_outside.load(request)
    ids = data.pop("booking_ids")
    return ResolveOutside(**data, booking_ids=None if ids is None else tuple(dict.fromkeys(ids)))


def outside_booking(value: Shown) -> dict[str, Any]:
    found, booking = value
    return {
        **brief(booking),
        "people": booking.people,
        "open": [period(each) for each in found.open_parts],
        "decision": found.decision.value,
    }


def outside_page(values: list[Shown], limit: int) -> dict[str, Any]:
    return page_to_wire(values, limit, outside_booking, lambda value: by_start(value[0]))


def changed_centre(value: Centre, found: Found, dry_run: bool) -> dict[str, Any]:
    return {**centre(value), **_outside(found), "dry_run": dry_run}


def changed_space(value: Space, found: Found, dry_run: bool) -> dict[str, Any]:
    return {**space(value), **_outside(found), "dry_run": dry_run}


def resolution(value: Centre, found: Found, refused: list[dict[str, str]]) -> dict[str, Any]:
    return {**centre(value), **_outside(found), "refused": refused}


def _outside(found: Found) -> dict[str, Any]:
    return {
        "outside": [outside_booking(each) for each in found.first],
        "outside_count": found.count,
    }
