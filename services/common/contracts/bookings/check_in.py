"""What the RPC methods at the door accept; they return ``rpc.Booking``."""

from __future__ import annotations

from marshmallow import fields, validate

from services.common.contracts.bookings.limits import LONGEST_REASON
from services.common.contracts.fields import Id, StrictSchema, integer, text


class AtTheDoor(StrictSchema):
    """Front desk may leave the code out."""

    code = fields.String(
        validate=validate.Regexp(r"\A[0-9]{6}\Z", error="six_digits"),
        load_default=None,
        allow_none=True,
        metadata={"description": "The booking's door code.", "example": "042137"},
    )


class CheckIn(AtTheDoor):
    id = Id(required=True)
    expected_version = integer(1, 2**53, required=True)


class EndBooking(StrictSchema):
    id = Id(required=True)
    expected_version = integer(1, 2**53, required=True)


class Undoing(StrictSchema):
    reason = text(LONGEST_REASON, lines=True, load_default=None, allow_none=True)


class UndoCheckIn(Undoing):
    id = Id(required=True)
    expected_version = integer(1, 2**53, required=True)


class Correction(StrictSchema):
    """What was noted otherwise carries its reason."""

    reason = text(LONGEST_REASON, lines=True, required=True)


class CorrectNoShow(Correction):
    id = Id(required=True)
    expected_version = integer(1, 2**53, required=True)
