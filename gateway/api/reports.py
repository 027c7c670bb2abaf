"""Reports about the use of spaces: JSON for programs, CSV and XLSX for spreadsheets."""

from __future__ import annotations

from typing import Any

from gateway.api.report_formats import SHEETS, PeriodQuery, Sheet, ask_for_report, in_wanted_format
from gateway.identity.operations.organisations import organisation_names
from gateway.web.endpoint import SIGNED_IN, Answer, Incoming, endpoint, gateway
from gateway.web.openapi import Blueprint
from gateway.web.problems import texts
from services.common.contracts.bookings import errors
from services.common.contracts.bookings import statistics as contract
from services.common.languages import in_language

blueprint = Blueprint("reports", __name__, description="Reports for staff")

_BRANCH = "bookings"
_SHARES = ("hours", "no_shows", "late_cancellations")
_COUNTS = ("inter_organisation_meetings", "headcounts", "women", "men")


class UtilisationQuery(PeriodQuery):
    group_by = contract.ReportGrouping(load_default="centre")


@blueprint.route("/v1/reports/utilisation", methods=["GET"])
@endpoint(
    query=UtilisationQuery,
    answer=contract.UtilisationReport,
    media=SHEETS,
    access=SIGNED_IN,
    refuses=(403, errors.REPORT_ENDS_EARLY, errors.REPORT_TOO_LONG),
    branch=_BRANCH,
)
def report_utilisation(incoming: Incoming) -> Answer:
    """How the spaces are used against the hours in which they are really open.

    Managers read of every centre, front desks of their own. Each rate comes with what it is made
    of.
    """
    group_by = incoming.query["group_by"]
    report = ask_for_report(incoming, _BRANCH, "report_utilisation", group_by=group_by)
    if group_by == "organisation":
        names = organisation_names(gateway().identity, [row["key"] for row in report["items"]])
        for row in report["items"]:
            row["name"] = dict(names[row["key"]]) if row["key"] in names else None
    return in_wanted_format(incoming, report, report, "utilisation", as_sheet)


def as_sheet(report: dict[str, Any], language: str) -> Sheet:
    """The report as a table, one line for each row, with headings and names in the language."""
    columns = [
        report["group_by"],
        "name",
        "bookings",
        *(f"{name}{part}" for name in _SHARES for part in ("", "_of", "_rate")),
        *_COUNTS,
    ]
    return Sheet(
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
