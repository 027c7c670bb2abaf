"""Events of the identity and bookings → known people, guests, organisations and memberships."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from services.common.contracts.bookings.events import GUEST_DETAILS
from services.common.directory import MEMBERSHIP_EVENTS, ORGANISATION_EVENTS, PERSON_STATES
from services.common.directory.people import ErasedPerson, Person
from services.common.directory.projection import take_identity_events
from services.common.events.envelope import CloudEvent
from services.common.languages import DEFAULT_LANGUAGE
from services.common.storage.mongo import Session
from services.notifications.app import App
from services.notifications.domain.guests import Guest
from services.notifications.operations.personal_data import erase, forget_names
from services.notifications.schemas import facts_of

STATES = (*PERSON_STATES, GUEST_DETAILS.name)
PEOPLE_PATTERNS = (*ORGANISATION_EVENTS, *MEMBERSHIP_EVENTS)


def apply_events(app: App, events: Sequence[CloudEvent]) -> None:
    """Take the facts in, each event once; older versions never overwrite newer ones.

    Raises:
        Permanent: if an event's data is not what its contract says.
    """
    take_identity_events(
        app,
        app.directory,
        events,
        erase=partial(erase, app),
        on_erased=partial(forget_names, app),
    )
    guests = [_guest(event) for event in events if event.type == GUEST_DETAILS.name]
    if guests:
        # The versions decide; a note of each would keep nothing that they do not.
        app.database.transact(partial(_put_guests, app, guests))


def _put_guests(app: App, guests: Sequence[Guest], session: Session) -> None:
    app.people.put_guests(session, guests)
    details = [each.details for each in guests]
    erased = [each.person_id for each in details if isinstance(each, ErasedPerson)]
    if erased:
        forget_names(app, session, erased)


def _guest(state: CloudEvent) -> Guest:
    data = facts_of(state)
    details, until = data["details"], data.get("until")
    if details is None:
        return Guest(ErasedPerson(state.subject, state.aggregate_version), until)
    known = Person(
        person_id=state.subject,
        version=state.aggregate_version,
        name={DEFAULT_LANGUAGE: details["name"]},
        email=details["email"],
        language=details["language"],
    )
    return Guest(known, until)
