"""The data of the events about invitations.

Events name the invitation. Name and address of a guest without an account travel as state
(:class:`GuestState`), which no log keeps. Two events carry the nonce of the link.
``services.common.links`` makes the token from it, in the branch that sends the mail: no event
carries anything with which a person can reply. They are the first one, and the one that says that
the meeting has changed, since that may be the first mail that a guest gets.
"""

from __future__ import annotations

from marshmallow import fields

from services.common.contracts.bookings.invitations import ANSWERS
from services.common.contracts.fields import EventData, Id, Instant, LocalisedFact, StateData


class Invitation(EventData):
    """The invitation, and the meeting as it now stands."""

    invitation_id = Id(required=True)
    booking_id = Id(required=True)
    organisation_id = Id(required=True, metadata={"description": "The host."})
    invited_organisation_id = Id(
        required=True, allow_none=True, metadata={"description": "Null for an outside guest."}
    )
    centre_id = Id(required=True)
    space_id = Id(required=True)
    centre_name = LocalisedFact(required=True)
    space_name = LocalisedFact(required=True)
    time_zone = fields.String(required=True, metadata={"description": "IANA zone of the centre."})
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    title = fields.String(required=True)
    version = fields.Integer(required=True)
    changed_by = Id(required=True, metadata={"description": "Who caused this fact."})


class Guest(EventData):
    name = fields.String(required=True)
    email = fields.String(required=True)
    language = fields.String(required=True)


class GuestState(StateData):
    invitation_id = Id(required=True)
    until = Instant(
        required=True, metadata={"description": "When the keeper of the details deletes them."}
    )
    details = fields.Nested(Guest, required=True, allow_none=True)


_LINK_NONCE = "The link's token is made of it, with a secret that is not here."


class Issued(Invitation):
    link_nonce = fields.String(required=True, metadata={"description": _LINK_NONCE})


class Changed(Invitation):
    previous_space_name = LocalisedFact(required=True)
    previous_starts_at = Instant(required=True)
    previous_ends_at = Instant(required=True)
    link_nonce = fields.String(required=True, metadata={"description": _LINK_NONCE})


class CalledOff(Invitation):
    reason = fields.String(required=True, allow_none=True)
    notifies_guest = fields.Boolean(
        required=True,
        metadata={"description": "False for a guest who had declined and needs no message."},
    )


class Replied(Invitation):
    answer = fields.String(required=True, metadata={"description": ", ".join(ANSWERS)})
    people = fields.Integer(required=True)
