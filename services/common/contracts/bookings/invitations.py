"""What the RPC methods about joint meetings accept and return.

===================== ============================== ===========================================
method                request                        result
===================== ============================== ===========================================
invite                Invite (with key)              Invitation
list_invitations      OfBooking                      InvitationList
revoke_invitation     RevokeInvitation               Invitation
get_meeting           ByToken                        Meeting
reply_to_invitation   ReplyByLink                    Replied
count_heads           CountHeads                     rpc.Booking
===================== ============================== ===========================================
"""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from services.common.contracts.bookings.limits import LONGEST_NAME
from services.common.contracts.bookings.rpc import MOST_PEOPLE, Headcount
from services.common.contracts.fields import (
    EMAIL_ADDRESS,
    Choice,
    Id,
    Instant,
    LanguageCode,
    StrictSchema,
    integer,
    person_name,
)
from services.common.languages import DEFAULT_LANGUAGE

STANDINGS = ("invited", "accepted", "tentative", "declined", "revoked", "called_off")
ANSWERS = ("yes", "no", "maybe")
LONGEST_EMAIL = 254


class InvitationStatus(Choice):
    choices = STANDINGS


class InvitationAnswer(Choice):
    choices = ANSWERS


class Guest(StrictSchema):
    """A person without an account."""

    name = person_name(LONGEST_NAME, required=True)
    email = fields.String(
        required=True,
        validate=[
            validate.Length(max=LONGEST_EMAIL),
            validate.Regexp(EMAIL_ADDRESS, error="email"),
        ],
        metadata={"example": "guest@example.org"},
    )
    language = LanguageCode(
        load_default=DEFAULT_LANGUAGE,
        metadata={"description": "In which the guest is written to."},
    )


class InvitationDetails(StrictSchema):
    """Who is invited: an organisation or an outside guest."""

    organisation_id = Id(
        load_default=None,
        allow_none=True,
        metadata={"description": "Either an organisation or a guest, not both."},
    )
    guest = fields.Nested(Guest, load_default=None, allow_none=True)

    @validates_schema(skip_on_field_errors=True)
    def _one_of_both(self, data: dict[str, Any], **_: Any) -> None:
        if (data.get("organisation_id") is None) == (data.get("guest") is None):
            raise ValidationError("one_of_both", "guest")


class Invite(InvitationDetails):
    booking_id = Id(required=True)


class OfBooking(StrictSchema):
    booking_id = Id(required=True)


class RevokeInvitation(StrictSchema):
    booking_id = Id(required=True)
    id = Id(required=True)
    expected_version = integer(1, 2**53, required=True)


class Invitation(Schema):
    id = Id(required=True)
    booking_id = Id(required=True)
    organisation_id = Id(required=True, allow_none=True)
    guest = fields.Nested(Guest, required=True, allow_none=True)
    status = InvitationStatus(required=True)
    people = fields.Integer(
        required=True, metadata={"description": "How many come; 0 unless accepted."}
    )
    invited_by = Id(required=True)
    invited_at = Instant(required=True)
    replied_at = Instant(required=True, allow_none=True)
    version = fields.Integer(required=True)


class InvitationList(Schema):
    """All invitations of a meeting; they are few."""

    items = fields.List(fields.Nested(Invitation), required=True)
    room = fields.Integer(
        required=True, metadata={"description": "How many guests may still accept."}
    )


class ByToken(StrictSchema):
    token = Id(required=True)


class Meeting(Schema):
    """What the holder of the link sees, in the caller's language."""

    title = fields.String(required=True)
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    time_zone = fields.String(required=True, metadata={"description": "IANA zone of the centre."})
    space = fields.String(required=True)
    centre = fields.String(required=True)
    host_id = Id(required=True, metadata={"description": "The organisation that invites."})
    answer = InvitationAnswer(
        required=True,
        allow_none=True,
        metadata={"description": "What was answered so far; null before the first answer."},
    )
    people = fields.Integer(required=True, metadata={"description": "0 unless the answer is yes."})
    language = LanguageCode(
        required=True,
        allow_none=True,
        metadata={"description": "In which the guest is written to; null for an organisation."},
    )


class Reply(StrictSchema):
    answer = InvitationAnswer(required=True)
    people = integer(
        1, MOST_PEOPLE, load_default=1, metadata={"description": "How many come, with a yes."}
    )


class ReplyByLink(Reply):
    token = Id(required=True)


class Replied(Schema):
    answer = InvitationAnswer(required=True)
    people = fields.Integer(required=True, metadata={"description": "0 unless the answer is yes."})


class CountHeads(Headcount):
    id = Id(required=True)
    expected_version = integer(1, 2**53, required=True)
