"""Availability: query in, free periods out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.bookings.domain.centre import Space
from services.bookings.domain.equipment import Need
from services.bookings.schemas import Request
from services.bookings.schemas.equipment import needs_of
from services.common import clock
from services.common.contracts.bookings import rpc
from services.common.time.period import Period

_find_availability = rpc.FindAvailability()


@dataclass(frozen=True, slots=True)
class FindAvailability:
    centre_id: str | None
    space_id: str | None
    period: Period
    duration_minutes: int
    minimum_capacity: int | None
    features: tuple[str, ...] = ()
    equipment: tuple[Need, ...] = ()


def find_availability(request: Request) -> FindAvailability:
    data = _find_availability.load(request)
    return FindAvailability(
        centre_id=data["centre_id"],
        space_id=data["space_id"],
        period=Period(data["starts_at"], data["ends_at"]),
        duration_minutes=data["duration_minutes"],
        minimum_capacity=data["minimum_capacity"],
        features=tuple(data["features"]),
        equipment=needs_of(data["equipment"]),
    )


def availability(found: list[tuple[Space, list[Period]]]) -> dict[str, Any]:
    texts = _Texts()
    return {
        "items": [
            {
                "space_id": value.id,
                "centre_id": value.centre_id,
                "free": [
                    {"starts_at": texts[each.starts_at], "ends_at": texts[each.ends_at]}
                    for each in free
                ],
            }
            for value, free in found
        ]
    }


class _Texts(dict[datetime, str]):
    """Instants → wire form, each made once: many spaces open and close together."""

    def __missing__(self, instant: datetime) -> str:
        text = self[instant] = clock.to_wire(instant)
        return text
