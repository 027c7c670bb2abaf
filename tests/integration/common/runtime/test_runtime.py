"""The traps of nameko, kombu and RabbitMQ that need something to be killed, frozen or kept busy.

Each test names the row of ``docs/messaging.md`` that it answers.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from kombu import Connection

from services.common.messaging import topology
from services.common.messaging.publisher import ConfirmingPublisher, Message
from services.common.runtime.watchdog import EXIT_HUNG
from tests.support.awaiting import until
from tests.support.echoing import SINGLE, Echo, Wire, an_event, echo, frozen
from tests.support.ports import free_port
from tests.support.stack import BROKER, Server, Stack


@pytest.fixture(scope="module")
def own_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A node that these tests may kill and freeze, and that knows the queues of the echo service.

    RabbitMQ writes down half a second late that it has a new quorum queue (`names.dets` of its Raft
    library). Killed before, it comes back with a queue that nobody leads, ever, as the runbook says
    under "A queue that nobody leads"; a clean stop writes it at once.
    """
    stack = Stack(tmp_path_factory.mktemp("own-broker"), only=BROKER)
    stack.up()
    with echo(tmp_path_factory.mktemp("declaring"), stack.amqp_uri):
        pass
    stack.restart("rabbitmq")
    yield Server(stack.amqp_uri, "rabbitmq", stack)
    stack.down()


@pytest.fixture
def wire(own_broker: Server) -> Iterator[Wire]:
    connection = Wire(own_broker.uri)
    yield connection
    connection.close()


def restarted(server: Server) -> None:
    """Kill the node outright and wait until it is back."""
    killed = server.stack.kill(server.name)
    server.stack.wait_ready(server.name, but_pid=killed)


# -- stopping -------------------------------------------------------------------------------------


def test_sigterm_lets_started_work_finish_once_and_redelivers_none(
    own_broker: Server, wire: Wire, tmp_path: Path
) -> None:
    with echo(tmp_path, own_broker.uri) as first, echo(tmp_path, own_broker.uri) as second:
        calls = [wire.request("work", {"key": f"call-{n}", "seconds": 2}) for n in range(8)]
        events = [wire.event(do="wait", seconds=2) for _ in range(8)]
        first.await_journal("started", count=8)
        first.await_journal("event", count=8)
        first.terminate()
        assert first.wait() == 0, first.log()

        for call in calls:
            assert wire.reply(call)["error"] is None
        for event in events:
            second.await_journal("event-done", id=event)
        # A redelivery would show as a second start on the peer, which is idle and waiting.
        assert len(second.journal("started")) == 8
        assert len(second.journal("event")) == 8
        assert second.metric("masaha_rpc_calls_total", method="work", outcome="ok") + len(
            [line for line in second.journal("finished") if line["pid"] == first.process.pid]
        ) == len(calls)
        assert first.journal("closed", pid=first.process.pid), "the application was not closed"


def test_sigterm_finishes_an_idle_service_quickly(own_broker: Server, tmp_path: Path) -> None:
    with echo(tmp_path, own_broker.uri) as service:
        began = time.monotonic()
        service.terminate()
        assert service.wait() == 0
        assert time.monotonic() - began < 3


def test_a_second_sigterm_ends_at_once_and_the_work_goes_to_a_peer(
    own_broker: Server, wire: Wire, tmp_path: Path
) -> None:
    with echo(tmp_path, own_broker.uri) as first:
        event = wire.event(do="wait", seconds=60)
        first.await_journal("event", id=event)
        first.terminate()
        first.await_log("service.draining")
        first.terminate()
        assert first.wait(5) == 1
    with echo(tmp_path, own_broker.uri) as second:
        second.await_journal("event", count=2, id=event)
    wire.purge(SINGLE)


# -- a broker that is away ------------------------------------------------------------------------


def test_a_service_starts_and_waits_without_a_broker(tmp_path: Path) -> None:
    service = Echo(tmp_path, f"amqp://127.0.0.1:{free_port()}/")
    try:
        service.await_log("broker.away")
        assert service.probe("/healthz")[0] == 200
        status, reason = service.probe("/readyz")
        assert (status, "not connected to the broker" in reason) == (503, True)
        service.terminate()
        assert service.wait(5) == 0
    finally:
        service.close()


def test_a_killed_broker_comes_back_and_the_service_goes_on(
    own_broker: Server, tmp_path: Path
) -> None:
    with echo(tmp_path, own_broker.uri) as service:
        wire = Wire(own_broker.uri)
        kept = wire.event(do="wait", seconds=1)
        wire.request("work", {"key": "in flight", "seconds": 1})
        service.await_journal("event", id=kept)
        service.await_journal("started", key="in flight")
        restarted(own_broker)
        service.await_ready(30)

        # The event was not acknowledged, so it comes again: its inbox makes it one effect.
        service.await_journal("event-done", count=2, id=kept, seconds=20)
        again = Wire(own_broker.uri)
        assert again.call("echo", {"after": "all"})["result"] == {"after": "all"}
        event = again.event()
        service.await_journal("event-done", id=event)
        assert service.process.poll() is None
        again.close()


def test_calls_that_finish_while_the_broker_is_down_hang_nothing(
    own_broker: Server, tmp_path: Path
) -> None:
    with echo(tmp_path, own_broker.uri) as service:
        wire = Wire(own_broker.uri)
        for n in range(12):
            wire.request("work", {"key": f"lost-{n}", "seconds": 1.0})
        service.await_journal("started", count=10)
        killed = own_broker.stack.kill(own_broker.name)
        service.await_journal("finished", count=10)
        service.await_metric("masaha_rpc_replies_dropped_total")
        assert service.probe("/healthz")[0] == 200
        own_broker.stack.wait_ready(own_broker.name, but_pid=killed)
        service.await_ready(30)
        again = Wire(own_broker.uri)
        assert again.call("echo", {"n": 1})["result"] == {"n": 1}
        again.close()
        service.terminate()
        assert service.wait() == 0


def test_a_retry_is_not_lost_when_the_broker_dies_under_it(
    own_broker: Server, tmp_path: Path
) -> None:
    with echo(tmp_path, own_broker.uri) as service:
        wire = Wire(own_broker.uri)
        events = [wire.event(do="fail") for _ in range(20)]
        service.await_journal("event", id=events[0])
        restarted(own_broker)
        again = Wire(own_broker.uri)

        def parked() -> bool:
            return again.depth(f"{SINGLE}.parked") >= len(events)

        until(parked, "parking of them all", 40)
        again.purge(f"{SINGLE}.parked")
        again.close()


def test_a_frozen_broker_is_noticed_and_left_and_found_again(
    own_broker: Server, tmp_path: Path
) -> None:
    with echo(tmp_path, own_broker.uri, AMQP_HEARTBEAT="2") as service:
        with frozen(own_broker):
            service.await_probe("/readyz", 503, 25)
            assert service.probe("/healthz")[0] == 200
        service.await_ready(30)
        wire = Wire(own_broker.uri)
        assert wire.call("echo", {"n": 1})["result"] == {"n": 1}
        wire.close()


def test_sigterm_ends_a_service_whose_broker_is_frozen(own_broker: Server, tmp_path: Path) -> None:
    with echo(tmp_path, own_broker.uri, AMQP_HEARTBEAT="2") as service, frozen(own_broker):
        service.terminate()
        assert service.wait(20) == 0


# -- the confirming publisher ---------------------------------------------------------------------


def a_message(key: str = "k", kind: str = "test.single.done", **more: object) -> Message:
    return Message(key=key, body=an_event(kind).encode(), routing_key=kind, **more)  # type: ignore[arg-type]


def test_a_publisher_returns_in_bound_from_a_frozen_broker_and_works_after_it(
    own_broker: Server,
) -> None:
    publisher = ConfirmingPublisher(
        own_broker.uri,
        confirm_timeout=1.0,
        socket_timeout=1.0,
        connect_timeout=1.0,
        declare=[topology.EVENTS],
    )
    assert publisher.publish(a_message())
    with frozen(own_broker):
        for _ in range(2):  # On the old connection, then on one that cannot be made.
            began = time.monotonic()
            assert publisher.publish_many([a_message("a"), a_message("b")]) == {"a", "b"}
            assert time.monotonic() - began < 4
        huge = [
            Message(key=str(n), body=b"x" * 100_000, routing_key="test.none") for n in range(300)
        ]
        began = time.monotonic()
        assert len(publisher.publish_many(huge)) == len(huge)
        assert time.monotonic() - began < 5
    assert publisher.publish(a_message())
    publisher.close()


def test_a_write_that_a_frozen_broker_does_not_take_is_bounded(own_broker: Server) -> None:
    publisher = ConfirmingPublisher(
        own_broker.uri, confirm_timeout=1.0, socket_timeout=1.0, declare=[topology.EVENTS]
    )
    assert publisher.ensure_connected()
    huge = [Message(key=str(n), body=b"x" * 100_000, routing_key="test.none") for n in range(300)]
    with frozen(own_broker):
        began = time.monotonic()
        assert len(publisher.publish_many(huge)) == len(huge)
        assert time.monotonic() - began < 4
    assert publisher.publish(a_message())
    publisher.close()


def test_a_publisher_survives_a_killed_broker(own_broker: Server) -> None:
    with ConfirmingPublisher(own_broker.uri, declare=[topology.EVENTS]) as publisher:
        assert publisher.publish(a_message())
        killed = own_broker.stack.kill(own_broker.name)
        assert publisher.publish_many([a_message("lost")]) == {"lost"}
        own_broker.stack.wait_ready(own_broker.name, but_pid=killed)
        assert publisher.publish(a_message())


def test_many_messages_share_one_wait_and_only_the_failed_are_named(own_broker: Server) -> None:
    with ConfirmingPublisher(own_broker.uri, declare=[topology.EVENTS]) as publisher:
        batch = [a_message(str(n), kind="test.none.done") for n in range(1500)]
        nowhere = a_message("nowhere", exchange="", kind="no.such.queue", mandatory=True)
        began = time.monotonic()
        assert publisher.publish_many([*batch, nowhere]) == {"nowhere"}
        assert time.monotonic() - began < 5


def test_an_event_that_nobody_wants_is_kept_and_can_be_counted(
    own_broker: Server, wire: Wire
) -> None:
    before = wire.depth(topology.UNROUTABLE)
    with ConfirmingPublisher(own_broker.uri, declare=[topology.EVENTS]) as publisher:
        assert publisher.publish(a_message(kind="test.nobody.listens"))
    wire.await_depth(topology.UNROUTABLE, before + 1)


def test_an_event_that_is_for_outsiders_only_is_not_counted_as_lost(
    own_broker: Server, wire: Wire
) -> None:
    before = wire.depth(topology.UNROUTABLE)
    with ConfirmingPublisher(own_broker.uri, declare=[topology.EVENTS]) as publisher:
        assert publisher.publish(a_message(kind="notifications.delivery.sent"))
        assert publisher.publish(a_message(kind="notifications.nobody.knows"))
    wire.await_depth(topology.UNROUTABLE, before + 1)
    assert wire.depth(topology.FOR_OUTSIDERS) == 0


# -- queues ---------------------------------------------------------------------------------------


def test_deliveries_without_end_stop_at_the_limit_and_are_parked_by_the_broker(
    own_broker: Server, wire: Wire
) -> None:
    limited = topology.Topology(delivery_limit=2)
    name = topology.event_queue_name("limited")
    channel = wire.connection.channel()
    limited.dead_letter(channel).declare()
    limited.parked_queue(name)(channel).declare()
    limited.consumer_queue(name, ["test.limited"])(channel).declare()
    wire.publish("test.limited", an_event().encode())
    wire.await_depth(name, 1)
    for _ in range(3):  # Three consumers die with the message in hand.
        with Connection(own_broker.uri) as connection:
            until(partial(connection.default_channel.basic_get, name), "the event again")
            connection.collect()
    wire.await_depth(topology.parked_name(name), 1)
    wire.await_depth(name, 0)


def test_a_call_that_ends_its_service_is_delivered_twice_and_no_more(
    own_broker: Server, tmp_path: Path
) -> None:
    wire = Wire(own_broker.uri)
    with echo(tmp_path, own_broker.uri) as first:
        wire.request("burn", {"seconds": 60})
        first.await_journal("burning")
    # It takes the call up while it starts, so it never gets ready.
    second = Echo(tmp_path, own_broker.uri)
    second.await_journal("burning", seconds=30, count=2)
    second.close()
    with echo(tmp_path, own_broker.uri) as third:
        assert wire.call("echo", {"still": "here"})["result"] == {"still": "here"}
        assert wire.depth("rpc-echo") == 0
        assert len(third.journal("burning")) == 2
    assert "rpc.last_delivery" in second.log()
    wire.close()


def test_short_delays_are_not_held_up_by_long_ones(own_broker: Server, wire: Wire) -> None:
    short, long = topology.Delay("test.order.short", 0.3), topology.Delay("test.order.long", 5)
    channel = wire.connection.channel()
    for delay in (short, long):
        delay.queue()(channel).declare()
    channel.queue_declare("test.home", durable=False, auto_delete=False)
    wire.publish("test.home", b"1", "text/plain", exchange=long.name)
    wire.publish("test.home", b"2", "text/plain", exchange=short.name)
    began = time.monotonic()
    first = until(lambda: channel.basic_get("test.home"), "the short delay", 4)
    assert first.body in ("2", b"2")
    assert time.monotonic() - began < 3


def test_declaring_the_topology_again_changes_nothing(own_broker: Server, wire: Wire) -> None:
    name = topology.event_queue_name("declared")
    for _ in range(2):
        channel = wire.connection.channel()
        for entity in (
            topology.TOPOLOGY.parked_queue(name),
            *(delay.queue() for delay in topology.DELAYS),
            topology.TOPOLOGY.consumer_queue(name, ["declared.#"]),
        ):
            entity(channel).declare()
    assert wire.depth(name) == 0


# -- hubs that stand still ------------------------------------------------------------------------


def test_work_that_outlasts_the_heartbeats_does_not_end_the_service(
    own_broker: Server, wire: Wire, tmp_path: Path
) -> None:
    with echo(tmp_path, own_broker.uri, AMQP_HEARTBEAT="2") as service:
        wire.request("burn", {"seconds": 7}, headers={"nameko.deadline": str(time.time() + 5)})
        service.await_journal("burning")
        service.await_log("settle.failed", "broker.away", seconds=20)
        service.await_ready(30)
        assert service.process.poll() is None
        # The broker took the call back and gave it out again, too late for its deadline.
        assert len(service.journal("burning")) == 1
        assert wire.call(
            "echo",
            {"n": 1},
        )["result"] == {"n": 1}


def test_a_stuck_hub_is_reported_by_the_probe(own_broker: Server, tmp_path: Path) -> None:
    with echo(tmp_path, own_broker.uri) as service:
        wire = Wire(own_broker.uri)
        wire.request("burn", {"seconds": 7}, headers={"nameko.deadline": str(time.time() + 5)})
        service.await_journal("burning")
        assert "the hub has not moved" in service.await_probe("/healthz", 503, 7)
        wire.close()


WATCHED = """
import os, sys, time
from services.common.runtime.patching import patch
patch()
import eventlet
from services.common.runtime.health import Beat, Health, Stamp
from services.common.runtime.watchdog import Watchdog
stamp, health = Stamp(), Health()
health.beats.append(Beat("the hub", 0.5, stamp.last, fatal=1.0))
Watchdog(health, "test").start()
def tick():
    while True:
        stamp(); eventlet.sleep(0.05)  # The pace of the hub that is watched.
eventlet.spawn(tick)
eventlet.sleep(1.5)  # Longer than a hub may stand still: the time itself is what is tested.
print("beating", flush=True)
while True:
    pass
"""


def test_a_hub_that_stays_stuck_ends_the_process(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", WATCHED],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert ended.stdout == "beating\n"
    assert ended.returncode == EXIT_HUNG
    assert "the hub has not moved" in ended.stderr


def test_a_process_that_was_stopped_and_goes_on_is_not_ended(
    own_broker: Server, tmp_path: Path
) -> None:
    with echo(tmp_path, own_broker.uri, AMQP_HEARTBEAT="2") as service:
        service.process.send_signal(signal.SIGSTOP)
        time.sleep(7)  # Longer than the heartbeats allow: the time itself is what is tested.
        service.process.send_signal(signal.SIGCONT)
        service.await_ready(30)
        wire = Wire(own_broker.uri)
        assert wire.call("echo", {"n": 1})["result"] == {"n": 1}
        wire.close()
