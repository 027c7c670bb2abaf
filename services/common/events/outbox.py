"""The outbox: an event is written in the transaction of the change that it reports.

A row stays here until the relay has moved it to the log, so the collection is empty when all events
are published.

Beside events stand *states*: personal details, which no log may keep (ADR 0020). The newest state
of a subject takes the place of the one that still waits, leaves before any event, and is gone once
a queue has it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from services.common import tracing
from services.common.clock import Clock
from services.common.context import SYSTEM, Caller
from services.common.contracts.registry import EventType, StateType
from services.common.events.audience import OPEN, Audience
from services.common.events.envelope import CloudEvent
from services.common.ids import NewId
from services.common.storage.mongo import Database, Document, Session
from services.common.storage.projections import put_newest

COLLECTION = OPEN.outbox
#: Ids of states begin with it, and so stand before the ids of all events.
STATES_FIRST = "!"
#: A member of the row of a state that the relay has not tried to send.
UNTRIED = "untried"


@dataclass(frozen=True, slots=True)
class Fact:
    """What an event says.

    Attributes:
        subject: id of the aggregate.
        version: the version of the aggregate that the change made.
        data: in wire form.
    """

    subject: str
    version: int
    data: Mapping[str, Any]


class Outbox:
    """Where operations put their events.

    Args:
        database: the service's own.
        clock, new_id: handed in, so that tests decide them.
        audience: for whom the events are.
    """

    def __init__(
        self, database: Database, clock: Clock, new_id: NewId, audience: Audience = OPEN
    ) -> None:
        self._rows = database.collection(audience.outbox)
        self._audience = audience
        self._clock = clock
        self._new_id = new_id

    def ensure_indexes(self) -> None:
        # Serves the relay's look for earlier events of an aggregate, and refuses a second event
        # with the same version: two writers of one aggregate cannot both have been right.
        self._rows.create_index([("aggregate", 1), ("version", 1)], unique=True)
        # Events have no such member, so their rows cost nothing here.
        self._rows.create_index(UNTRIED, partialFilterExpression={UNTRIED: True})

    def record(
        self,
        session: Session,
        event_type: EventType,
        *,
        subject: str,
        version: int,
        data: Mapping[str, Any],
        caller: Caller,
    ) -> CloudEvent:
        """Write an event beside its change.

        Args:
            session: the transaction of the change.
            event_type: the contract; ``data`` is validated with it here, so that a defect fails its
                own request and never reaches a subscriber.
            subject: id of the aggregate.
            version: the version of the aggregate that this change made, one event per version.
            data: the fact, in wire form.
            caller: who caused it; only the kind is published.

        Raises:
            ContractBroken: if the data is not what the contract says.
        """
        fact = Fact(subject, version, data)
        event = self._event(event_type, fact, caller)
        self._rows.insert_one(_row(event, version), session=session)
        return event

    def record_many(
        self, session: Session, event_type: EventType, facts: Iterable[Fact], *, caller: Caller
    ) -> None:
        """Write the events of a change of many aggregates, in one write.

        Raises:
            ContractBroken: as :meth:`record`.
        """
        rows = [_row(self._event(event_type, each, caller), each.version) for each in facts]
        if rows:
            self._rows.insert_many(rows, session=session)

    def record_each(
        self, session: Session, facts: Iterable[tuple[EventType, Fact, Caller]]
    ) -> None:
        """Write events of several types and callers in one write, in this order.

        Raises:
            ContractBroken: as :meth:`record`.
        """
        rows = [_row(self._event(kind, fact, caller), fact.version) for kind, fact, caller in facts]
        if rows:
            self._rows.insert_many(rows, session=session)

    def put_states(
        self, session: Session, state_type: StateType, states: Iterable[Fact], *, caller: Caller
    ) -> None:
        """Write states in place of those of the same subjects that still wait to be sent.

        Raises:
            ContractBroken: as :meth:`record`.
        """
        put_newest(
            session,
            self._rows,
            [_state_row(self._event(state_type, each, caller), each.version) for each in states],
            again=True,
        )

    def _event(self, event_type: EventType, fact: Fact, caller: Caller) -> CloudEvent:
        event_type.check(fact.data)
        anonymous = self._audience.anonymous
        return CloudEvent(
            id=self._new_id(),
            source=f"/masaha/{event_type.publisher}",
            type=event_type.name,
            subject=fact.subject,
            time=self._clock.now(),
            dataschema=event_type.dataschema,
            data=fact.data,
            aggregate_version=fact.version,
            actor_kind=SYSTEM.kind if anonymous else caller.kind,
            traceparent=None if anonymous else tracing.current.get(),
        )


def _row(event: CloudEvent, version: int) -> Document:
    return {
        "_id": event.id,
        "aggregate": event.aggregate,
        "version": version,
        "event": event.to_wire(),
    }


def _state_row(state: CloudEvent, version: int) -> Document:
    aggregate = f"{state.type}/{state.subject}"
    return {
        "_id": f"{STATES_FIRST}{aggregate}",
        "aggregate": aggregate,
        "version": version,
        "event": state.to_wire(),
        UNTRIED: True,
    }
