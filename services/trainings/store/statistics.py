"""Frozen periods as documents."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from services.common.storage.frozen_periods import FrozenPeriods
from services.common.storage.mapping import DocumentMapping
from services.common.storage.mongo import Database, Document
from services.trainings.domain.statistics import Breakdown, FrozenPeriod, Statistics


def _document_of(period: FrozenPeriod) -> Document:
    return {
        "_id": period.id,
        "title": period.title,
        "first_day": period.first_day.isoformat(),
        "last_day": period.last_day.isoformat(),
        "frozen_at": period.frozen_at,
        "frozen_by": period.frozen_by,
        "statistics": _statistics_document(period.statistics),
        "version": period.version,
    }


def _period_of(document: Document) -> FrozenPeriod:
    return FrozenPeriod(
        id=document["_id"],
        title=document["title"],
        first_day=date.fromisoformat(document["first_day"]),
        last_day=date.fromisoformat(document["last_day"]),
        frozen_at=document["frozen_at"],
        frozen_by=document["frozen_by"],
        statistics=_statistics_of(document["statistics"]),
        version=document["version"],
    )


def _statistics_document(value: Statistics) -> Document:
    """Lists in place of mappings, whose keys are pairs or any text."""
    return {
        "people": value.people,
        "attendances": value.attendances,
        "tables": [
            {
                "by": by.value,
                "rows": [
                    [each, value.people_by[by][each], value.attendances_by[by][each]]
                    for each in categories
                ],
                "by_sex": _cells(value.people_by_sex.get(by)),
            }
            for by, categories in value.categories.items()
        ],
    }


def _cells(matrix: Mapping[tuple[str, str], int] | None) -> list[list[Any]] | None:
    if matrix is None:
        return None
    return [[row, column, people] for (row, column), people in matrix.items()]


def _statistics_of(document: Document) -> Statistics:
    tables = {Breakdown(each["by"]): each for each in document["tables"]}
    return Statistics(
        people=document["people"],
        attendances=document["attendances"],
        categories={by: tuple(row[0] for row in each["rows"]) for by, each in tables.items()},
        people_by={by: {row[0]: row[1] for row in each["rows"]} for by, each in tables.items()},
        attendances_by={
            by: {row[0]: row[2] for row in each["rows"]} for by, each in tables.items()
        },
        people_by_sex={
            by: {(row, column): people for row, column, people in each["by_sex"]}
            for by, each in tables.items()
            if each["by_sex"] is not None
        },
    )


class FrozenPeriodStore(FrozenPeriods[FrozenPeriod]):
    """Frozen periods with their figures."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, DocumentMapping(_document_of, _period_of))
