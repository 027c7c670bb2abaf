"""What is kept of the head of a request while it arrives."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from gateway.server.connections import LONGEST_HEAD, Connection


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, Connection]]:
    client, served = socket.socketpair()
    yield client, Connection(served, "")
    client.close()
    served.close()


def test_a_head_that_is_read_is_not_kept(pair: tuple[socket.socket, Connection]) -> None:
    client, connection = pair
    with connection.reading_head():
        for byte in b"GET / HTTP/1.1\r\n":
            client.send(bytes([byte]))
            connection.recv(8192)
        assert connection.head == b"GET / HTTP/1.1\r\n"
    assert not connection.head


def test_a_head_that_cannot_be_read_is_kept_for_the_refusal(
    pair: tuple[socket.socket, Connection],
) -> None:
    client, connection = pair
    with pytest.raises(ValueError, match="no head"), connection.reading_head():
        client.send(b"GET\r\nX-A: b")
        connection.recv(8192)
        raise ValueError("no head")
    client.send(b"c")
    connection.read_arrived()
    assert connection.head == b"GET\r\nX-A: bc"


def test_no_more_than_the_bound_is_kept(pair: tuple[socket.socket, Connection]) -> None:
    client, connection = pair
    with pytest.raises(ValueError, match="too long"), connection.reading_head():
        for _ in range(3 * LONGEST_HEAD // 4096):
            client.sendall(b"x" * 4096)
            connection.recv(4096)
        raise ValueError("too long")
    assert len(connection.head) == LONGEST_HEAD
