"""A broker that is short of memory or disk: it stands, delivers, and takes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from services.common.messaging import topology
from services.common.messaging.publisher import ConfirmingPublisher, Message
from tests.support.awaiting import until
from tests.support.broker import connections, short_of_disk, short_of_memory
from tests.support.echoing import SINGLE, Echo, Wire, an_event, echo
from tests.support.stack import BROKER, Server, Stack


@pytest.fixture(scope="module")
def own_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A node that these tests may starve, and that knows the queues of the echo service."""
    stack = Stack(tmp_path_factory.mktemp("own-broker"), only=BROKER)
    stack.up()
    with echo(tmp_path_factory.mktemp("declaring"), stack.amqp_uri):
        pass
    yield Server(stack.amqp_uri, "rabbitmq", stack)
    stack.down()


@pytest.fixture
def wire(own_broker: Server) -> Iterator[Wire]:
    connection = Wire(own_broker.uri)
    connection.purge(SINGLE, f"{SINGLE}.parked")
    yield connection
    connection.close()


def messages(*keys: str) -> list[Message]:
    kind = "test.single.done"
    return [Message(key=key, body=an_event(kind).encode(), routing_key=kind) for key in keys]


@pytest.mark.parametrize("shortage", [short_of_memory, short_of_disk])
def test_a_publisher_keeps_its_connection_and_writes_nothing_twice(
    own_broker: Server,
    wire: Wire,
    shortage: Callable[[Server], AbstractContextManager[None]],
) -> None:
    with ConfirmingPublisher(
        own_broker.uri, confirm_timeout=0.5, declare=[topology.EVENTS]
    ) as publisher:
        assert publisher.publish_many(messages("first")) == set()
        before = connections(own_broker)
        with shortage(own_broker):
            for _ in range(3):
                assert publisher.publish_many(messages("a", "b")) == {"a", "b"}
            assert publisher.publish_many(messages("b", "c")) >= {"b", "c"}
            assert connections(own_broker) == before
        assert publisher.publish_many(messages("b", "c")) == set()
        assert publisher.publish_many(messages("a")) == set()
        # What was confirmed late is new again when it comes once more.
        assert publisher.publish_many(messages("a")) == set()
    wire.await_depth(SINGLE, 5)


def test_an_event_that_cannot_be_put_off_is_kept_and_not_given_back(
    own_broker: Server, wire: Wire, tmp_path: Path
) -> None:
    with during_an_outage(own_broker, wire, tmp_path) as (service, event, outage):
        with short_of_memory(own_broker):
            await_refusals(service, 1)
            tried = len(service.journal("event", id=event))
            await_refusals(service, 4)
            # Each time that it is given back would bring it nearer to being parked.
            assert len(service.journal("event", id=event)) == tried
            assert service.metric("masaha_broker_short", connection="sender") == 1
        outage.unlink()
        service.await_journal("event-done", id=event)
        service.await_metric("masaha_events_consumed_total", consumer="echo-single", outcome="ok")
        assert service.metric("masaha_broker_short", connection="sender") == 0
    assert wire.depth(f"{SINGLE}.parked") == 0


def test_a_service_that_stops_meanwhile_gives_back_what_it_keeps(
    own_broker: Server, wire: Wire, tmp_path: Path
) -> None:
    with (
        during_an_outage(own_broker, wire, tmp_path) as (service, event, outage),
        short_of_memory(own_broker),
    ):
        await_refusals(service, 2)
        service.terminate()
        assert service.wait(20) == 0
    outage.unlink()
    with echo(tmp_path, own_broker.uri) as service:
        service.await_journal("event-done", id=event)


@contextmanager
def during_an_outage(broker: Server, wire: Wire, folder: Path) -> Iterator[tuple[Echo, str, Path]]:
    """A service, an event that it puts off, and the file that is there as long as the outage."""
    outage = folder / "outage"
    outage.touch()
    with echo(folder, broker.uri) as service:
        event = wire.event(do="outage-while", path=str(outage))
        service.await_journal("event", id=event)
        yield service, event, outage


def await_refusals(service: Echo, count: int) -> None:
    until(
        lambda: service.log().count("event.not_delayed"),
        "attempts to put it off",
        40,
        enough=lambda found: found >= count,
    )
