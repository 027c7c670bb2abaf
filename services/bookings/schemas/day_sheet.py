"""The day sheet: query in, wire form out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from services.bookings.domain.day_sheet import DaySheet, Line
from services.bookings.schemas import Request, period
from services.bookings.schemas.bookings import own_use
from services.bookings.schemas.equipment import needs_to_wire
from services.common.contracts.bookings import day_sheet as contract
from services.common.time.period import Period

_get_day_sheet = contract.GetDaySheet()
_get_day_sheets = contract.GetDaySheets()


@dataclass(frozen=True, slots=True)
class GetDaySheet:
    centre_id: str
    day: date


@dataclass(frozen=True, slots=True)
class GetDaySheets:
    centre_id: str
    first_day: date
    last_day: date


def get_day_sheets(request: Request) -> GetDaySheets:
    data = _get_day_sheets.load(request)
    return GetDaySheets(data["centre_id"], data["first_day"], data["last_day"])


def get_day_sheet(request: Request) -> GetDaySheet:
    data = _get_day_sheet.load(request)
    return GetDaySheet(data["centre_id"], data["date"])


def day_sheet(value: DaySheet) -> dict[str, Any]:
    zone = value.centre.time_zone
    return {
        "centre_id": value.centre.id,
        "name": dict(value.centre.name),
        "time_zone": zone,
        "date": value.day.isoformat(),
        "occasion": None if value.occasion is None else dict(value.occasion),
        "open": [_local(each, zone) for each in value.open],
        "spaces": [_line(each, zone) for each in value.lines],
    }


def _line(line: Line, zone: str) -> dict[str, Any]:
    return {
        "space_id": line.space.id,
        "name": dict(line.space.name),
        "capacity": line.space.capacity,
        "open": [_local(each, zone) for each in line.open],
        "closures": [
            {
                "closure_id": each.id,
                "kind": each.kind.value,
                "reason": each.reason
                if each.reason is None or isinstance(each.reason, str)
                else dict(each.reason),
                **_local(each.period, zone),
            }
            for each in line.closures
        ],
        "bookings": [
            {
                "booking_id": each.id,
                "status": each.status.value,
                "organisation_id": each.organisation_id,
                "title": each.title,
                "purpose": each.purpose,
                "people": each.people,
                "equipment": needs_to_wire(each.equipment),
                "booked_by": each.booked_by,
                "own_use": own_use(each.own_use),
                "version": each.version,
                **_local(each.period, zone),
            }
            for each in line.bookings
        ],
    }


def _local(value: Period, zone: str) -> dict[str, str]:
    tz = ZoneInfo(zone)
    start, end = (
        each.astimezone(tz).replace(tzinfo=None).isoformat(timespec="minutes")
        for each in (value.starts_at, value.ends_at)
    )
    return {**period(value), "local_start": start, "local_end": end}
