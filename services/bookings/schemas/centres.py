"""Centres and spaces: commands in, wire form out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.bookings.domain.centre import Centre, Space
from services.bookings.domain.hours import WeeklyHours
from services.bookings.schemas import Request
from services.common.contracts.bookings import rpc

_list_spaces = rpc.ListSpaces()
_set_hours = rpc.SetHours()


@dataclass(frozen=True, slots=True)
class ListSpaces:
    centre_id: str | None
    minimum_capacity: int | None
    limit: int
    after: str | None


@dataclass(frozen=True, slots=True)
class SetHours:
    id: str
    expected_version: int
    weekly_hours: WeeklyHours


def list_spaces(request: Request) -> ListSpaces:
    data = _list_spaces.load(request)
    after = data.pop("after")
    return ListSpaces(**data, after=None if after is None else str(after[0]) if after else None)


def set_hours(request: Request) -> SetHours:
    data = _set_hours.load(request)
    return SetHours(
        id=data["id"],
        expected_version=data["expected_version"],
        weekly_hours=WeeklyHours.parse(data["weekly_hours"]),
    )


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
