"""Events of the gateway and bookings → known people, organisations and memberships."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from services.common.contracts.bookings.events import GUEST_DETAILS
from services.common.contracts.identity import events as identity
from services.common.events.envelope import CloudEvent
from services.common.languages import DEFAULT_LANGUAGE
from services.common.personal_data import erase_all
from services.common.storage.mongo import Session
from services.notifications.app import App
from services.notifications.domain.people import Contact, Erased, Membership, Organisation
from services.notifications.operations.personal_data import erase, forget_names
from services.notifications.schemas import facts_of

STATES = (identity.PERSON_DETAILS.name, GUEST_DETAILS.name)
_ORGANISATION = {
    identity.ORGANISATION_REGISTERED.name,
    identity.ORGANISATION_APPROVED.name,
    identity.ORGANISATION_SUSPENDED.name,
}
_MEMBERSHIP = {identity.MEMBERSHIP_GRANTED.name, identity.MEMBERSHIP_REVOKED.name}

TYPES = frozenset(_ORGANISATION | _MEMBERSHIP)
PEOPLE_PATTERNS = ("identity.organisation.*", "identity.membership.*")


def apply_events(app: App, events: Sequence[CloudEvent]) -> None:
    """Take the facts in, each event once; older versions never overwrite newer ones.

    Raises:
        Permanent: if an event's data is not what its contract says.
    """
    erase_all(app.database, events, partial(erase, app))
    contacts = [_contact(event) for event in events if event.type in STATES]
    if contacts:
        # The versions decide; a note of each would keep nothing that they do not.
        app.database.transact(partial(_put_contacts, app, contacts))
    known = [event for event in events if event.type in TYPES]
    if not known:
        return
    organisations = [_organisation(event) for event in known if event.type in _ORGANISATION]
    memberships = [_membership(event) for event in known if event.type in _MEMBERSHIP]

    def effect(session: Session, _fresh: Sequence[CloudEvent]) -> None:
        # The versions decide, so that events taken before may be in it too.
        app.people.project(session, organisations, memberships)

    app.inbox.apply_once(known, effect)


def _put_contacts(app: App, contacts: Sequence[Contact | Erased], session: Session) -> None:
    app.people.put_contacts(session, contacts)
    erased = [each.person_id for each in contacts if isinstance(each, Erased)]
    if erased:
        forget_names(app, session, erased)


def _contact(state: CloudEvent) -> Contact | Erased:
    data = facts_of(state)
    details, until = data["details"], data.get("until")
    if details is None:
        return Erased(state.subject, state.aggregate_version, until)
    guest = state.type == GUEST_DETAILS.name
    return Contact(
        person_id=state.subject,
        version=state.aggregate_version,
        name={DEFAULT_LANGUAGE: details["name"]} if guest else details["name"],
        email=details["email"],
        language=details["language"],
        until=until,
        disabled=data.get("status") == "disabled",
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
        active=event.type == identity.MEMBERSHIP_GRANTED.name,
    )
