"""An answer is one write: the reply, the acknowledgement of its request, and nothing in between."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import eventlet
import pytest
from eventlet.event import Event

from services.common.messaging import sender
from services.common.messaging.consumer import DrainingQueueConsumer
from services.common.messaging.rpc import Responder


class Socket:
    """The sending side of a connection, as py-amqp's transport has it: it takes what is written
    in two parts, and lets others have their turn between them."""

    def __init__(self) -> None:
        self.taken = bytearray()
        self.between: Callable[[], None] = lambda: eventlet.sleep(0)

    def _write(self, data: bytes) -> None:
        self.taken += data[: len(data) // 2]
        self.between()
        self.taken += data[len(data) // 2 :]


class Channel:
    def __init__(self, socket: Socket) -> None:
        self.connection = SimpleNamespace(transport=socket)

    def prepare_message(self, body: bytes, **_properties: Any) -> bytes:
        return body

    def send_method(self, _method: Any, _format: str, _arguments: Any, body: bytes) -> None:
        self.connection.transport._write(b"<reply %s>" % body)


class Replies:
    """What is sent over the publishing connection."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    def send(self, body: bytes, **_address: Any) -> None:
        self.sent.append(body)


@pytest.fixture
def socket() -> Socket:
    return Socket()


@pytest.fixture
def consumer() -> DrainingQueueConsumer:
    return DrainingQueueConsumer()


def delivered(consumer: DrainingQueueConsumer, socket: Socket) -> Any:
    """A request that the consumer holds."""
    message = SimpleNamespace(
        channel=Channel(socket),
        delivery_tag=1,
        properties={"reply_to": "amq.rabbitmq.reply-to.1", "correlation_id": "1"},
        ack=lambda: socket._write(b"<ack>"),
    )
    consumer._unsettled[id(message)] = "rpc"
    return message


def test_reply_and_acknowledgement_are_written_together(
    consumer: DrainingQueueConsumer, socket: Socket
) -> None:
    message = delivered(consumer, socket)
    replies = Replies()
    assert Responder(consumer, replies).answer(message, 1, None)
    assert socket.taken == b'<reply {"result":1,"error":null}><ack>'
    assert not consumer.holds(message)
    assert not replies.sent


def test_answers_at_once_do_not_mix(consumer: DrainingQueueConsumer, socket: Socket) -> None:
    responder = Responder(consumer, Replies())
    running = [
        eventlet.spawn(responder.answer, delivered(consumer, socket), number, None)
        for number in range(5)
    ]
    assert all(each.wait() for each in running)
    whole = [b'<reply {"result":%d,"error":null}><ack>' % number for number in range(5)]
    assert socket.taken == b"".join(whole)


def test_who_waits_is_told_though_the_request_is_not_ours_any_more(
    consumer: DrainingQueueConsumer, socket: Socket
) -> None:
    message = delivered(consumer, socket)
    consumer._forget_deliveries()
    replies = Replies()
    assert Responder(consumer, replies).answer(message, 1, None)
    assert replies.sent == [b'{"result":1,"error":null}']
    assert not socket.taken


def test_a_connection_that_breaks_under_an_answer_is_used_no_more(
    consumer: DrainingQueueConsumer, socket: Socket
) -> None:
    def breaks() -> None:
        raise ConnectionResetError

    socket.between = breaks
    replies = Replies()
    assert Responder(consumer, replies).answer(delivered(consumer, socket), 1, None)
    assert replies.sent == [b'{"result":1,"error":null}']
    with pytest.raises(ConnectionError, match="settled"):
        consumer._loop(None)


def test_a_socket_that_takes_nothing_holds_an_answer_up_for_its_time_only(
    consumer: DrainingQueueConsumer, socket: Socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.common.messaging.consumer.SEND_SECONDS", 0.01)
    assert sender.SEND_SECONDS <= 2
    socket.between = Event().wait
    replies = Replies()
    assert Responder(consumer, replies).answer(delivered(consumer, socket), 1, None)
    assert replies.sent == [b'{"result":1,"error":null}']
    with pytest.raises(ConnectionError, match="settled"):
        consumer._loop(None)
