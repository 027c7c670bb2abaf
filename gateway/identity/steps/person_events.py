"""What is sent of a person: the event, by id, and before it the details, which no log keeps."""

from __future__ import annotations

from gateway.identity.app import App
from gateway.identity.domain.identity import Person
from services.common.context import Caller
from services.common.contracts.identity.events import (
    ERASURE_DETAILS,
    PERSON_DETAILS,
    PERSON_ERASED,
)
from services.common.contracts.registry import EventType
from services.common.events.outbox import Fact
from services.common.storage.mongo import Session


def record_person_event(
    app: App, caller: Caller, session: Session, event_type: EventType, person: Person
) -> None:
    """Record the event of the person's present version, and send the details as they now are."""
    put_person_state(app, caller, session, person)
    app.outbox.record(
        session,
        event_type,
        subject=person.id,
        version=person.version,
        data=person.event(),
        caller=caller,
    )


def record_erasure(app: App, caller: Caller, session: Session, person: Person, email: str) -> None:
    """Record that a person is erased, and send the address that they had, for the last time."""
    data = {"person_id": person.id, "version": person.version, "details": {"email": email}}
    app.outbox.put_states(
        session, ERASURE_DETAILS, [Fact(person.id, person.version, data)], caller=caller
    )
    record_person_event(app, caller, session, PERSON_ERASED, person)


def put_person_state(app: App, caller: Caller, session: Session, person: Person) -> None:
    """Send the details of a person as they now are; none where they are erased."""
    fact = Fact(person.id, person.version, person.state())
    app.outbox.put_states(session, PERSON_DETAILS, [fact], caller=caller)
