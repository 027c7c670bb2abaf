"""Ratings on the wire.

=================== =================== ============
method              request             result
=================== =================== ============
make_rating_link    ById                RatingLink
open_rating         OpenRating          OpenedRating
rate_by_link        RateByLink          OpenedRating
get_rating          ById                Rating
=================== =================== ============

Each closing of a case can be rated once, within 30 days, by a link that is for that alone. What the
link shows names no case, no organisation and no person.
"""

from __future__ import annotations

from marshmallow import Schema, fields

from services.common.contracts.fields import Id, Instant, StrictSchema, Text, integer

LOWEST, HIGHEST = 1, 5
LONGEST_REMARK = 2_000


class GivenRating(StrictSchema):
    score = integer(
        LOWEST, HIGHEST, required=True, metadata={"description": "5 is the best there is."}
    )
    remark = Text(LONGEST_REMARK, lines=True, load_default=None, allow_none=True)


class OpenRating(StrictSchema):
    token = Id(required=True)


class RateByLink(GivenRating):
    token = Id(required=True)


class RatingLink(Schema):
    token = fields.String(required=True, metadata={"description": "The last part of the link."})
    expires_at = Instant(required=True)


class OpenedRating(Schema):
    """What the holder of a link is shown."""

    expires_at = Instant(required=True)
    rated = fields.Boolean(required=True)
    lowest = fields.Integer(required=True)
    highest = fields.Integer(required=True)


class Rating(Schema):
    """What the people on the case are shown of its last closing."""

    case_id = Id(required=True)
    requested_at = Instant(required=True)
    expires_at = Instant(required=True)
    rated_at = Instant(required=True, allow_none=True)
    score = fields.Integer(required=True, allow_none=True)
    remark = fields.String(required=True, allow_none=True)
    version = fields.Integer(required=True)
