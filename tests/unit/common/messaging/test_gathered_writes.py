"""Writes to the broker leave together, in order, and never make their writer wait."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any, cast

import eventlet
import pytest
from amqp.transport import TCPTransport
from eventlet.event import Event
from eventlet.green import socket as green
from kombu import Connection

from services.common.messaging import write_buffer_eventlet
from services.common.messaging.write_buffer import GatheredWrites
from services.common.messaging.write_buffer_eventlet import GreenWrites

MUCH = 4 * 1024 * 1024


class Pair:
    """A connection to a broker that is the other end of a socket pair."""

    def __init__(self) -> None:
        self.socket, self.broker = green.socketpair()
        self.transport = TCPTransport.__new__(TCPTransport)
        self.transport.sock = self.socket
        self.transport._write = self._sendall
        self.connection = cast(
            Connection, SimpleNamespace(connection=SimpleNamespace(transport=self.transport))
        )
        self.calls = 0

    def _sendall(self, data: bytes) -> None:
        self.calls += 1
        self.socket.sendall(data)

    def write(self, data: bytes) -> None:
        """As py-amqp does."""
        self.transport.write(data)

    def received(self, size: int) -> bytes:
        found = b""
        while len(found) < size:
            found += self.broker.recv(size - len(found))
        return found

    def close(self) -> None:
        self.socket.close()
        self.broker.close()


@pytest.fixture
def pair() -> Iterator[Pair]:
    with eventlet.Timeout(20):
        found = Pair()
        yield found
        found.close()


class Counting:
    """Stands before a socket and counts what is sent on it."""

    def __init__(self, socket: Any) -> None:
        self._socket = socket
        self.sends = 0

    def send(self, data: bytes, *flags: int) -> int:
        self.sends += 1
        return int(self._socket.send(data, *flags))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._socket, name)


def counted(pair: Pair) -> Counting:
    pair.socket.fd = Counting(pair.socket.fd)
    return cast(Counting, pair.socket.fd)


def never(why: BaseException) -> None:
    raise AssertionError(f"the connection was given up: {why!r}")


def noted() -> tuple[Event, Callable[[BaseException], None]]:
    """The reason why a connection is given up; a second call fails the test."""
    told = Event()
    return told, told.send


def test_nothing_leaves_before_a_flush_and_then_all_at_once(pair: Pair) -> None:
    writes = GatheredWrites(pair.connection)
    for number in range(10):
        pair.write(b"%d" % number)
    assert pair.calls == 0
    writes.flush()
    writes.flush()
    assert pair.received(10) == b"0123456789"
    assert pair.calls == 1


def test_what_one_turn_writes_leaves_with_one_call_at_its_end(pair: Pair) -> None:
    calls = counted(pair)
    GreenWrites(pair.connection, never)
    for number in range(10):
        pair.write(b"%d" % number)
    assert calls.sends == 0
    assert pair.received(10) == b"0123456789"
    assert calls.sends == 1


def test_a_full_socket_makes_nobody_wait_and_loses_nothing(pair: Pair) -> None:
    GreenWrites(pair.connection, never)
    pair.write(b"a" * MUCH)
    eventlet.sleep(0)
    pair.write(b"b" * MUCH)
    eventlet.sleep(0)
    pair.write(b"c")
    found = pair.received(2 * MUCH + 1)
    assert found == b"a" * MUCH + b"b" * MUCH + b"c"


def test_a_reader_with_a_short_timeout_does_not_cut_a_write_off(pair: Pair) -> None:
    GreenWrites(pair.connection, never)
    # As py-amqp does for as long as it waits for a frame.
    pair.socket.settimeout(0.01)
    pair.write(b"a" * MUCH)
    with pytest.raises(TimeoutError):
        pair.socket.recv(1)
    assert pair.received(MUCH) == b"a" * MUCH


@pytest.mark.parametrize("reading", [None, 0.01])
def test_a_broker_that_takes_nothing_is_given_up_once(
    pair: Pair, monkeypatch: pytest.MonkeyPatch, reading: float | None
) -> None:
    monkeypatch.setattr(write_buffer_eventlet, "FLUSH_SECONDS", 0.05)
    told, broken = noted()
    writes = GreenWrites(pair.connection, broken)
    # The reader's timeout is shorter, and begins anew with every call.
    pair.socket.settimeout(reading)
    pair.write(b"a" * MUCH)
    assert not writes.closed
    assert isinstance(told.wait(), eventlet.Timeout)
    # Part of a frame is on its way: nothing may follow it.
    calls = counted(pair)
    pair.write(b"b")
    eventlet.sleep(0)
    eventlet.sleep(0)
    assert calls.sends == 0
    assert writes.closed


def test_no_more_than_so_much_waits_for_a_slow_broker(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write_buffer_eventlet, "MOST_BYTES", 2 * MUCH)
    told, broken = noted()
    GreenWrites(pair.connection, broken)
    for _ in range(4):
        pair.write(b"a" * MUCH)
    assert isinstance(told.wait(), OverflowError)


def test_a_connection_that_has_ended_is_given_up_once(pair: Pair) -> None:
    told, broken = noted()
    GreenWrites(pair.connection, broken)
    pair.broker.close()
    for _ in range(3):
        pair.write(b"a")
        eventlet.sleep(0)
    assert isinstance(told.wait(), OSError)


def test_who_throws_the_connection_away_is_not_told_of_it(pair: Pair) -> None:
    writes = GreenWrites(pair.connection, never)
    pair.write(b"a" * MUCH)
    eventlet.sleep(0)
    writes.close()
    pair.socket.close()
    eventlet.sleep(0)
    pair.write(b"b")
    eventlet.sleep(0)


def test_a_flush_waits_until_everything_is_taken(pair: Pair) -> None:
    writes = GreenWrites(pair.connection, never)
    reader = eventlet.spawn(pair.received, MUCH + 1)
    pair.write(b"a" * MUCH)
    eventlet.sleep(0)
    pair.write(b"b")
    writes.flush()
    assert reader.wait() == b"a" * MUCH + b"b"
