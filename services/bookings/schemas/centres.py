"""Centres and spaces: commands in, wire form out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.bookings.domain.centre import Centre, Space
from services.bookings.schemas import Request
from services.common.contracts.bookings import rpc
from services.common.lists import after_id, by_id, page_to_wire
from services.common.time import weeks

_list_spaces = rpc.ListSpaces()


@dataclass(frozen=True, slots=True)
class ListSpaces:
    centre_id: str | None
    minimum_capacity: int | None
    limit: int
    after: str | None


def list_spaces(request: Request) -> ListSpaces:
    data = _list_spaces.load(request)
    after = data.pop("after")
    return ListSpaces(**data, after=after_id(after))


def centre(value: Centre) -> dict[str, Any]:
    return {
        "id": value.id,
        "name": dict(value.name),
        "time_zone": value.time_zone,
        "week_starts_on": weeks.FIRST_DAY,
        **value.timetable.to_wire(),
        "version": value.version,
    }


def space(value: Space) -> dict[str, Any]:
    return {
        "id": value.id,
        "centre_id": value.centre_id,
        **value.facts,
        "hours": None if value.timetable is None else value.timetable.to_wire(),
        "version": value.version,
    }


def space_page(values: list[Space], limit: int) -> dict[str, Any]:
    return page_to_wire(values, limit, space, by_id)
