"""A connection on which a branch never answered is left; one on which it did is kept."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import orjson
import pytest
from kombu import Connection, Exchange, Queue

from gateway.remote.rpc import EXCHANGE, RpcClient
from services.common import errors
from services.common.context import Call
from tests.support.stack import Server

_LOOK_SECONDS = 0.1


class Deaf(threading.Thread):
    """A branch that hears nothing of some connections, as if a broker's node passed nothing on.

    Attributes:
        unheard: the addresses for answers that it ignores; ``None`` ignores the first that comes.
    """

    def __init__(self, uri: str) -> None:
        super().__init__(daemon=True)
        self._uri = uri
        self.unheard: set[str] | None = None
        self.heard = threading.Event()
        self.ready, self.ended = threading.Event(), threading.Event()

    def run(self) -> None:
        with Connection(self._uri) as connection:
            queue = Queue("", Exchange(EXCHANGE, "topic"), "deaf.*", exclusive=True)
            with connection.Consumer([queue], on_message=self._answer, no_ack=True) as consumer:
                self._channel = consumer.channel
                self.ready.set()
                while not self.ended.is_set():
                    with suppress(TimeoutError):
                        connection.drain_events(timeout=_LOOK_SECONDS)

    def _answer(self, message: Any) -> None:
        address = message.properties["reply_to"]
        if self.unheard is None:
            self.unheard = {address}
        self.heard.set()
        if address not in self.unheard:
            self._channel.basic_publish(
                self._channel.prepare_message(
                    orjson.dumps({"result": address, "error": None}),
                    properties={"correlation_id": message.properties["correlation_id"]},
                ),
                routing_key=address,
            )


@pytest.fixture
def branch(broker: Server) -> Iterator[Deaf]:
    running = Deaf(broker.uri)
    running.start()
    assert running.ready.wait(10)
    yield running
    running.ended.set()
    running.join(5)


@pytest.fixture
def client(broker: Server) -> Iterator[RpcClient]:
    client = RpcClient(broker.uri, timeout=1, breaker={"failures": 1000})
    yield client
    client.close()


def call(client: RpcClient) -> str:
    return str(client.call("deaf", "ping", {}, Call()))


def test_a_connection_on_which_a_branch_never_answered_is_left(
    branch: Deaf, client: RpcClient
) -> None:
    with pytest.raises(errors.Unavailable):
        call(client)
    assert branch.unheard is not None
    assert call(client) not in branch.unheard


def test_it_is_left_once_for_a_branch_that_is_away(branch: Deaf, client: RpcClient) -> None:
    branch.unheard = set()
    first = call(client)
    client._lose(client._link, "for the test")  # type: ignore[arg-type]
    branch.unheard = _Everything()
    with pytest.raises(errors.Unavailable):
        call(client)
    with pytest.raises(errors.Unavailable):
        call(client)
    link = client._link
    with pytest.raises(errors.Unavailable):
        call(client)
    assert client._link is link
    branch.unheard = {first}
    assert call(client)


def test_a_connection_on_which_a_branch_has_answered_is_kept(
    branch: Deaf, client: RpcClient
) -> None:
    branch.unheard = set()
    address = call(client)
    branch.unheard = {address}
    for _ in range(2):
        with pytest.raises(errors.Unavailable):
            call(client)
    branch.unheard = set()
    assert call(client) == address


class _Everything(set[str]):
    def __contains__(self, _element: object) -> bool:
        return True
