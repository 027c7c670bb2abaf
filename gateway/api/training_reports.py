"""Reports about trainees: JSON for programs, CSV and XLSX for spreadsheets."""

from __future__ import annotations

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
from gateway.identity.operations.organisations import organisation_names
from gateway.web import schemas, training_schemas
from gateway.web.endpoint import SIGNED_IN, Answer, Incoming, endpoint, gateway
from gateway.web.openapi import Blueprint
from gateway.web.problems import texts
from services.common.contracts.fields import Id
from services.common.contracts.trainings import errors
from services.common.contracts.trainings import statistics as contract
from services.common.contracts.trainings import statistics_errors as refusals
from services.common.csv import Cell
from services.common.languages import in_language

blueprint = Blueprint("training_reports", __name__, description="Reports about trainees")

_BRANCH = "trainings"
_SEXES = ("female", "male", "unknown")
_COLUMNS = ("by", "category", "people", "attendances", *_SEXES)


class TrainingReportQuery(PeriodQuery):
    centre_id = Id(load_default=None, metadata={"description": "Cohorts of this centre alone."})


@blueprint.route("/v1/reports/trainings", methods=["GET"])
@endpoint(
    query=TrainingReportQuery,
    answer=contract.TrainingReport,
    media=SHEETS,
    access=SIGNED_IN,
    refuses=(403, errors.UNKNOWN_CENTRE, refusals.PERIOD_ENDS_EARLY, refusals.PERIOD_TOO_LONG),
    branch=_BRANCH,
)
def report_trainings(incoming: Incoming) -> Answer:
    """Trainees of a period by sex, age band, disability, centre, organisation and topic: exact
    figures, as they are now (staff). Others read frozen periods.

    People count once in each cell and once in the total; attendances count apart.
    """
    centre_id = incoming.query["centre_id"]
    report = ask_for_report(incoming, _BRANCH, "report_trainings", centre_id=centre_id)
    return _answer(incoming, report, report)


@blueprint.route("/v1/reports/trainings/periods", methods=["POST"])
@endpoint(
    body=contract.FreezePeriod,
    answer=contract.FrozenPeriod,
    status=201,
    access=SIGNED_IN,
    creates=True,
    versioned=True,
    refuses=(
        403,
        refusals.PERIOD_ENDS_EARLY,
        refusals.PERIOD_TOO_LONG,
        refusals.PERIOD_NOT_OVER,
        refusals.PERIODS_OVERLAP,
    ),
    branch=_BRANCH,
    example={"title": "الربع الثالث", "first_day": "2026-07-01", "last_day": "2026-09-30"},
)
def freeze_period(incoming: Incoming) -> Answer:
    """Freeze the figures of a period that is over: they are the same for ever (managers).

    Frozen periods never share a day, so that nobody can subtract one from another.
    """
    path = "/v1/reports/trainings/periods"
    return branch.created(incoming, _BRANCH, "freeze_period", path, **incoming.body)


@blueprint.route("/v1/reports/trainings/periods", methods=["GET"])
@endpoint(
    query=schemas.ListQuery,
    answer=training_schemas.FrozenPeriodPage,
    access=SIGNED_IN,
    branch=_BRANCH,
)
def list_frozen_periods(incoming: Incoming) -> Answer:
    """The periods whose figures are frozen."""
    return branch.listed(incoming, _BRANCH, "list_frozen_periods")


@blueprint.route("/v1/reports/trainings/periods/<id:period_id>", methods=["GET"])
@endpoint(
    query=ReportQuery,
    answer=contract.FrozenReport,
    media=SHEETS,
    access=SIGNED_IN,
    refuses=(404,),
    branch=_BRANCH,
)
def get_frozen_period(incoming: Incoming, period_id: str) -> Answer:
    """The figures of a frozen period. Staff read them exactly; for others cells of 1 to 4 people
    are hidden, and with them what would give such a cell away."""
    period = branch.ask(incoming, _BRANCH, "get_frozen_period", id=period_id)
    return _answer(incoming, period, period["report"])


def _answer(incoming: Incoming, data: dict[str, Any], report: dict[str, Any]) -> Answer:
    """The report in the format that is asked for, with the names of organisations."""
    _name_organisations(report)
    return in_wanted_format(incoming, data, report, "trainings", as_sheet)


def as_sheet(report: dict[str, Any], language: str) -> Sheet:
    """The report as one table, with headings in the language."""
    headings = [texts.text(f"reports.trainings.{column}", language) for column in _COLUMNS]
    return Sheet(headings, as_rows(report, language))


def _name_organisations(report: dict[str, Any]) -> None:
    tables = [each for each in report["tables"] if each["by"] == "organisation"]
    rows = [row for table in tables for row in table["rows"] if row["category"] != "unknown"]
    names = organisation_names(gateway().identity, [row["category"] for row in rows])
    for row in rows:
        if row["category"] in names:
            row["name"] = dict(names[row["category"]])


def as_rows(report: dict[str, Any], language: str) -> list[list[Cell]]:
    """The report as one table: the total, then a line for each category of each breakdown. A
    hidden figure is ``*``."""
    total = texts.text("reports.trainings.total", language)
    rows: list[list[Cell]] = [
        [total, None, _shown(report["people"]), _shown(report["attendances"]), None, None, None]
    ]
    for table in report["tables"]:
        by = texts.text(f"reports.trainings.by.{table['by']}", language)
        for row in table["rows"]:
            crossed = row["by_sex"] or {}
            rows.append(
                [
                    by,
                    _category(table["by"], row, language),
                    _shown(row["people"]),
                    _shown(row["attendances"]),
                    *(_shown(crossed[sex]) if sex in crossed else None for sex in _SEXES),
                ]
            )
    return rows


def _shown(figure: int | None) -> Cell:
    return HIDDEN if figure is None else figure


def _category(by: str, row: dict[str, Any], language: str) -> str:
    if row["name"]:
        return in_language(row["name"], language)
    if row["category"] == "unknown" or by in ("sex", "age_band", "disability"):
        return texts.text(f"reports.trainings.{by}.{row['category']}", language)
    return str(row["category"])
