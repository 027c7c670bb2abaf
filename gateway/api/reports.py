"""Reports: JSON for programs, CSV for spreadsheets."""

from __future__ import annotations

from typing import Any

from flask import request

from gateway.api import branch
from gateway.identity.operations.organisations import organisation_names
from gateway.web.endpoint import SIGNED_IN, Answer, Incoming, endpoint, gateway
from gateway.web.openapi import Blueprint
from gateway.web.problems import texts
from services.common import csv
from services.common.contracts.bookings import errors
from services.common.contracts.bookings import statistics as contract
from services.common.contracts.fields import Choice, StrictSchema
from services.common.contracts.hours import Day
from services.common.languages import in_language

blueprint = Blueprint("reports", __name__, description="Reports for staff")

_BRANCH = "bookings"
_PARAMETERS = {"/first_day": "/from", "/last_day": "/to"}
_SHARES = ("hours", "no_shows", "late_cancellations")
_COUNTS = ("inter_organisation_meetings", "headcounts", "women", "men")


class ReportFormat(Choice):
    choices = ("json", "csv")


class UtilisationQuery(StrictSchema):
    """Dates of each centre's own zone, both included."""

    from_ = Day(data_key="from", required=True, metadata={"description": "The first day."})
    to = Day(required=True, metadata={"description": "The last day; it is in the report."})
    group_by = contract.ReportGrouping(load_default="centre")
    format = ReportFormat(
        load_default=None,
        metadata={"description": "Else what `Accept` asks for."},
    )


@blueprint.route("/v1/reports/utilisation", methods=["GET"])
@endpoint(
    query=UtilisationQuery,
    answer=contract.UtilisationReport,
    media=(csv.CONTENT_TYPE,),
    access=SIGNED_IN,
    refuses=(403, errors.REPORT_ENDS_EARLY, errors.REPORT_TOO_LONG),
    branch=_BRANCH,
)
def report_utilisation(incoming: Incoming) -> Answer:
    """How the spaces are used against the hours in which they are really open.

    Managers read of every centre, front desks of their own. Each rate comes with what it is made
    of.
    """
    query = incoming.query
    with branch.pointing_at(lambda pointer: _PARAMETERS.get(pointer, pointer)):
        report = branch.ask(
            incoming,
            _BRANCH,
            "report_utilisation",
            first_day=query["from_"].isoformat(),
            last_day=query["to"].isoformat(),
            group_by=query["group_by"],
        )
    if query["group_by"] == "organisation":
        names = organisation_names(gateway().identity, [row["key"] for row in report["items"]])
        for row in report["items"]:
            row["name"] = dict(names[row["key"]]) if row["key"] in names else None
    headers = {"Vary": "Accept"}
    if not _wants_csv(query["format"]):
        return Answer(report, headers=headers)
    headers["Content-Disposition"] = (
        f'attachment; filename="utilisation-{report["first_day"]}-{report["last_day"]}.csv"'
    )
    text = as_csv(report, incoming.call.language)
    return Answer(None, text=text, content_type=csv.CONTENT_TYPE, headers=headers)


def _wants_csv(named: str | None) -> bool:
    if named is not None:
        return named == "csv"
    return (
        request.accept_mimetypes.best_match(("application/json", csv.CONTENT_TYPE))
        == csv.CONTENT_TYPE
    )


def as_csv(report: dict[str, Any], language: str) -> str:
    """The report as a table, one line for each row, with headings and names in the language."""
    columns = [
        report["group_by"],
        "name",
        "bookings",
        *(f"{name}{part}" for name in _SHARES for part in ("", "_of", "_rate")),
        *_COUNTS,
    ]
    return csv.write(
        [texts.text(f"reports.utilisation.{column}", language) for column in columns],
        [
            [
                row["key"],
                in_language(row["name"] or {}, language),
                row["bookings"],
                *(row[share][part] for share in _SHARES for part in ("count", "of", "rate")),
                *(row[count] for count in _COUNTS),
            ]
            for row in report["items"]
        ],
    )
