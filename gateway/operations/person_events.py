"""What is sent of a person: the event, by id, and before it the details, which no log keeps."""

from __future__ import annotations

from gateway.domain.identity import Person
from services.common.context import Caller
from services.common.contracts.gateway.events import PERSON_DETAILS
from services.common.contracts.registry import EventType
from services.common.events.outbox import Fact, Outbox
from services.common.storage.mongo import Session


def record_person_event(
    outbox: Outbox,
    session: Session,
    event_type: EventType,
    person: Person,
    caller: Caller,
    *,
    erased_email: str | None = None,
) -> None:
    """Record the event of the person's present version, and send the details as they now are.

    Args:
        erased_email: the address that the person had, with an erasure.
    """
    put_person_state(outbox, session, person, caller, erased_email=erased_email)
    outbox.record(
        session,
        event_type,
        subject=person.id,
        version=person.version,
        data=person.event(),
        caller=caller,
    )


def put_person_state(
    outbox: Outbox,
    session: Session,
    person: Person,
    caller: Caller,
    *,
    erased_email: str | None = None,
) -> None:
    """Send the details of a person as they now are; none where they are erased."""
    state = person.state()
    if erased_email is not None:
        state["erased_email"] = erased_email
    outbox.put_states(
        session, PERSON_DETAILS, [Fact(person.id, person.version, state)], caller=caller
    )
