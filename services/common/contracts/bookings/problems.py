"""What comes with the refusals of bookings: params and further members of problem documents.

A name means the same in every code, so each is here once; which code has which is in
``errors.py``.
"""

from __future__ import annotations

from marshmallow import Schema, fields

from services.common.contracts.bookings.alternatives import Alternative
from services.common.contracts.bookings.budgets import week
from services.common.contracts.bookings.closures import Closure
from services.common.contracts.bookings.series import RejectedOccurrence
from services.common.contracts.bookings.spaces import Booked
from services.common.contracts.fields import Id, Instant, LocalisedText
from services.common.contracts.hours import Day


class SpaceInTheWay(Schema):
    space_id = Id(required=True)
    name = LocalisedText(required=True)


class ProblemMembers(Schema):
    """Every param and further member, by name."""

    again_at = Instant(metadata={"description": "When it is possible again."})
    alternatives = fields.List(
        fields.Nested(Alternative), metadata={"description": "Ways on, best first; may be none."}
    )
    bookings = fields.List(
        fields.Nested(Booked),
        metadata={"description": "Bookings in the way, or the first of them."},
    )
    bookings_left = fields.Integer(
        allow_none=True, metadata={"description": "Null where there is no limit."}
    )
    capacity = fields.Integer(metadata={"description": "Of the space."})
    closes_at = Instant(metadata={"description": "When check-in ends."})
    closure = fields.Nested(Closure, metadata={"description": "The one that stands there."})
    coming = fields.Integer(metadata={"description": "Guests who have accepted."})
    count = fields.Integer(metadata={"description": "How many there are."})
    days = fields.Integer()
    equipment = LocalisedText(metadata={"description": "The name of the kind of equipment."})
    equipment_id = Id(metadata={"description": "The kind of equipment."})
    free = fields.Integer(metadata={"description": "Units that are free."})
    halls = fields.List(
        fields.Nested(SpaceInTheWay),
        metadata={"description": "Halls that have the space as a part."},
    )
    hours = fields.Integer()
    hours_left = fields.Float(
        allow_none=True, metadata={"description": "Null where there is no limit."}
    )
    left = fields.Integer(metadata={"description": "Places that are left."})
    minutes = fields.Integer()
    most = fields.Integer(metadata={"description": "The limit."})
    most_bookings = fields.Integer(metadata={"description": "The limit of bookings."})
    occurrences = fields.Integer(metadata={"description": "The limit of occurrences."})
    opens_at = Instant(metadata={"description": "When check-in begins."})
    parts = fields.List(
        fields.Nested(SpaceInTheWay), metadata={"description": "Parts that can be booked no more."}
    )
    quantity = fields.Integer(metadata={"description": "Units that there are, or would be."})
    rejected = fields.List(
        fields.Nested(RejectedOccurrence),
        metadata={"description": "What could not be had, and why."},
    )
    space_days = fields.Integer(metadata={"description": "The limit of spaces times days."})
    starts_on = Day(metadata={"description": "The Sunday on which the week begins."})
    state = fields.String(metadata={"description": "The status that does not allow it."})
    week = week()
