"""Time limits of a case on the wire.

================= ========= ==============
method            request   result
================= ========= ==============
list_time_limits  ById      TimeLimitsOfCase
================= ========= ==============

Working time: opening hours of the centre, less closures and holidays, and without the time in which
the case waits for the organisation.
"""

from __future__ import annotations

from marshmallow import Schema, fields

from services.common.contracts.fields import Choice, Instant

LIMITED = ("first_answer", "resolution")
LIMIT_STATUSES = ("running", "paused", "met", "dropped")


class Limited(Choice):
    choices = LIMITED


class LimitStatus(Choice):
    choices = LIMIT_STATUSES


class TimeLimit(Schema):
    what = Limited(required=True)
    round = fields.Integer(
        required=True, metadata={"description": "1, and one more for each time it was reopened."}
    )
    status = LimitStatus(required=True)
    amount_minutes = fields.Integer(required=True, metadata={"description": "Working time."})
    started_at = Instant(required=True)
    warn_at = Instant(required=True, allow_none=True)
    due_at = Instant(
        required=True, allow_none=True, metadata={"description": "Null while it does not run."}
    )
    warned_at = Instant(required=True, allow_none=True)
    alerted_at = Instant(required=True, allow_none=True)
    ended_at = Instant(required=True, allow_none=True)
    took_minutes = fields.Integer(
        required=True, allow_none=True, metadata={"description": "Working time until it was met."}
    )


class TimeLimitsOfCase(Schema):
    items = fields.List(fields.Nested(TimeLimit), required=True)
