"""Facts about people and organisations, which the identity owns.

Events name people by their ids, since a log keeps them for ever. How a person is called and reached
travels as state (``PERSON_DETAILS``); a subscriber keeps a projection of it and never asks the
identity in the middle of its work.
"""

from __future__ import annotations

from marshmallow import fields, validate

from services.common.contracts.fields import EventData, Id, Instant, LocalisedFact, StateData
from services.common.contracts.registry import EventType, StateType

PERSON_STATUSES = ("active", "disabled", "erased")


class Person(EventData):
    person_id = Id(required=True)
    version = fields.Integer(required=True)


class PersonDetails(EventData):
    name = LocalisedFact(required=True)
    email = fields.String(required=True)
    language = fields.String(required=True)


class PersonState(StateData):
    person_id = Id(required=True)
    status = fields.String(required=True, validate=validate.OneOf(PERSON_STATUSES))
    roles = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "Staff roles; none for a person who does not work for us."},
    )
    centres = fields.List(
        Id(), required=True, metadata={"description": "Where a `front_desk` role holds."}
    )
    details = fields.Nested(PersonDetails, required=True, allow_none=True)


class ErasedAddress(EventData):
    email = fields.String(required=True)


class ErasureState(StateData):
    person_id = Id(required=True)
    details = fields.Nested(ErasedAddress, required=True)


class Organisation(EventData):
    organisation_id = Id(required=True)
    version = fields.Integer(required=True)
    name = LocalisedFact(required=True)
    status = fields.String(required=True)


class Membership(EventData):
    """One person in one organisation; subject is ``<organisation>.<person>``."""

    organisation_id = Id(required=True)
    person_id = Id(required=True)
    version = fields.Integer(required=True)
    role = fields.String(required=True, validate=validate.OneOf(("member", "representative")))


class Invitation(EventData):
    """An invitation into an organisation. The address stays with the identity."""

    invitation_id = Id(required=True)
    organisation_id = Id(required=True)
    person_id = Id(
        required=True,
        allow_none=True,
        metadata={"description": "Who is invited; null where nobody signs in with the address."},
    )
    role = fields.String(required=True, validate=validate.OneOf(("member", "representative")))
    invited_by = Id(
        required=True, metadata={"description": "The person who has issued the invitation."}
    )
    changed_by = Id(required=True)
    expires_at = Instant(required=True)
    version = fields.Integer(required=True)


class Access(EventData):
    """The access of a person or a service account; subject is its id, version its epoch."""

    caller_id = Id(required=True)
    epoch = fields.Integer(required=True)


PERSON_REGISTERED = EventType(
    "identity.person.registered", 1, Person, "A person can sign in and be reached."
)
PERSON_CHANGED = EventType(
    "identity.person.changed", 1, Person, "Something of a person has changed."
)
PERSON_ERASED = EventType(
    "identity.person.erased",
    1,
    Person,
    "Nothing is kept of a person but the id: each branch erases what it holds.",
)
PERSON_DETAILS = StateType(
    "identity.person.details",
    1,
    PersonState,
    "How a person is called and reached, and which work they do.",
)
ERASURE_DETAILS = StateType(
    "identity.erasure.details",
    1,
    ErasureState,
    "A person is erased, who had this address: by it a branch erases what it holds under no id of "
    "the person. Published once, and no one keeps it.",
)
ORGANISATION_REGISTERED = EventType(
    "identity.organisation.registered", 1, Organisation, "An organisation waits for approval."
)
ORGANISATION_APPROVED = EventType(
    "identity.organisation.approved", 1, Organisation, "An organisation may use the centre."
)
ORGANISATION_SUSPENDED = EventType(
    "identity.organisation.suspended", 1, Organisation, "An organisation may not use the centre."
)
MEMBERSHIP_GRANTED = EventType(
    "identity.membership.granted", 1, Membership, "A person belongs to an organisation, in a role."
)
MEMBERSHIP_REVOKED = EventType(
    "identity.membership.revoked", 1, Membership, "A person no longer belongs to an organisation."
)
ACCESS_REVOKED = EventType(
    "identity.access.revoked",
    1,
    Access,
    "A person or a service account has lost a right: access tokens of earlier epochs are refused.",
)
INVITATION_ISSUED = EventType(
    "identity.invitation.issued", 1, Invitation, "A person is asked to belong to an organisation."
)
INVITATION_ACCEPTED = EventType(
    "identity.invitation.accepted", 1, Invitation, "A person has accepted to belong to it."
)
INVITATION_DECLINED = EventType(
    "identity.invitation.declined", 1, Invitation, "A person has declined to belong to it."
)
INVITATION_WITHDRAWN = EventType(
    "identity.invitation.withdrawn", 1, Invitation, "The organisation has taken an invitation back."
)
