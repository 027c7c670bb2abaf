"""What reports of all branches share: the days that are asked for, and the table in the format that
is asked for. A branch adds its own columns and rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from flask import request

from gateway.api import branch
from gateway.web.endpoint import Answer, Incoming
from services.common import csv, xlsx
from services.common.contracts.fields import Choice, StrictSchema
from services.common.contracts.hours import Day
from services.common.csv import Cell

SHEETS = (csv.CONTENT_TYPE, xlsx.CONTENT_TYPE)
"""The media beside JSON in which reports are answered."""
HIDDEN = "*"
"""What a sheet shows in place of a figure that is hidden."""

_TYPES = {"json": "application/json", "csv": csv.CONTENT_TYPE, "xlsx": xlsx.CONTENT_TYPE}
_PARAMETERS = {"/first_day": "/from", "/last_day": "/to"}


class ReportFormat(Choice):
    choices = tuple(_TYPES)


class ReportQuery(StrictSchema):
    """In which format a report is wanted."""

    format = ReportFormat(
        load_default=None, metadata={"description": "Else what `Accept` asks for."}
    )


class PeriodQuery(ReportQuery):
    """Dates of each centre's own zone, both included."""

    from_ = Day(data_key="from", required=True, metadata={"description": "The first day."})
    to = Day(required=True, metadata={"description": "The last day; it is in the report."})


class Sheet(NamedTuple):
    """A report as a table.

    Attributes:
        headings: in the reader's language.
        rows: with a cell for each heading.
    """

    headings: Sequence[str]
    rows: Iterable[Sequence[Cell]]


def ask_for_report(incoming: Incoming, name: str, method: str, **more: Any) -> dict[str, Any]:
    """The report of a branch about the days of a :class:`PeriodQuery`.

    Args:
        name: of the branch.
        more: of its request.
    """
    query = incoming.query
    with branch.pointing_at(lambda pointer: _PARAMETERS.get(pointer, pointer)):
        found: dict[str, Any] = branch.ask(
            incoming,
            name,
            method,
            first_day=query["from_"].isoformat(),
            last_day=query["to"].isoformat(),
            **more,
        )
    return found


def in_wanted_format(
    incoming: Incoming,
    data: dict[str, Any],
    report: dict[str, Any],
    name: str,
    sheet: Callable[[dict[str, Any], str], Sheet],
) -> Answer:
    """A report in the format that a :class:`ReportQuery` asks for.

    Args:
        data: the answer as JSON.
        report: of it, with its first and last day.
        name: of the file, before its days.
        sheet: the report as a table, in a language.
    """
    wanted = _wanted(incoming.query["format"])
    headers = {"Vary": "Accept"}
    if wanted == "json":
        return Answer(data, headers=headers)
    file = f"{name}-{report['first_day']}-{report['last_day']}.{wanted}"
    headers["Content-Disposition"] = f'attachment; filename="{file}"'
    language = incoming.call.language
    table = sheet(report, language)
    if wanted == "csv":
        text = csv.write(*table)
        return Answer(None, text=text, content_type=csv.CONTENT_TYPE, headers=headers)
    book = xlsx.write(*table, language)
    return Answer(None, file=book, content_type=xlsx.CONTENT_TYPE, headers=headers)


def _wanted(named: str | None) -> str:
    if named is not None:
        return named
    best = request.accept_mimetypes.best_match(list(_TYPES.values()), default=_TYPES["json"])
    return next(name for name, media in _TYPES.items() if media == best)
