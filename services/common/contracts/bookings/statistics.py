"""What the RPC method ``report_utilisation`` accepts and returns."""

from __future__ import annotations

from marshmallow import Schema, fields

from services.common.contracts.fields import Choice, Id, LocalisedText, StrictSchema
from services.common.contracts.hours import Day

GROUPS = ("centre", "space", "organisation", "purpose")
LONGEST_DAYS = 400


class ReportGrouping(Choice):
    choices = GROUPS


class ReportUtilisation(StrictSchema):
    """Dates are those of each centre's own zone; the last day is in the report."""

    first_day = Day(required=True)
    last_day = Day(required=True)
    group_by = ReportGrouping(load_default="centre")


class Share(Schema):
    """A rate with what it is made of; null where nothing can be divided."""

    count = fields.Float(required=True)
    of = fields.Float(required=True)
    rate = fields.Float(required=True, allow_none=True)


class Utilisation(Schema):
    """One row of the report."""

    key = fields.String(
        required=True,
        metadata={
            "description": "Id of the centre, space or organisation; purpose. "
            "`own_use` for what is no organisation's."
        },
    )
    name = LocalisedText(required=True, allow_none=True)
    bookings = fields.Integer(
        required=True,
        metadata={"description": "That began in the period and were not given back before."},
    )
    hours = fields.Nested(
        Share,
        required=True,
        metadata={
            "description": "Space-hours booked, of those in which the spaces were open. "
            "A divisible hall counts as its parts."
        },
    )
    no_shows = fields.Nested(
        Share, required=True, metadata={"description": "Of the bookings whose outcome is known."}
    )
    late_cancellations = fields.Nested(
        Share,
        required=True,
        metadata={"description": "Of all bookings that were cancelled, or not given back."},
    )
    inter_organisation_meetings = fields.Integer(
        required=True,
        metadata={"description": "Joint meetings that took place with two organisations or more."},
    )
    headcounts = fields.Integer(
        required=True, metadata={"description": "Bookings whose people were counted."}
    )
    women = fields.Integer(required=True)
    men = fields.Integer(required=True)


class UtilisationReport(Schema):
    first_day = Day(required=True)
    last_day = Day(required=True)
    group_by = ReportGrouping(required=True)
    centres = fields.List(Id(), required=True, metadata={"description": "That it is about."})
    items = fields.List(fields.Nested(Utilisation), required=True)
