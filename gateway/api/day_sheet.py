"""The day sheet: a centre's day on one page, with the names that the branch does not know."""

from __future__ import annotations

from marshmallow import Schema, fields

from gateway.api import branch
from gateway.api.display_names import DisplayNames, add_display_names
from gateway.web import schemas
from gateway.web.endpoint import SIGNED_IN, Answer, Incoming, endpoint
from gateway.web.openapi import Blueprint
from services.common.contracts.bookings import day_sheet as contract
from services.common.contracts.bookings import errors
from services.common.contracts.hours import Day

blueprint = Blueprint("day_sheet", __name__, description="A centre's day")

_BRANCH = "bookings"


class DaySheetQuery(schemas.Selection):
    date = Day(required=True, metadata={"description": "A day of the centre's own calendar."})


class DaySheetsQuery(schemas.Selection):
    """Days of the centre's own calendar, both included; at most seven."""

    from_ = Day(data_key="from", required=True, metadata={"description": "The first day."})
    to = Day(required=True, metadata={"description": "The last day; its sheet is among them."})


class NamedBooking(DisplayNames, contract.DaySheetBooking):
    pass


class NamedSpace(contract.DaySheetSpace):
    bookings = fields.List(fields.Nested(NamedBooking), required=True)


class NamedDaySheet(contract.DaySheet):
    spaces = fields.List(fields.Nested(NamedSpace), required=True)


class NamedDaySheetList(Schema):
    items = fields.List(fields.Nested(NamedDaySheet), required=True)


@blueprint.route("/v1/centres/<id:centre_id>/day-sheets", methods=["GET"])
@endpoint(
    query=DaySheetsQuery,
    answer=NamedDaySheetList,
    access=SIGNED_IN,
    refuses=(403, 404, errors.REPORT_ENDS_EARLY, errors.REPORT_TOO_LONG),
    branch=_BRANCH,
)
def day_sheets(incoming: Incoming, centre_id: str) -> Answer:
    """The sheets of up to seven days in a row, such as a week (its front desk, managers)."""
    query = incoming.query
    days = {"first_day": query["from_"].isoformat(), "last_day": query["to"].isoformat()}
    with branch.pointing_at({"/first_day": "/from", "/last_day": "/to"}.__getitem__):
        found = branch.ask(incoming, _BRANCH, "day_sheets", centre_id=centre_id, **days)
    add_display_names(
        booking
        for sheet in found["items"]
        for space in sheet["spaces"]
        for booking in space["bookings"]
    )
    return Answer(found)


@blueprint.route("/v1/centres/<id:centre_id>/day-sheet", methods=["GET"])
@endpoint(
    query=DaySheetQuery,
    answer=NamedDaySheet,
    access=SIGNED_IN,
    refuses=(403, 404),
    branch=_BRANCH,
)
def day_sheet(incoming: Incoming, centre_id: str) -> Answer:
    """A centre's day (its front desk, managers): spaces, hours, bookings, closures; with names.

    Times are instants, and beside them what the clock on the centre's wall says.
    """
    day = incoming.query["date"].isoformat()
    sheet = branch.ask(incoming, _BRANCH, "day_sheet", centre_id=centre_id, date=day)
    add_display_names(booking for space in sheet["spaces"] for booking in space["bookings"])
    return Answer(sheet)
