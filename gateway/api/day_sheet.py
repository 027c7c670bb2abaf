"""The day sheet: a centre's day on one page, with the names that the branch does not know."""

from __future__ import annotations

from marshmallow import fields

from gateway import schemas
from gateway.api import branch
from gateway.api.endpoint import SIGNED_IN, Answer, Incoming, endpoint
from gateway.api.named import Named, name
from gateway.openapi import Blueprint
from services.common.contracts.bookings import day_sheet as contract

blueprint = Blueprint("day_sheet", __name__, description="A centre's day")

_BRANCH = "bookings"


class NamedBooking(Named, contract.DaySheetBooking):
    pass


class NamedSpace(contract.DaySheetSpace):
    bookings = fields.List(fields.Nested(NamedBooking), required=True)


class NamedDaySheet(contract.DaySheet):
    spaces = fields.List(fields.Nested(NamedSpace), required=True)


@blueprint.route("/v1/centres/<id:centre_id>/day-sheet", methods=["GET"])
@endpoint(
    query=schemas.DaySheetQuery,
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
    name(booking for space in sheet["spaces"] for booking in space["bookings"])
    return Answer(sheet)
