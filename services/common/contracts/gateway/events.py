"""Facts about people and organisations, which the gateway owns.

The only personal data here is what others need to reach a person; a subscriber keeps a projection
and never asks the gateway in the middle of its work.
"""

from __future__ import annotations

from marshmallow import fields, validate

from services.common.contracts.fields import EventData, Id, LocalisedFact
from services.common.contracts.registry import EventType


class Person(EventData):
    person_id = Id(required=True)
    version = fields.Integer(required=True)
    name = LocalisedFact(required=True)
    email = fields.String(required=True)
    language = fields.String(required=True)


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


class Access(EventData):
    """The access of a person or a service account; subject is its id, version its epoch."""

    caller_id = Id(required=True)
    epoch = fields.Integer(required=True)


PERSON_REGISTERED = EventType(
    "gateway.person.registered", 1, Person, "A person can sign in and be reached."
)
PERSON_CHANGED = EventType(
    "gateway.person.changed", 1, Person, "Name, address or language of a person has changed."
)
ORGANISATION_REGISTERED = EventType(
    "gateway.organisation.registered", 1, Organisation, "An organisation waits for approval."
)
ORGANISATION_APPROVED = EventType(
    "gateway.organisation.approved", 1, Organisation, "An organisation may use the centre."
)
ORGANISATION_SUSPENDED = EventType(
    "gateway.organisation.suspended", 1, Organisation, "An organisation may not use the centre."
)
MEMBERSHIP_GRANTED = EventType(
    "gateway.membership.granted", 1, Membership, "A person belongs to an organisation, in a role."
)
MEMBERSHIP_REVOKED = EventType(
    "gateway.membership.revoked", 1, Membership, "A person no longer belongs to an organisation."
)
ACCESS_REVOKED = EventType(
    "gateway.access.revoked",
    1,
    Access,
    "A person or a service account has lost a right: access tokens of earlier epochs are refused.",
)
