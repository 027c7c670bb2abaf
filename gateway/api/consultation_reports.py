"""Reports about consultations: JSON for programs, CSV and XLSX for spreadsheets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gateway.api import branch
from gateway.api.report_formats import (
    HIDDEN,
    SHEETS,
    PeriodQuery,
    ReportQuery,
    Sheet,
    ask_for_report,
    in_wanted_format,
)
from gateway.web import schemas
from gateway.web.endpoint import SIGNED_IN, Answer, Incoming, endpoint
from gateway.web.openapi import Blueprint
from gateway.web.problems import texts
from gateway.web.schemas import page_of
from services.common.contracts.consultations import case_errors
from services.common.contracts.consultations import statistics as contract
from services.common.contracts.consultations import statistics_errors as refusals
from services.common.contracts.fields import Id
from services.common.csv import Cell
from services.common.languages import in_language

blueprint = Blueprint("consultation_reports", __name__, description="Reports about consultations")

_BRANCH = "consultations"
_COLUMNS = ("section", "category", "centre", "figure", "value")

ConsultationPeriodPage = page_of(contract.ConsultationPeriod)


class ConsultationReportQuery(PeriodQuery):
    centre_id = Id(load_default=None, metadata={"description": "Cases of this centre alone."})


@blueprint.route("/v1/reports/consultations", methods=["GET"])
@endpoint(
    query=ConsultationReportQuery,
    answer=contract.ConsultationReport,
    media=SHEETS,
    access=SIGNED_IN,
    refuses=(
        403,
        case_errors.UNKNOWN_CENTRE,
        refusals.PERIOD_ENDS_EARLY,
        refusals.PERIOD_TOO_LONG,
        refusals.REPORT_TOO_LARGE,
    ),
    branch=_BRANCH,
)
def report_consultations(incoming: Incoming) -> Answer:
    """Cases submitted in a period by kind, centre and status, how fast they were answered, support,
    ratings, and organisations that improved: exact figures, as they are now (staff).

    Sealed cases are in no figure of it. Others read frozen periods.
    """
    centre_id = incoming.query["centre_id"]
    report = ask_for_report(incoming, _BRANCH, "report_consultations", centre_id=centre_id)
    return in_wanted_format(incoming, report, report, "consultations", as_sheet)


@blueprint.route("/v1/reports/consultations/periods", methods=["POST"])
@endpoint(
    body=contract.FreezeConsultations,
    answer=contract.ConsultationPeriod,
    status=201,
    access=SIGNED_IN,
    creates=True,
    versioned=True,
    refuses=(
        403,
        refusals.PERIOD_ENDS_EARLY,
        refusals.PERIOD_TOO_LONG,
        refusals.PERIOD_TOO_SHORT,
        refusals.PERIOD_NOT_OVER,
        refusals.PERIODS_OVERLAP,
        refusals.REPORT_TOO_LARGE,
    ),
    branch=_BRANCH,
    example={"title": "الربع الثالث", "first_day": "2026-07-01", "last_day": "2026-09-30"},
)
def freeze_consultations(incoming: Incoming) -> Answer:
    """Freeze the figures of a period of three months or more that is over: they are the same for
    ever (managers). Sealed cases are counted apart in it, without small numbers for anybody.

    Frozen periods never share a day, so that nobody can subtract one from another.
    """
    path = "/v1/reports/consultations/periods"
    return branch.created(incoming, _BRANCH, "freeze_period", path, **incoming.body)


@blueprint.route("/v1/reports/consultations/periods", methods=["GET"])
@endpoint(
    query=schemas.ListQuery,
    answer=ConsultationPeriodPage,
    access=SIGNED_IN,
    branch=_BRANCH,
)
def list_consultation_periods(incoming: Incoming) -> Answer:
    """The periods of consultations whose figures are frozen."""
    return branch.listed(incoming, _BRANCH, "list_frozen_periods")


@blueprint.route("/v1/reports/consultations/periods/<id:period_id>", methods=["GET"])
@endpoint(
    query=ReportQuery,
    answer=contract.FrozenConsultationReport,
    media=SHEETS,
    access=SIGNED_IN,
    refuses=(404,),
    branch=_BRANCH,
)
def get_consultation_period(incoming: Incoming, period_id: str) -> Answer:
    """The figures of a frozen period. Staff read those of open cases exactly; for others numbers of
    1 to 4 are hidden, and with them what would give such a number away."""
    period = branch.ask(incoming, _BRANCH, "get_frozen_period", id=period_id)
    return in_wanted_format(incoming, period, period["report"], "consultations", as_sheet)


def as_sheet(report: dict[str, Any], language: str) -> Sheet:
    """The report as one table, with headings in the language."""
    headings = [_text(column, language) for column in _COLUMNS]
    return Sheet(headings, as_rows(report, language))


def as_rows(report: dict[str, Any], language: str) -> list[list[Cell]]:
    """The report as one table, a figure a line. A hidden figure is ``*``; a median or mean of
    nothing is empty."""
    return [
        [
            _text(section, language),
            category,
            centre,
            _text(figure, language),
            HIDDEN if value is None and hides else value,
        ]
        for section, category, centre, figure, value, hides in _figures(report, language)
    ]


_Figure = tuple[str, Cell, Cell, str, Cell, bool]


def _figures(report: dict[str, Any], language: str) -> Iterator[_Figure]:
    """Section, category, centre, figure, value, and whether no value means a hidden one."""
    rows = {table["by"]: table["rows"] for table in report["tables"]}
    kinds, centres = (
        {row["category"]: _named(row, of, language) for row in rows[of]}
        for of in ("kind", "centre")
    )
    yield "section.cases", None, None, "figure.cases", report["cases"], True
    for of, each in rows.items():
        yield from _cases(of, each, centres, language)
    for section in ("first_answer", "resolution"):
        yield from _times(section, report[section], language)
    for row in report["meetings"]:
        way = _text(f"way.{row['way']}", language)
        for figure in ("cases", "meetings", "minutes"):
            yield "section.meetings", way, None, f"figure.{figure}", row[figure], True
    yield from _ratings(report["ratings"])
    for row in report["organisations"]:
        for figure in ("pursued", "improved"):
            yield "section.organisations", row["year"], None, f"figure.{figure}", row[figure], True
    if report["sealed"] is not None:
        yield from _sealed(report["sealed"], kinds, centres)


def _cases(
    of: str, rows: list[dict[str, Any]], centres: Mapping[str, str], language: str
) -> Iterator[_Figure]:
    section = f"section.{of}"
    for row in rows:
        category = _named(row, of, language)
        yield section, category, None, "figure.cases", row["cases"], True
        for centre, cases in (row["by_centre"] or {}).items():
            yield section, category, centres.get(centre, centre), "figure.cases", cases, True


def _times(section: str, rows: list[dict[str, Any]], language: str) -> Iterator[_Figure]:
    section = f"section.{section}"
    for row in rows:
        kind = _named(row, "kind", language)
        yield section, kind, None, "figure.cases", row["cases"], True
        yield section, kind, None, "figure.in_time", row["in_time"], True
        hides = row["cases"] is None
        yield section, kind, None, "figure.median_minutes", row["median_minutes"], hides


def _ratings(ratings: dict[str, Any]) -> Iterator[_Figure]:
    section, rated = "section.ratings", ratings["rated"]
    yield section, None, None, "figure.rated", rated, True
    yield section, None, None, "figure.mean_score", ratings["mean_score"], rated != 0
    for row in ratings["scores"]:
        yield section, row["score"], None, "figure.cases", row["cases"], True


def _sealed(
    sealed: dict[str, Any], kinds: Mapping[str, str], centres: Mapping[str, str]
) -> Iterator[_Figure]:
    section = "section.sealed"
    yield section, None, None, "figure.cases", sealed["cases"], True
    for kind, cases in sealed["by_kind"].items():
        yield section, kinds.get(kind, kind), None, "figure.cases", cases, True
    for centre, cases in sealed["by_centre"].items():
        yield section, None, centres.get(centre, centre), "figure.cases", cases, True


def _named(row: dict[str, Any], of: str, language: str) -> str:
    if row["name"]:
        return in_language(row["name"], language)
    if row["category"] == "all":
        return _text("all", language)
    return _text(f"status.{row['category']}", language) if of == "status" else row["category"]


def _text(name: str, language: str) -> str:
    return texts.text(f"reports.consultations.{name}", language)
