"""Reports about consultations: queries in, wire form out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.common.contracts.consultations import statistics as contract
from services.common.contracts.report_periods import ListFrozenPeriods as ListFrozen
from services.common.lists import after_id, by_id, page_to_wire
from services.common.report_periods import period_to_wire
from services.consultations.domain.statistics import (
    FrozenPeriod,
    Meetings,
    Sealed,
    Statistics,
    Table,
    Times,
)
from services.consultations.schemas import Request

Names = Mapping[str, Mapping[str, str]]

_report_consultations = contract.ReportConsultations()
_freeze_consultations = contract.FreezeConsultations()
_list_frozen_periods = ListFrozen()


@dataclass(frozen=True, slots=True)
class ReportConsultations:
    first_day: date
    last_day: date
    centre_id: str | None = None


@dataclass(frozen=True, slots=True)
class FreezeConsultations:
    title: str
    first_day: date
    last_day: date


@dataclass(frozen=True, slots=True)
class ListFrozenPeriods:
    limit: int
    after: str | None


def report_consultations(request: Request) -> ReportConsultations:
    return ReportConsultations(**_report_consultations.load(request))


def freeze(request: Request) -> FreezeConsultations:
    return FreezeConsultations(**_freeze_consultations.load(request))


def list_frozen_periods(request: Request) -> ListFrozenPeriods:
    data = _list_frozen_periods.load(request)
    return ListFrozenPeriods(data["limit"], after_id(data["after"]))


# -- wire form -------------------------------------------------------------------------------------


def report(
    first_day: date,
    last_day: date,
    centre_id: str | None,
    shown: Statistics,
    *,
    suppressed: bool,
    kinds: Names,
    centres: Names,
) -> dict[str, Any]:
    """Args:
    kinds, centres: their names by id.
    """
    return {
        "first_day": first_day.isoformat(),
        "last_day": last_day.isoformat(),
        "centre_id": centre_id,
        "suppressed": suppressed,
        "cases": shown.cases,
        "tables": [
            _table("kind", shown.by_kind, kinds, shown.by_kind_and_centre),
            _table("centre", shown.by_centre, centres),
            _table("status", shown.by_status, {}),
        ],
        "first_answer": _times(shown.first_answer, kinds),
        "resolution": _times(shown.resolution, kinds),
        "meetings": [_meetings(way, each) for way, each in shown.meetings.items()],
        "ratings": {
            "rated": shown.rated,
            "mean_score": None if shown.mean_score is None else shown.mean_score / 100,
            "scores": [
                {"score": int(score), "cases": cases} for score, cases in shown.ratings.items()
            ],
        },
        "organisations": [
            {"year": int(year), "pursued": each.pursued, "improved": each.improved}
            for year, each in shown.organisations.items()
        ],
        "sealed": _sealed(shown.sealed),
    }


def _table(
    by: str, table: Table, names: Names, crossed: Mapping[str, Table] | None = None
) -> dict[str, Any]:
    return {
        "by": by,
        "rows": [
            {
                "category": category,
                "name": _name(names, category),
                "cases": cases,
                "by_centre": None if crossed is None else dict(crossed[category]),
            }
            for category, cases in table.items()
        ],
    }


def _name(names: Names, category: str) -> dict[str, str] | None:
    return dict(names[category]) if category in names else None


def _times(times: Mapping[str, Times], kinds: Names) -> list[dict[str, Any]]:
    return [
        {
            "category": kind,
            "name": _name(kinds, kind),
            "cases": each.cases,
            "median_minutes": each.median_minutes,
            "in_time": each.in_time,
        }
        for kind, each in times.items()
    ]


def _meetings(way: str, value: Meetings) -> dict[str, Any]:
    return {
        "way": way,
        "cases": value.cases,
        "meetings": value.meetings,
        "minutes": value.minutes,
    }


def _sealed(value: Sealed | None) -> dict[str, Any] | None:
    if value is None:
        return None
    return {
        "cases": value.cases,
        "by_kind": dict(value.by_kind),
        "by_centre": dict(value.by_centre),
    }


def frozen_period_page(values: Sequence[FrozenPeriod], limit: int) -> dict[str, Any]:
    return page_to_wire(values, limit, period_to_wire, by_id)
