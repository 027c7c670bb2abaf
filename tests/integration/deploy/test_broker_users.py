"""Each service is a user of its own at the broker, and can do nothing as another."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from amqp import Message
from amqp.exceptions import AccessRefused, PreconditionFailed
from kombu import Connection

from deploy.local import rabbitmq
from gateway.remote.rpc import RpcClient
from services.common import errors
from services.common.context import Call
from services.common.messaging.publisher import ConfirmingPublisher
from services.common.messaging.publisher import Message as Event
from services.common.messaging.topology import EVENTS, SEALED_NEWS, STATES, TOPOLOGY
from tests.support.echoing import echo
from tests.support.stack import BROKER, Server, Stack

HOMES = (
    "bookings.events.v1",
    "consultations.events.v1",
    "notifications.events.v1",
    "notifications.sealed.events.v1",
    "rpc-bookings",
    "rpc-notifications",
)
NEWS = "consultations.news.sent"


@pytest.fixture(scope="module")
def own_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A node with the queues of the services."""
    stack = Stack(tmp_path_factory.mktemp("users"), only=BROKER)
    stack.up()
    with Connection(stack.amqp_uri) as connection:
        channel = connection.channel()
        channel.exchange_declare("nameko-rpc", "topic", durable=True, auto_delete=False)
        for entity in (EVENTS, STATES, SEALED_NEWS, TOPOLOGY.dead_letter):
            entity(channel).declare()
        for home in HOMES:
            channel.queue_declare(home, durable=True, auto_delete=False)
            TOPOLOGY.parked_queue(home)(channel).declare()
    yield Server(stack.amqp_uri, "rabbitmq", stack)
    stack.down()


def uri_of(server: Server, user: str) -> str:
    return rabbitmq.uri(server.stack.settings, user)


def publish(exchange: str, key: str, **properties: Any) -> Callable[[Any], object]:
    return lambda channel: channel.basic_publish_confirm(
        Message(b"{}", **properties), exchange, key
    )


def read(queue: str) -> Callable[[Any], object]:
    return lambda channel: channel.basic_get(queue)


def bind(queue: str, exchange: str, key: str) -> Callable[[Any], object]:
    return lambda channel: channel.queue_bind(queue, exchange, key)


@pytest.mark.parametrize(
    ("user", "what"),
    [
        ("bookings", read("notifications.events.v1")),
        ("bookings", read("notifications.events.v1.parked")),
        ("bookings", read("rpc-notifications")),
        ("bookings", read("masaha.unroutable")),
        ("bookings", publish("masaha.events", "identity.person.changed")),
        ("bookings", publish("masaha.events", "notifications.delivery.sent")),
        ("bookings", publish("masaha.states", "identity.person.details")),
        ("bookings", publish("masaha.events", "bookings.booking.ended", user_id="gateway")),
        ("bookings", publish("nameko-rpc", "notifications.list_inbox")),
        ("bookings", publish("nameko-rpc", "bookings.create_booking")),
        ("bookings", publish("", "rpc-notifications", user_id="gateway")),
        ("bookings", bind("bookings.events.v1", "masaha.events", "identity.person.*")),
        ("bookings", bind("bookings.events.v1", "masaha.events", "#")),
        ("bookings", bind("bookings.events.v1", "masaha.states", "#")),
        ("bookings", bind("bookings.events.v1", "masaha.states", "identity.person.details")),
        ("bookings", bind("rpc-bookings", "nameko-rpc", "notifications.*")),
        ("notifications", read("bookings.events.v1")),
        ("notifications", publish("masaha.events", "bookings.booking.confirmed")),
        ("notifications", publish("nameko-rpc", "bookings.create_booking")),
        ("gateway", read("rpc-bookings")),
        ("gateway", read("notifications.events.v1")),
        ("gateway", publish("masaha.events", "bookings.booking.confirmed")),
        ("gateway", publish("", "notifications.events.v1")),
        # Of sealed news one service writes, and one reads.
        *(
            (user, publish("masaha.sealed", NEWS))
            for user in ("bookings", "trainings", "notifications", "gateway")
        ),
        ("consultations", publish("masaha.sealed", "consultations.case.changed")),
        ("consultations", read("notifications.sealed.events.v1")),
        ("consultations", bind("consultations.events.v1", "masaha.sealed", NEWS)),
        ("bookings", bind("bookings.events.v1", "masaha.sealed", NEWS)),
        ("bookings", read("notifications.sealed.events.v1")),
        ("notifications", bind("notifications.events.v1", "masaha.sealed", "#")),
    ],
)
def test_a_service_can_do_nothing_as_another(
    own_broker: Server, user: str, what: Callable[[Any], object]
) -> None:
    with Connection(uri_of(own_broker, user)) as connection:
        channel = connection.channel()
        with pytest.raises((AccessRefused, PreconditionFailed)):
            what(channel)


def test_an_event_names_the_user_that_published_it(own_broker: Server) -> None:
    with Connection(own_broker.uri) as connection:
        channel = connection.channel()
        queue = channel.queue_declare(exclusive=True).queue
        channel.queue_bind(queue, "masaha.events", "bookings.booking.confirmed")
        with ConfirmingPublisher(uri_of(own_broker, "bookings"), declare=[EVENTS]) as publisher:
            assert publisher.publish(Event("id", b"{}", "bookings.booking.confirmed"))
        raw = channel.basic_get(queue, no_ack=True)
    assert raw.properties["user_id"] == "bookings"


def test_only_who_may_call_is_answered(own_broker: Server, tmp_path: Path) -> None:
    with echo(tmp_path, own_broker.uri, RPC_CALLERS="gateway"):
        client = RpcClient(uri_of(own_broker, "gateway"), timeout=10)
        assert client.call("echo", "echo", {"a": 1}, Call()) == {"a": 1}
        client.close()
        operator = RpcClient(own_broker.uri, timeout=10)
        with pytest.raises(errors.Forbidden):
            operator.call("echo", "echo", {}, Call())
        operator.close()
        # The default exchange takes a call from anybody, but in nobody else's name.
        with Connection(uri_of(own_broker, "bookings")) as connection:
            channel = connection.channel()
            replies: list[Any] = []
            channel.basic_consume("amq.rabbitmq.reply-to", no_ack=True, callback=replies.append)
            address = {"reply_to": "amq.rabbitmq.reply-to", "correlation_id": uuid.uuid4().hex}
            call = Message(
                b'{"args": [{}], "kwargs": {}}',
                content_type="application/json",
                application_headers={"x-masaha-routing-key": "echo.echo"},
                **address,
            )
            channel.basic_publish(call, "", "rpc-echo")
            while not replies:
                connection.drain_events(timeout=10)
        assert '"forbidden"' in str(replies[0].body)


def test_sealed_news_goes_from_consultations_to_notifications(own_broker: Server) -> None:
    queue = "notifications.sealed.events.v1"
    with Connection(uri_of(own_broker, "notifications")) as connection:
        channel = connection.channel()
        bind(queue, "masaha.sealed", NEWS)(channel)
        with ConfirmingPublisher(
            uri_of(own_broker, "consultations"), declare=[SEALED_NEWS]
        ) as publisher:
            assert publisher.publish(Event("id", b"{}", NEWS, SEALED_NEWS.name, mandatory=True))
        assert channel.basic_get(queue, no_ack=True).body == "{}"
