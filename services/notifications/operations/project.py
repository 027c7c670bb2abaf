"""The gateway's events → what we know of people, organisations and memberships."""

from __future__ import annotations

from collections.abc import Sequence

from services.common.contracts.gateway import events as gateway
from services.common.events.envelope import CloudEvent
from services.common.storage.mongo import Session
from services.notifications.app import App
from services.notifications.domain.people import Contact, Membership, Organisation
from services.notifications.schemas import facts_of

_PERSON = {gateway.PERSON_REGISTERED.name, gateway.PERSON_CHANGED.name}
_ORGANISATION = {
    gateway.ORGANISATION_REGISTERED.name,
    gateway.ORGANISATION_APPROVED.name,
    gateway.ORGANISATION_SUSPENDED.name,
}
_MEMBERSHIP = {gateway.MEMBERSHIP_GRANTED.name, gateway.MEMBERSHIP_REVOKED.name}

TYPES = frozenset(_PERSON | _ORGANISATION | _MEMBERSHIP)


def project(app: App, events: Sequence[CloudEvent]) -> None:
    """Take the facts in, each event once; older versions never overwrite newer ones.

    Raises:
        Permanent: if an event's data is not what its contract says.
    """
    known = [event for event in events if event.type in TYPES]
    if not known:
        return
    contacts = [_contact(event) for event in known if event.type in _PERSON]
    organisations = [_organisation(event) for event in known if event.type in _ORGANISATION]
    memberships = [_membership(event) for event in known if event.type in _MEMBERSHIP]

    def effect(session: Session, _fresh: Sequence[CloudEvent]) -> None:
        # The versions decide, so that events taken before may be in it too.
        app.people.project(session, contacts, organisations, memberships)

    app.inbox.take(known, effect)


def _contact(event: CloudEvent) -> Contact:
    data = facts_of(event)
    return Contact(
        person_id=data["person_id"],
        version=event.aggregate_version,
        name=data["name"],
        email=data["email"],
        language=data["language"],
    )


def _organisation(event: CloudEvent) -> Organisation:
    data = facts_of(event)
    return Organisation(
        organisation_id=data["organisation_id"],
        version=event.aggregate_version,
        name=data["name"],
        status=data["status"],
    )


def _membership(event: CloudEvent) -> Membership:
    data = facts_of(event)
    return Membership(
        organisation_id=data["organisation_id"],
        person_id=data["person_id"],
        version=event.aggregate_version,
        role=data["role"],
        active=event.type == gateway.MEMBERSHIP_GRANTED.name,
    )
