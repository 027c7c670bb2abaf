"""Opening hours: commands in, wire form out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.bookings.schemas import Request
from services.common.contracts.bookings import hours as contract
from services.common.time.opening_hours import ExceptionalDay, Season
from services.common.time.weekly_hours import WeeklyHours, parse_intervals

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
        seasons=_seasons(data),
        exceptions=_exceptions(data),
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
        seasons=_seasons(data),
        exceptions=_exceptions(data),
        dry_run=data["dry_run"],
    )


def _seasons(data: Mapping[str, Any]) -> tuple[Season, ...] | None:
    if "seasons" not in data:
        return None
    return tuple(
        Season(
            name=each["name"],
            starts_on=each["starts_on"],
            ends_on=each["ends_on"],
            weekly_hours=WeeklyHours.parse(each["weekly_hours"], f"/seasons/{number}/weekly_hours"),
        )
        for number, each in enumerate(data["seasons"])
    )


def _exceptions(data: Mapping[str, Any]) -> tuple[ExceptionalDay, ...] | None:
    if "exceptions" not in data:
        return None
    return tuple(
        ExceptionalDay(
            day=each["date"],
            name=each["name"],
            intervals=parse_intervals(each["hours"], f"/exceptions/{number}/hours"),
        )
        for number, each in enumerate(data["exceptions"])
    )
