"""The organisations in the identity's events."""

from __future__ import annotations

from marshmallow import ValidationError

from services.bookings.domain.organisations import Organisation
from services.common.contracts.identity import events as contract
from services.common.errors import Permanent
from services.common.events.envelope import CloudEvent

ORGANISATION_EVENTS = frozenset(
    {
        contract.ORGANISATION_REGISTERED.name,
        contract.ORGANISATION_APPROVED.name,
        contract.ORGANISATION_SUSPENDED.name,
    }
)
"""The events that carry the status of an organisation."""

_organisation = contract.Organisation()


def organisation(event: CloudEvent) -> Organisation:
    """The organisation as the event has it.

    Raises:
        Permanent: if the data breaks the contract, which no retry will change.
    """
    try:
        data = _organisation.load(event.data)
    except ValidationError as error:
        raise Permanent(f"{event.type}: {error.messages}") from error
    return Organisation(
        organisation_id=data["organisation_id"],
        version=event.aggregate_version,
        name=data["name"],
        status=data["status"],
    )
