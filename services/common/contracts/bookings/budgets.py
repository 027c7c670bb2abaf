"""What the RPC methods about budgets accept and return."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from services.common.contracts.bookings.limits import LONGEST_REASON
from services.common.contracts.fields import Id, Instant, StrictSchema, integer, text
from services.common.contracts.hours import Day

MOST = 10_000
"""Hours or bookings a week that stand for no limit."""

_NO_LIMIT = f"{MOST} where there is no limit."
_LEFT = f"{MOST} where there is no limit, whatever is used; a refusal says `null` there."

_WEEK = r"\A[0-9]{4}-W(0[1-9]|[1-4][0-9]|5[0-3])\Z"


def week(**kwargs: Any) -> fields.String:
    """A week, such as ``2026-W48``: Sunday to Saturday, by the clock of the centre, named after the
    ISO week with which it shares six days."""
    return fields.String(
        validate=validate.Regexp(_WEEK, error="week"),
        metadata={
            "description": "Sunday to Saturday, named after the ISO week of its Monday; "
            "only some years have a 53rd.",
            "example": "2026-W48",
        },
        **kwargs,
    )


class BudgetOfWeek(StrictSchema):
    organisation_id = Id(required=True)
    week = week(load_default=None, allow_none=True)


class BudgetChanges(StrictSchema):
    """Both are set; null takes the operator's (none unless one was chosen), 10000 is none."""

    hours = integer(0, MOST, required=True, allow_none=True)
    bookings = integer(0, MOST, required=True, allow_none=True)


class SetBudget(BudgetChanges):
    """``id`` is the organisation's."""

    id = Id(required=True)
    expected_version = integer(1, 2**53, required=True)


class GrantDetails(StrictSchema):
    """More for one week, and why."""

    week = week(required=True)
    hours = integer(
        0,
        500,
        load_default=0,
        metadata={"description": "Of hours and bookings at least one is more than 0."},
    )
    bookings = integer(0, 500, load_default=0)
    reason = text(LONGEST_REASON, lines=True, required=True)

    @validates_schema(skip_on_field_errors=True)
    def _something(self, data: dict[str, Any], **_: Any) -> None:
        if not data.get("hours") and not data.get("bookings"):
            raise ValidationError("nothing_granted", "hours")


class GrantBudget(GrantDetails):
    organisation_id = Id(required=True)


class Grant(Schema):
    id = Id(required=True)
    organisation_id = Id(required=True)
    week = week(required=True)
    hours = fields.Integer(required=True)
    bookings = fields.Integer(required=True)
    reason = fields.String(required=True)
    granted_by = Id(required=True)
    granted_at = Instant(required=True)


class Budget(Schema):
    """The limits of an organisation, and what is counted of its manners."""

    organisation_id = Id(required=True)
    hours = fields.Integer(required=True, metadata={"description": f"A week; {_NO_LIMIT}"})
    bookings = fields.Integer(required=True, metadata={"description": f"A week; {_NO_LIMIT}"})
    own_hours = fields.Integer(
        required=True, allow_none=True, metadata={"description": "Null: the operator's."}
    )
    own_bookings = fields.Integer(required=True, allow_none=True)
    no_shows = fields.Integer(required=True)
    late_cancellations = fields.Integer(required=True)
    version = fields.Integer(required=True)


class BudgetWeek(Schema):
    """What an organisation may book in a week, has booked, and has left."""

    organisation_id = Id(required=True)
    week = week(required=True)
    starts_on = Day(required=True, metadata={"description": "The Sunday with which it begins."})
    ends_on = Day(required=True, metadata={"description": "The Saturday with which it ends."})
    limit_hours = fields.Integer(required=True, metadata={"description": _NO_LIMIT})
    limit_bookings = fields.Integer(required=True, metadata={"description": _NO_LIMIT})
    granted_hours = fields.Float(required=True)
    granted_bookings = fields.Integer(required=True)
    used_hours = fields.Float(required=True)
    used_bookings = fields.Integer(required=True)
    left_hours = fields.Float(required=True, metadata={"description": _LEFT})
    left_bookings = fields.Integer(required=True, metadata={"description": _LEFT})
    grants = fields.List(fields.Nested(Grant), required=True)
