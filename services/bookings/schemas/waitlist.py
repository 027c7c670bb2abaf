"""The waitlist: commands in, wire form out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from services.bookings.domain.equipment import Need
from services.bookings.domain.waitlist import Entry, Offer
from services.bookings.schemas import Request, period
from services.bookings.schemas.equipment import needs_of, needs_to_wire
from services.common import clock
from services.common.contracts.bookings import waitlist as contract
from services.common.lists import after_id, by_id, page_to_wire
from services.common.time.period import Period

_join_waitlist = contract.JoinWaitlist()
_change_entry = contract.ChangeWaitlistEntry()
_list_entries = contract.ListWaitlistEntries()


@dataclass(frozen=True, slots=True)
class JoinWaitlist:
    space_id: str | None
    centre_id: str | None
    organisation_id: str
    window: Period
    duration: timedelta
    title: str
    purpose: str
    people: int | None
    features: tuple[str, ...]
    equipment: tuple[Need, ...] = ()


@dataclass(frozen=True, slots=True)
class ChangeWaitlistEntry:
    id: str
    expected_version: int


@dataclass(frozen=True, slots=True)
class ListWaitlistEntries:
    filters: Mapping[str, Any]
    limit: int
    after: str | None


def join_waitlist(request: Request) -> JoinWaitlist:
    data = _join_waitlist.load(request)
    return JoinWaitlist(
        space_id=data["space_id"],
        centre_id=data["centre_id"],
        organisation_id=data["organisation_id"],
        window=Period(data["window_from"], data["window_to"]),
        duration=timedelta(minutes=data["duration_minutes"]),
        title=data["title"],
        purpose=data["purpose"],
        people=data["people"],
        features=tuple(sorted(set(data["features"]))),
        equipment=needs_of(data["equipment"]),
    )


def change_entry(request: Request) -> ChangeWaitlistEntry:
    return ChangeWaitlistEntry(**_change_entry.load(request))


def list_entries(request: Request) -> ListWaitlistEntries:
    data = _list_entries.load(request)
    limit, after = data.pop("limit"), data.pop("after")
    return ListWaitlistEntries(data, limit, after_id(after))


def entry(value: Entry) -> dict[str, Any]:
    return {
        "id": value.id,
        "space_id": value.space_id,
        "centre_id": value.centre_id,
        "organisation_id": value.organisation_id,
        "booked_by": value.booked_by,
        "window_from": clock.to_wire(value.window.starts_at),
        "window_to": clock.to_wire(value.window.ends_at),
        "duration_minutes": value.duration // timedelta(minutes=1),
        "title": value.title,
        "purpose": value.purpose,
        "people": value.people,
        "features": list(value.features),
        "equipment": needs_to_wire(value.equipment),
        "status": value.status.value,
        "offer": None if value.offer is None else _offer(value.offer),
        "version": value.version,
        "created_at": clock.to_wire(value.created_at),
        "updated_at": clock.to_wire(value.updated_at),
    }


def entry_page(values: list[Entry], limit: int) -> dict[str, Any]:
    return page_to_wire(values, limit, entry, by_id)


def _offer(value: Offer) -> dict[str, Any]:
    return {
        "booking_id": value.booking_id,
        "space_id": value.space_id,
        **period(value.period),
        "expires_at": clock.to_wire(value.expires_at),
    }
