"""Calendar feeds: commands in, wire form out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.bookings.domain.calendars import Calendar, Kind
from services.bookings.schemas import Request
from services.common import clock
from services.common.contracts.bookings import calendars as contract

_create = contract.CreateCalendar()
_owner = contract.FeedOwner()
_feed = contract.Feed()


@dataclass(frozen=True, slots=True)
class CreateCalendar:
    kind: Kind
    subject_id: str | None


@dataclass(frozen=True, slots=True)
class Feed:
    token: str
    language: str


def create_calendar(request: Request) -> CreateCalendar:
    data = _create.load(request)
    return CreateCalendar(Kind(data["kind"]), data["id"])


def owner_token(request: Request) -> str:
    token: str = _owner.load(request)["token"]
    return token


def feed(request: Request) -> Feed:
    return Feed(**_feed.load(request))


def calendar(value: Calendar) -> dict[str, Any]:
    return {
        "id": value.id,
        "kind": value.kind.value,
        "subject_id": value.subject_id,
        "created_at": clock.to_wire(value.created_at),
        "version": value.version,
    }


def owner(value: Calendar) -> dict[str, Any]:
    return {"owner_id": value.owner_id, "kind": value.kind.value}


def new_calendar(value: Calendar, token: str) -> dict[str, Any]:
    return calendar(value) | {"token": token}


def calendar_list(values: Sequence[Calendar]) -> dict[str, Any]:
    return {"items": [calendar(value) for value in values]}
