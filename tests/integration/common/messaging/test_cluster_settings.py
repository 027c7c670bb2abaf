"""What a cluster of brokers needs of every client: several addresses, and a queue of calls that
outlives a node. A cluster that is hurt is in tests/cluster."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from amqp.exceptions import PreconditionFailed
from kombu import Connection

from gateway.remote.rpc import RpcClient
from services.common import errors
from services.common.context import Call
from services.common.messaging.parking import ParkingQueue
from services.common.messaging.publisher import ConfirmingPublisher, Message
from tests.support.echoing import Echo, echo
from tests.support.ports import free_port
from tests.support.stack import Server

QUEUE = "rpc-echo"


@pytest.fixture(scope="module")
def uri(broker: Server) -> str:
    """The broker behind three addresses at which no node is."""
    start, at, rest = broker.uri.rpartition("@")
    nobody = "".join(f"127.0.0.1:{free_port()}," for _ in range(3))
    return f"{start}{at}{nobody}{rest}"


def delete_queue(uri: str) -> None:
    with Connection(uri) as connection:
        connection.default_channel.queue_delete(QUEUE)


@pytest.fixture(scope="module")
def service(broker: Server, uri: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Echo]:
    delete_queue(broker.uri)
    with echo(tmp_path_factory.mktemp("echo"), uri, RPC_QUEUES="quorum") as running:
        yield running
    delete_queue(broker.uri)


def test_a_service_and_its_caller_try_each_address(uri: str, service: Echo) -> None:
    client = RpcClient(uri, timeout=10)
    try:
        assert client.call("echo", "echo", {"name": "سارة"}, Call()) == {"name": "سارة"}
    finally:
        client.close()


def test_a_publisher_tries_each_address(uri: str, service: Echo) -> None:
    with ConfirmingPublisher(uri) as publisher:
        assert publisher.publish(Message("one", b"{}", "nobody.wants.this"))


def test_parked_messages_are_reached_at_any_address(uri: str, service: Echo) -> None:
    with ParkingQueue.open(uri, QUEUE) as parking:
        assert parking.count() == 0


def test_no_address_that_answers_is_a_broker_that_is_away() -> None:
    nobody = ",".join(f"127.0.0.1:{free_port()}" for _ in range(2))
    client = RpcClient(f"amqp://guest:guest@{nobody}/", timeout=2)
    try:
        with pytest.raises(errors.Unavailable):
            client.call("echo", "echo", {}, Call())
    finally:
        client.close()


def test_the_queue_of_calls_is_a_quorum_queue_where_it_is_to_be(
    broker: Server, service: Echo
) -> None:
    with Connection(broker.uri) as connection:
        channel = connection.channel()
        channel.queue_declare(
            QUEUE,
            durable=True,
            auto_delete=False,
            arguments={"x-queue-type": "quorum"},
        )
    with Connection(broker.uri) as connection, pytest.raises(PreconditionFailed):
        connection.channel().queue_declare(QUEUE, durable=True, auto_delete=False)


def test_many_calls_are_answered_from_a_quorum_queue(uri: str, service: Echo) -> None:
    client = RpcClient(uri, timeout=10)
    try:
        answers = [client.call("echo", "echo", {"n": each}, Call())["n"] for each in range(50)]
    finally:
        client.close()
    assert answers == list(range(50))
