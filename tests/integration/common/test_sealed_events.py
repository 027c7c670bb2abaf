"""Events of two audiences, each with an outbox, a log and an exchange, on real servers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from kombu import Connection, Queue
from marshmallow import fields

from services.common import tracing
from services.common.clock import FixedClock
from services.common.context import Caller
from services.common.contracts.fields import EventData
from services.common.contracts.registry import EventType
from services.common.events.audience import OPEN, SEALED, Audience
from services.common.events.event_log import EventLog
from services.common.events.outbox import Outbox
from services.common.ids import new_id
from services.common.messaging.publisher import ConfirmingPublisher
from services.common.messaging.relay import Relay
from services.common.messaging.topology import EVENTS, SEALED_NEWS
from services.common.storage.mongo import Database
from tests.integration.common.test_events import NOW, Recorder
from tests.support.awaiting import until
from tests.support.mongo import empty_database
from tests.support.stack import Server

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


class Told(EventData):
    person_id = fields.String(required=True)


# Of its own: on a broker that is shared others may be bound to the true one.
TOLD = EventType("testing.news.sent", 1, Told, "For these tests.")


@pytest.fixture
def store(database: Server) -> Iterator[Database]:
    yield from empty_database(database.uri)


def outbox_of(store: Database, audience: Audience) -> Outbox:
    outbox = Outbox(store, FixedClock(NOW), new_id, audience)
    outbox.ensure_indexes()
    EventLog(store, audience).ensure_indexes()
    return outbox


def tell(store: Database, audience: Audience, *subjects: str) -> None:
    outbox = outbox_of(store, audience)
    for subject in subjects:
        store.transact(
            lambda session, subject=subject: outbox.record(
                session,
                TOLD,
                subject=subject,
                version=1,
                data={"person_id": "rana"},
                caller=Caller("sara"),
            )
        )


def test_neither_log_shows_by_its_numbers_what_the_other_holds(store: Database) -> None:
    for audience, subjects in ((OPEN, "a"), (SEALED, "bc"), (OPEN, "d"), (SEALED, "e")):
        tell(store, audience, *subjects)
    for audience, subjects in ((OPEN, "ad"), (SEALED, "bce")):
        publisher = Recorder()
        relay = Relay("test", store, publisher, holder="r", audience=audience)
        assert relay.acquire_lease()
        assert relay.step() == len(subjects)
        sent = [(event.subject, event.sequence) for event in publisher.sent]
        assert sent == list(zip(subjects, range(1, len(subjects) + 1), strict=True))
        assert EventLog(store, audience).verify()[0] == len(subjects)


def test_a_sealed_event_says_nothing_of_its_cause(store: Database) -> None:
    token = tracing.current.set(TRACE)
    try:
        for audience in (OPEN, SEALED):
            tell(store, audience, "a")
    finally:
        tracing.current.reset(token)
    rows = {each: store.collection(each.outbox).find_one()["event"] for each in (OPEN, SEALED)}
    assert (rows[OPEN]["actorkind"], rows[OPEN]["traceparent"]) == ("person", TRACE)
    assert rows[SEALED]["actorkind"] == "system"
    assert "traceparent" not in rows[SEALED]


def test_sealed_events_wait_for_their_reader_and_reach_nobody_else(
    store: Database, broker: Server
) -> None:
    tell(store, SEALED, "a")
    publisher = ConfirmingPublisher(broker.uri, declare=[EVENTS, SEALED_NEWS])
    relay = Relay("test", store, publisher, holder="r", audience=SEALED)
    assert relay.acquire_lease()
    with Connection(broker.uri) as connection:
        channel = connection.channel()
        everybody = Queue(new_id(), EVENTS, "testing.news.*", exclusive=True)(channel)
        everybody.declare()
        # No queue has it yet: an event that was dropped now would be lost.
        assert relay.step() == 0
        reader = Queue(new_id(), SEALED_NEWS, TOLD.name, exclusive=True)(channel)
        reader.declare()
        assert relay.step() == 1
        found = until(lambda: reader.get(no_ack=True), "the news")
        assert found.delivery_info["exchange"] == SEALED_NEWS.name
        assert everybody.get(no_ack=True) is None
    relay.close()
