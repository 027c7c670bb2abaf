"""The gateway's RPC client on a real broker, with a real service on the other side."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from amqp import Message
from kombu import Connection

from gateway.remote.breaker import CLOSED, OPEN
from gateway.remote.rpc import EXCHANGE, RpcClient
from services.common import errors
from services.common.context import Call, Caller
from tests.support.awaiting import until
from tests.support.echoing import Echo, echo, frozen
from tests.support.stack import Server

CALL = Call(Caller("sara", organisations={"hope": "member"}), "en", "key-1", None)


@pytest.fixture(scope="module")
def service(broker: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Echo]:
    with echo(tmp_path_factory.mktemp("echo"), broker.uri) as running:
        yield running


@pytest.fixture
def client(broker: Server) -> Iterator[RpcClient]:
    client = RpcClient(broker.uri, timeout=10, breaker={"failures": 3, "seconds": 0.5})
    yield client
    client.close()


def test_a_call_comes_back_with_its_own_result(client: RpcClient, service: Echo) -> None:
    assert client.call("echo", "echo", {"name": "سارة"}, CALL) == {"name": "سارة"}
    assert client.call("echo", "who", {}, CALL) == {"caller": "sara", "language": "en"}


def test_many_threads_share_one_connection(client: RpcClient, service: Echo) -> None:
    def one(number: int) -> int:
        return int(client.call("echo", "echo", {"n": number}, CALL)["n"])

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(one, range(400))) == list(range(400))


def test_under_gevent_too(broker: Server, service: Echo) -> None:
    script = """
from gevent import monkey; monkey.patch_all()
import sys, gevent
from gateway.remote.rpc import RpcClient
from services.common.context import Call
client = RpcClient(sys.argv[1])
found = [gevent.spawn(client.call, "echo", "echo", {"n": n}, Call()) for n in range(200)]
gevent.joinall(found, timeout=20)
assert [job.value for job in found] == [{"n": n} for n in range(200)]
client.close()
"""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script, broker.uri],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_a_told_error_is_an_answer(client: RpcClient, service: Echo) -> None:
    for _ in range(5):
        with pytest.raises(errors.Conflict) as told:
            client.call("echo", "fail", {"how": "conflict"}, CALL)
        assert told.value.code == "echo.taken"
        assert told.value.extra == {"alternatives": [1, 2]}
    assert client.breaker("echo").state == CLOSED


def test_a_defect_over_there_is_internal(client: RpcClient, service: Echo) -> None:
    with pytest.raises(errors.Internal) as told:
        client.call("echo", "fail", {"how": "defect"}, CALL)
    assert "secret" not in str(told.value)


def test_an_unknown_method_is_a_defect_of_ours(client: RpcClient, service: Echo) -> None:
    with pytest.raises(errors.Internal):
        client.call("echo", "nothing_of_the_kind", {}, CALL)


@pytest.fixture
def hasty(broker: Server) -> Iterator[RpcClient]:
    client = RpcClient(broker.uri, timeout=0.2, breaker={"failures": 3, "seconds": 0.5})
    yield client
    client.close()


def test_a_branch_that_answers_later_than_somebody_waited_is_not_silent(
    client: RpcClient, service: Echo
) -> None:
    # The breaker opens after three.
    for number in range(5):
        with pytest.raises(errors.Unavailable):
            client.call("echo", "work", {"key": f"l{number}", "seconds": 0.3}, CALL, 0.1)
    assert client.call("echo", "echo", {"n": 1}, CALL) == {"n": 1}
    assert client.breaker("echo").state == CLOSED


def test_one_that_nobody_hears_of_in_time_is_silent_however_little_was_waited(
    hasty: RpcClient, service: Echo
) -> None:
    began = time.monotonic()
    while hasty.breaker("echo").state == CLOSED:
        with pytest.raises(errors.Unavailable):
            hasty.call("echo", "work", {"key": "never", "seconds": 1.0}, CALL, 0.05)
        assert time.monotonic() - began < 5
    assert time.monotonic() - began > 0.2


@pytest.mark.alone
def test_silence_ends_at_the_deadline_and_opens_the_breaker(
    hasty: RpcClient, service: Echo
) -> None:
    client = hasty
    for _ in range(3):
        began = time.monotonic()
        with pytest.raises(errors.Unavailable) as away:
            client.call("echo", "work", {"key": "slow", "seconds": 1.0}, CALL)
        assert time.monotonic() - began < 0.5
        assert away.value.extra["retry_after"] >= 1
    assert client.breaker("echo").state == OPEN
    began = time.monotonic()
    with pytest.raises(errors.Unavailable):
        client.call("echo", "echo", {}, CALL)
    assert time.monotonic() - began < 0.05
    # It lets a call through again after half a second, and one answer closes it.
    until(
        lambda: client.call("echo", "echo", {}, CALL),
        "a call that is let through",
        1,
        enough=lambda answer: answer == {},
        hurt_by=(errors.Unavailable,),
    )
    assert client.breaker("echo").state == CLOSED


def test_a_branch_without_a_queue_is_away_at_once(client: RpcClient, service: Echo) -> None:
    client.call("echo", "echo", {}, CALL)
    began = time.monotonic()
    with pytest.raises(errors.Unavailable):
        client.call("nobody", "anything", {}, CALL)
    assert time.monotonic() - began < 1
    assert client.call("echo", "echo", {}, CALL) == {}


def test_any_answer_shows_that_a_branch_is_alive(client: RpcClient, service: Echo) -> None:
    assert client.alive("echo", 2)
    assert not client.alive("nobody", 2)


def test_the_broker_shows_that_it_works_without_any_branch(client: RpcClient) -> None:
    assert client.broker_answers(2)


def test_a_broken_connection_fails_its_calls_at_once_and_is_replaced(
    client: RpcClient, service: Echo
) -> None:
    client.call("echo", "echo", {}, CALL)
    link = client._link
    assert link is not None
    ended: list[float] = []
    began = time.monotonic()

    def wait() -> None:
        with pytest.raises(errors.Unavailable):
            client.call("echo", "work", {"key": "cut", "seconds": 3}, CALL)
        ended.append(time.monotonic() - began)

    threads = [threading.Thread(target=wait) for _ in range(2)]
    for thread in threads:
        thread.start()
    service.await_journal("started", count=2, key="cut")
    link.amqp.transport.sock.shutdown(socket.SHUT_RDWR)
    for thread in threads:
        thread.join(5)
    assert len(ended) == 2
    assert max(ended) < 2
    assert until(lambda: client.call("echo", "echo", {"again": 1}, CALL), "an answer") == {
        "again": 1
    }


def test_a_breaker_that_opened_for_want_of_a_connection_does_not_outlast_it(
    broker: Server, service: Echo
) -> None:
    client = RpcClient(broker.uri, timeout=2.0, breaker={"failures": 1, "seconds": 60})
    try:
        client.call("echo", "echo", {}, CALL)
        client.breaker("echo").silent()
        with pytest.raises(errors.Unavailable, match="the breaker is open"):
            client.call("echo", "echo", {}, CALL)
        link = client._link
        assert link is not None
        link.amqp.transport.sock.shutdown(socket.SHUT_RDWR)
        assert until(lambda: client._link not in (None, link), "a new connection", 10)
        assert client.call("echo", "echo", {"again": 1}, CALL) == {"again": 1}
    finally:
        client.close()


def test_a_frozen_broker_holds_no_call_beyond_its_deadline(broker: Server, service: Echo) -> None:
    client = RpcClient(broker.uri, timeout=1.0, breaker={"failures": 1000})
    try:
        client.call("echo", "echo", {}, CALL)
        with frozen(broker):
            # More than the socket's buffers hold, so that the writer is stuck as well.
            heavy = {"text": "x" * 400_000}
            waited: list[float] = []

            def one(_number: int) -> None:
                began = time.monotonic()
                with pytest.raises(errors.Unavailable):
                    client.call("echo", "echo", heavy, CALL)
                waited.append(time.monotonic() - began)

            assert not client.broker_answers(0.3)
            with ThreadPoolExecutor(20) as pool:
                list(pool.map(one, range(40)))
            assert len(waited) == 40
            assert max(waited) < 2.0

        answer = until(
            lambda: client.call("echo", "echo", {"a": 1}, CALL),
            "an answer after the thaw",
            30,
            hurt_by=(errors.Unavailable,),
        )
        assert answer == {"a": 1}
    finally:
        client.close()


def test_no_broker_at_all_is_told_fast() -> None:
    client = RpcClient("amqp://guest:guest@127.0.0.1:1//", timeout=5)
    try:
        began = time.monotonic()
        with pytest.raises(errors.Unavailable):
            client.call("echo", "echo", {}, CALL)
        assert time.monotonic() - began < 2
    finally:
        client.close()


class OddBranch:
    """Answers each call with what it is given, whatever that is."""

    def __init__(self, uri: str) -> None:
        self._connection = Connection(uri)
        self._channel = self._connection.channel()
        self._channel.exchange_declare(EXCHANGE, "topic", durable=True, auto_delete=False)
        queue = self._channel.queue_declare("rpc-odd", auto_delete=True).queue
        self._channel.queue_bind(queue, EXCHANGE, "odd.*")
        self._channel.basic_consume(queue, no_ack=True, callback=self._answer)
        self._reply: dict[str, Any] = {}

    def answer(self, client: RpcClient, body: bytes, properties: dict[str, Any]) -> Any:
        """Call it; returns what the client makes of the answer."""
        self._reply = {"body": body, **properties}
        with ThreadPoolExecutor(1) as pool:
            call = pool.submit(client.call, "odd", "odd", {}, CALL)
            self._connection.drain_events(timeout=10)
            return call.result(10)

    def _answer(self, request: Any) -> None:
        address = {"correlation_id": request.properties["correlation_id"]}
        message = Message(**{**address, **self._reply})
        self._channel.basic_publish(message, "", request.properties["reply_to"])

    def close(self) -> None:
        self._connection.release()


@pytest.fixture
def odd(broker: Server) -> Iterator[OddBranch]:
    branch = OddBranch(broker.uri)
    yield branch
    branch.close()


@pytest.mark.parametrize(
    ("body", "properties"),
    [
        (b"zz", {"application_headers": {"compression": "application/x-gzip"}}),
        (zlib.compress(b"0" * 400_000_000), {"application_headers": {"compression": "gzip"}}),
        (b"x" * 100_000, {"content_encoding": "punycode"}),
        (b"", {"content_encoding": "no such charset"}),
        (b'"' + b"0" * 17_000_000 + b'"', {}),
        (b"[" * 100_000, {}),
        (b"[]", {}),
        (b'{"error": 5}', {}),
        (b'{"error": {"exc_args": [1, 2, {"errors": [3]}]}}', {}),
        (b'{"error": {"exc_args": [1, 2, {"kind": [], "params": 3, "extra": [4]}]}}', {}),
        (b"{}", {"application_headers": {"a": b"\xff", b"\xff": 1}}),
    ],
)
def test_an_answer_that_cannot_be_read_is_a_defect_and_ends_nothing(
    client: RpcClient, odd: OddBranch, body: bytes, properties: dict[str, Any]
) -> None:
    client.start()
    if body == b"{}":
        assert odd.answer(client, body, properties) is None
    else:
        with pytest.raises(errors.Internal):
            odd.answer(client, body, properties)
    assert odd.answer(client, b'{"result": {"still": "here"}}', {}) == {"still": "here"}


def test_an_answer_to_nobody_ends_nothing(client: RpcClient, odd: OddBranch) -> None:
    client.start()
    with pytest.raises(errors.Unavailable):
        odd.answer(client, b"{}", {"correlation_id": b"\xff"})
    assert odd.answer(client, b'{"result": {"still": "here"}}', {}) == {"still": "here"}
