"""Opening hours: commands in, wire form out."""

from __future__ import annotations

from dataclasses import dataclass

from services.bookings.schemas import Request
from services.common.contracts.bookings import hours as contract
from services.common.time.opening_hours import (
    ExceptionalDay,
    Season,
    parse_exceptions,
    parse_seasons,
)
from services.common.time.weekly_hours import WeeklyHours

_set_hours = contract.SetHours()
_set_space_hours = contract.SetSpaceHours()


@dataclass(frozen=True, slots=True)
class SetHours:
    """``None`` in ``seasons``, ``exceptions`` or ``time_zone`` leaves what there is."""

    id: str
    expected_version: int
    weekly_hours: WeeklyHours
    seasons: tuple[Season, ...] | None = None
    exceptions: tuple[ExceptionalDay, ...] | None = None
    time_zone: str | None = None
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class SetSpaceHours:
    """Without ``weekly_hours`` the space has no hours of its own any more."""

    id: str
    expected_version: int
    weekly_hours: WeeklyHours | None
    seasons: tuple[Season, ...] | None = None
    exceptions: tuple[ExceptionalDay, ...] | None = None
    dry_run: bool = False


def set_hours(request: Request) -> SetHours:
    data = _set_hours.load(request)
    return SetHours(
        id=data["id"],
        expected_version=data["expected_version"],
        weekly_hours=WeeklyHours.parse(data["weekly_hours"]),
        seasons=parse_seasons(data.get("seasons")),
        exceptions=parse_exceptions(data.get("exceptions")),
        time_zone=data.get("time_zone"),
        dry_run=data["dry_run"],
    )


def set_space_hours(request: Request) -> SetSpaceHours:
    data = _set_space_hours.load(request)
    weekly = data["weekly_hours"]
    return SetSpaceHours(
        id=data["id"],
        expected_version=data["expected_version"],
        weekly_hours=None if weekly is None else WeeklyHours.parse(weekly),
        seasons=parse_seasons(data.get("seasons")),
        exceptions=parse_exceptions(data.get("exceptions")),
        dry_run=data["dry_run"],
    )
