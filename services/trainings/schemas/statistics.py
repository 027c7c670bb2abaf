"""Reports about trainees: queries in, wire form out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.common.contracts.report_periods import ListFrozenPeriods as ListFrozen
from services.common.contracts.trainings import statistics as contract
from services.common.lists import after_id, by_id, page_to_wire
from services.common.report_periods import period_to_wire
from services.common.suppression import Shown
from services.trainings.domain.catalogue import Name
from services.trainings.domain.statistics import (
    BY_SEX,
    Breakdown,
    FrozenPeriod,
    PublicStatistics,
    Statistics,
)
from services.trainings.schemas import Request

_report_trainings = contract.ReportTrainings()
_freeze_period = contract.FreezePeriod()
_list_frozen_periods = ListFrozen()


@dataclass(frozen=True, slots=True)
class ReportTrainings:
    first_day: date
    last_day: date
    centre_id: str | None = None


@dataclass(frozen=True, slots=True)
class FreezePeriod:
    title: str
    first_day: date
    last_day: date


@dataclass(frozen=True, slots=True)
class ListFrozenPeriods:
    limit: int
    after: str | None


def report_trainings(request: Request) -> ReportTrainings:
    return ReportTrainings(**_report_trainings.load(request))


def freeze(request: Request) -> FreezePeriod:
    return FreezePeriod(**_freeze_period.load(request))


def list_frozen_periods(request: Request) -> ListFrozenPeriods:
    data = _list_frozen_periods.load(request)
    return ListFrozenPeriods(data["limit"], after_id(data["after"]))


def report(
    first_day: date,
    last_day: date,
    centre_id: str | None,
    statistics: Statistics,
    public: PublicStatistics | None,
    names: Mapping[Breakdown, Mapping[str, Name]],
) -> dict[str, Any]:
    shown = public or _exact(statistics)
    return {
        "first_day": first_day.isoformat(),
        "last_day": last_day.isoformat(),
        "centre_id": centre_id,
        "people": shown.people,
        "attendances": shown.attendances,
        "suppressed": public is not None,
        "tables": [
            {
                "by": by.value,
                "rows": [
                    _row(by, each, shown, statistics, names.get(by, {}).get(each))
                    for each in categories
                ],
            }
            for by, categories in statistics.categories.items()
        ],
    }


def _row(
    by: Breakdown, category: str, shown: PublicStatistics, exact: Statistics, name: Name | None
) -> dict[str, Any]:
    crossed = by in BY_SEX
    sexes = exact.categories[Breakdown.SEX]
    return {
        "category": category,
        "name": None if name is None else dict(name),
        "people": shown.people_by[by][category,],
        "attendances": shown.attendances_by[by][category,],
        "by_sex": {sex: shown.people_by_sex[by][category, sex] for sex in sexes}
        if crossed
        else None,
    }


def _exact(value: Statistics) -> PublicStatistics:
    """Every figure, in the form of those that are shown to others."""

    def rows(table: Mapping[str, int]) -> Shown:
        return {(category,): number for category, number in table.items()}

    return PublicStatistics(
        people=value.people,
        attendances=value.attendances,
        people_by={by: rows(table) for by, table in value.people_by.items()},
        attendances_by={by: rows(table) for by, table in value.attendances_by.items()},
        people_by_sex={by: _cells(matrix) for by, matrix in value.people_by_sex.items()},
    )


def _cells(matrix: Mapping[tuple[str, str], int]) -> Shown:
    return {(row, column): people for (row, column), people in matrix.items()}


def frozen_period_page(values: Sequence[FrozenPeriod], limit: int) -> dict[str, Any]:
    return page_to_wire(values, limit, period_to_wire, by_id)
