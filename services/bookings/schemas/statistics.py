"""Reports: queries in, wire form out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.bookings.domain.statistics import Row, rate
from services.bookings.schemas import Request
from services.common.contracts.bookings import statistics as contract

_report = contract.ReportUtilisation()


@dataclass(frozen=True, slots=True)
class ReportUtilisation:
    first_day: date
    last_day: date
    group_by: str


@dataclass(frozen=True, slots=True)
class Utilisation:
    """A report: a row for each key, with names where this branch knows them."""

    query: ReportUtilisation
    centres: tuple[str, ...]
    rows: Mapping[str, Row]
    names: Mapping[str, Mapping[str, str]]


def report_utilisation(request: Request) -> ReportUtilisation:
    return ReportUtilisation(**_report.load(request))


def utilisation(value: Utilisation) -> dict[str, Any]:
    return {
        "first_day": value.query.first_day.isoformat(),
        "last_day": value.query.last_day.isoformat(),
        "group_by": value.query.group_by,
        "centres": list(value.centres),
        "items": [_row(key, row, value.names.get(key)) for key, row in value.rows.items()],
    }


def _row(key: str, row: Row, name: Mapping[str, str] | None) -> dict[str, Any]:
    return {
        "key": key,
        "name": None if name is None else dict(name),
        "bookings": row.bookings,
        "hours": _share(round(row.minutes / 60, 2), round(row.open_minutes / 60, 2)),
        "no_shows": _share(row.no_shows, row.came + row.no_shows),
        "late_cancellations": _share(
            row.cancelled_late, row.bookings + row.no_shows + row.cancelled
        ),
        "inter_organisation_meetings": row.met,
        "headcounts": row.headcounts,
        "women": row.women,
        "men": row.men,
    }


def _share(count: float, of: float) -> dict[str, float | None]:
    return {"count": count, "of": of, "rate": rate(count, of)}
