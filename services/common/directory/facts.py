"""The identity's events and states → organisations, people and memberships."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError

from services.common.contracts.identity import events as contract
from services.common.directory.organisations import Organisation
from services.common.directory.people import ErasedPerson, Membership, Person
from services.common.errors import Permanent
from services.common.events.envelope import CloudEvent

ORGANISATIONS = frozenset(
    {
        contract.ORGANISATION_REGISTERED.name,
        contract.ORGANISATION_APPROVED.name,
        contract.ORGANISATION_SUSPENDED.name,
    }
)
"""The events that say how an organisation stands."""

MEMBERSHIPS = frozenset({contract.MEMBERSHIP_GRANTED.name, contract.MEMBERSHIP_REVOKED.name})
PEOPLE = frozenset({contract.PERSON_DETAILS.name})

# Made once: building a schema costs more than using it.
_ORGANISATION = contract.Organisation()
_MEMBERSHIP = contract.Membership()
_PERSON = contract.PersonState()


def organisation_of(event: CloudEvent) -> Organisation:
    """The organisation as the event has it.

    Raises:
        Permanent: if the data breaks the contract, which no retry will change.
    """
    data = _load(_ORGANISATION, event)
    return Organisation(
        organisation_id=data["organisation_id"],
        version=event.aggregate_version,
        name=data["name"],
        status=data["status"],
    )


def membership_of(event: CloudEvent) -> Membership:
    """Raises:
    Permanent: as :func:`organisation_of`.
    """
    data = _load(_MEMBERSHIP, event)
    return Membership(
        organisation_id=data["organisation_id"],
        person_id=data["person_id"],
        version=event.aggregate_version,
        role=data["role"],
        active=event.type == contract.MEMBERSHIP_GRANTED.name,
    )


def person_of(state: CloudEvent) -> Person | ErasedPerson:
    """Raises:
    Permanent: as :func:`organisation_of`.
    """
    data = _load(_PERSON, state)
    details = data["details"]
    if details is None:
        return ErasedPerson(state.subject, state.aggregate_version)
    return Person(
        person_id=state.subject,
        version=state.aggregate_version,
        name=details["name"],
        email=details["email"],
        language=details["language"],
        status=data["status"],
        roles=frozenset(data["roles"]),
        centres=frozenset(data["centres"]),
    )


def _load(schema: Schema, event: CloudEvent) -> dict[str, Any]:
    try:
        data: dict[str, Any] = schema.load(event.data)
    except ValidationError as error:
        raise Permanent(f"{event.type}: {error.messages}") from error
    return data
