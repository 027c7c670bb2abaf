"""docs/subscribing.md, statement by statement: its commands, and a subscriber of its own."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

import amqp
import pytest

from deploy.local import rabbitmq
from deploy.local.settings import ROOT
from services.common.clock import SystemClock
from services.common.context import SYSTEM
from services.common.contracts.bookings.events import CENTRE_HOURS_CHANGED
from services.common.events.event_log import EventLog
from services.common.events.outbox import Outbox
from services.common.ids import new_id
from services.common.messaging.publisher import ConfirmingPublisher, Message
from services.common.messaging.relay import Relay
from services.common.messaging.topology import EVENTS, STATES
from services.common.storage.mongo import Database
from tests.support.awaiting import until
from tests.support.stack import BROKER, Server, Stack

PAGE = (ROOT / "docs" / "subscribing.md").read_text("utf-8")
USER_OF_A_PART, RIGHTS_OF_ALL = re.findall(r"```bash\n(.*?)```", PAGE, re.S)
(LIST,) = re.findall(r"```python\n(.*?)```", PAGE, re.S)
QUEUE = "registry.events.v1"
ARGUMENTS = {
    "x-queue-type": "quorum",
    "x-delivery-limit": 20,
    "x-dead-letter-exchange": "registry.parked",
    "x-dead-letter-strategy": "at-least-once",
    "x-overflow": "reject-publish",
}


@pytest.fixture(scope="module")
def own_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A node on which the operator has given the page's commands."""
    stack = Stack(tmp_path_factory.mktemp("subscribing"), only=BROKER)
    stack.up()
    server = Server(stack.amqp_uri, "rabbitmq", stack)
    operate(server, USER_OF_A_PART)
    publisher = ConfirmingPublisher(server.uri, declare=[EVENTS, STATES])
    assert publisher.ensure_connected()
    publisher.close()
    yield server
    stack.down()


def operate(server: Server, commands: str) -> None:
    """Commands as the operator gives them, on the node's machine."""
    path = f"/usr/lib/rabbitmq/bin:{os.environ['PATH']}"
    subprocess.run(
        commands.replace("rabbitmqctl", f"rabbitmqctl -n {rabbitmq.NODE}"),
        shell=True,
        check=True,
        capture_output=True,
        env={**os.environ, **rabbitmq.environment(server.stack.settings), "PATH": path},
        timeout=120,
    )


def connect(server: Server) -> amqp.Connection:
    """As the page says: py-amqp alone, in place of the reader's own library."""
    address = urlsplit(server.uri)
    connection = amqp.Connection(
        f"{address.hostname}:{address.port}",
        userid="registry",
        password="PASSWORD",
        virtual_host="/",
        heartbeat=20,
    )
    connection.connect()
    return connection


@pytest.fixture
def registry(own_broker: Server) -> Iterator[amqp.Connection]:
    connection = connect(own_broker)
    yield connection
    connection.collect()


def declare(channel: amqp.Channel, *patterns: str, limit: int = 20) -> None:
    channel.queue_delete(QUEUE)
    channel.exchange_declare("registry.parked", "fanout", durable=True, auto_delete=False)
    channel.queue_declare("registry.parked", durable=True, auto_delete=False)
    channel.queue_bind("registry.parked", "registry.parked")
    channel.queue_declare(
        QUEUE,
        durable=True,
        auto_delete=False,
        arguments={**ARGUMENTS, "x-delivery-limit": limit},
    )
    for pattern in patterns:
        channel.queue_bind(QUEUE, "masaha.events", pattern)


class Registry:
    """A subscriber that bears all that the page says may happen, and keeps a copy."""

    def __init__(self, connection: amqp.Connection) -> None:
        self._connection = connection
        self._channel = connection.channel()
        self._channel.auto_decode = False
        self.noted: set[str] = set()
        self.versions: dict[tuple[str, str], int] = {}
        self.effects: list[tuple[str, int]] = []
        self.copy: dict[int, bytes] = {}

    def read(self, count: int) -> None:
        """Take so many deliveries."""
        left = [count]

        def take(message: Any) -> None:
            left[0] -= 1
            self._take(bytes(message.body))
            self._channel.basic_ack(message.delivery_tag)

        self._channel.basic_qos(0, 200, False)
        tag = self._channel.basic_consume(QUEUE, callback=take)
        while left[0]:
            self._connection.drain_events(timeout=15)
        self._channel.basic_cancel(tag)

    def _take(self, body: bytes) -> None:
        event = json.loads(body)
        self.copy[int(event["sequence"])] = body
        if event["id"] in self.noted:
            return
        self.noted.add(event["id"])
        aggregate = ".".join(event["type"].split(".")[:2]), event["subject"]
        if event["aggregateversion"] <= self.versions.get(aggregate, 0):
            return
        self.versions[aggregate] = event["aggregateversion"]
        self.effects.append((event["subject"], event["aggregateversion"]))

    def gaps(self) -> list[int]:
        """The numbers between the first and the last that did not arrive."""
        return [n for n in range(min(self.copy), max(self.copy)) if n not in self.copy]

    def last_hash(self, before: str = "0" * 64) -> str:
        digest = before
        for number in sorted(self.copy):
            digest = hashlib.sha256(digest.encode() + self.copy[number]).hexdigest()
        return digest


@dataclass(frozen=True)
class Bookings:
    """A publisher, by the prefix of its database."""

    prefix: str
    store: Database
    tell: Callable[[int, int], None]
    relay: Relay


@pytest.fixture
def bookings(own_broker: Server, database: Server) -> Iterator[Bookings]:
    """A publisher: its log, its events of a centre's versions, and its relay."""
    prefix = f"t{new_id()[-12:]}"
    store = Database(database.uri, f"{prefix}_bookings")
    outbox = Outbox(store, SystemClock(), new_id)
    relay = Relay(
        "bookings", store, ConfirmingPublisher(own_broker.uri, declare=[EVENTS]), holder="r"
    )

    def tell(first: int, last: int) -> None:
        for version in range(first, last + 1):
            data = {"centre_id": "raqqa", "version": version, "time_zone": "z", "weekly_hours": {}}
            store.transact(
                lambda session, data=data: outbox.record(
                    session,
                    CENTRE_HOURS_CHANGED,
                    subject="raqqa",
                    version=data["version"],
                    data=data,
                    caller=SYSTEM,
                )
            )
        assert relay.acquire_lease()
        while relay.step():
            pass

    yield Bookings(prefix, store, tell, relay)
    relay.close()
    store.client.drop_database(f"{prefix}_bookings")
    store.close()


def test_a_subscriber_bears_a_log_that_is_sent_again(
    registry: amqp.Connection, bookings: Bookings
) -> None:
    declare(registry.channel(), "bookings.centre.*")
    bookings.tell(1, 11)
    subscriber = Registry(registry)
    subscriber.read(11)
    assert subscriber.effects == [("raqqa", version) for version in range(1, 12)]
    assert max(subscriber.copy) == 11
    bookings.store.collection("event_log").update_many({}, {"$set": {"pending": True}})
    subscriber.noted.clear()  # Older than 90 days.
    bookings.relay._forget()
    bookings.relay.step()
    subscriber.read(11)
    assert len(subscriber.effects) == 11


def test_one_that_has_all_of_a_publisher_sees_gaps_and_checks_its_copy(
    own_broker: Server, bookings: Bookings, database: Server
) -> None:
    operate(own_broker, RIGHTS_OF_ALL)
    fresh = connect(own_broker)
    try:
        channel = fresh.channel()
        declare(channel)
        bookings.tell(1, 2)
        channel.queue_bind(QUEUE, "masaha.events", "bookings.#")
        bookings.tell(3, 6)
        subscriber = Registry(fresh)
        subscriber.read(4)
        assert subscriber.gaps() == []
        listed = [line.split() for line in list_log(bookings.prefix, database, first=3)]
        assert [line[0] for line in listed] == ["2", "3", "4", "5", "6"]
        assert (
            subscriber.last_hash(listed[0][1])
            == listed[-1][1]
            == EventLog(bookings.store).verify()[1]
        )
        del subscriber.copy[4]
        assert subscriber.gaps() == [4]
        for number, body in subscriber.copy.items():
            before, own = listed[number - 3], listed[number - 2]
            assert hashlib.sha256(before[1].encode() + body).hexdigest() == own[1]
            assert json.loads(body)["id"] == own[3]
        for key in ("identity.#", "notifications.delivery.*", "#", "*.booking.*"):
            assert refused(fresh, lambda c, key=key: c.queue_bind(QUEUE, "masaha.events", key))
    finally:
        fresh.collect()
        operate(own_broker, USER_OF_A_PART.partition("\n")[2])


def list_log(prefix: str, database: Server, first: int) -> list[str]:
    """The operator's list, as the page prints it."""
    code = LIST.replace('FIRST = "bookings", 1', f'FIRST = "bookings", {first}')
    result = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        cwd=ROOT,
        env={
            **os.environ,
            "MONGO_URI": database.uri,
            "DATABASE_PREFIX": prefix,
        },
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return result.stdout.splitlines()


def refused(connection: amqp.Connection, ask: Callable[[amqp.Channel], object]) -> bool:
    channel = connection.channel()
    try:
        ask(channel)
    except amqp.exceptions.AccessRefused:
        return True
    return False


def test_a_subscriber_can_do_nothing_else(own_broker: Server, registry: amqp.Connection) -> None:
    declare(registry.channel(), "bookings.booking.*", "bookings.space.hours_changed")
    message = amqp.Message(b"{}")

    def publish(channel: amqp.Channel) -> None:
        channel.basic_publish_confirm(message, "masaha.events", "bookings.booking.confirmed")

    def call(channel: amqp.Channel) -> None:
        channel.basic_publish_confirm(message, "", "rpc-bookings")

    refusals: list[Callable[[amqp.Channel], object]] = [
        publish,
        call,
        lambda c: c.queue_bind(QUEUE, "masaha.events", "bookings.invitation.*"),
        lambda c: c.queue_bind(QUEUE, "masaha.events", "bookings.#"),
        lambda c: c.queue_bind(QUEUE, "masaha.events", "identity.person.*"),
        lambda c: c.queue_bind(QUEUE, "masaha.states", "#"),
        lambda c: c.queue_declare("notifications.events.v1", passive=False),
        lambda c: c.basic_get("masaha.unroutable"),
        lambda c: c.queue_bind("masaha.unroutable", "masaha.events", "bookings.booking.*"),
    ]
    assert [n for n, ask in enumerate(refusals) if not refused(registry, ask)] == []


def test_what_a_subscriber_fails_on_is_put_aside(
    own_broker: Server, registry: amqp.Connection
) -> None:
    channel = registry.channel()
    declare(channel, "bookings.booking.*", limit=2)
    channel.queue_purge("registry.parked")
    with ConfirmingPublisher(own_broker.uri) as publisher:
        assert publisher.publish(Message("k", b"{}", "bookings.booking.confirmed"))
    for _ in range(3):
        raw = until(lambda: channel.basic_get(QUEUE), "the event")
        channel.basic_reject(raw.delivery_tag, requeue=True)
    assert until(lambda: channel.basic_get("registry.parked"), "what is parked").body


def test_the_address_is_as_the_page_says(own_broker: Server, registry: amqp.Connection) -> None:
    address = urlsplit(own_broker.uri)
    assert address.hostname == "127.0.0.1"
    assert address.port == own_broker.stack.settings.port_base + 10
    assert registry.heartbeat == 20
    shown = re.search(r"`(amqp://registry:PASSWORD@[^`]*)`", PAGE)
    assert shown is not None
    assert urlsplit(shown[1]).path == f"/{quote('/', safe='')}"


def test_the_arguments_are_those_of_the_page() -> None:
    shown = PAGE.partition("| argument |")[2].partition("Somebody looks")[0]
    for name, value in ARGUMENTS.items():
        assert f"`{name}`" in shown
        assert str(value).replace("registry", "<consumer>") in shown
