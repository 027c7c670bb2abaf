"""Availability: query in, free periods out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.bookings.domain.centre import Space
from services.bookings.domain.hours import Period
from services.bookings.schemas import Request, period
from services.common.contracts.bookings import rpc

_find_availability = rpc.FindAvailability()


@dataclass(frozen=True, slots=True)
class FindAvailability:
    centre_id: str | None
    space_id: str | None
    period: Period
    duration_minutes: int
    minimum_capacity: int | None


def find_availability(request: Request) -> FindAvailability:
    data = _find_availability.load(request)
    return FindAvailability(
        centre_id=data["centre_id"],
        space_id=data["space_id"],
        period=Period(data["starts_at"], data["ends_at"]),
        duration_minutes=data["duration_minutes"],
        minimum_capacity=data["minimum_capacity"],
    )


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
