"""The head and the first bytes of an answer leave together, and nothing is kept back."""

from __future__ import annotations

import socket
from typing import Any

from gateway.server.coalesced_write import OnePacket


class Wire:
    """Keeps each write of a connection apart."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.shut = False

    def sendall(self, data: bytes) -> None:
        self.written.append(data)

    def sendfile(self, file: bytes, **_where: Any) -> int:
        self.written.append(file)
        return len(file)

    def shutdown(self, how: int) -> None:
        self.shut = how == socket.SHUT_RDWR

    def fileno(self) -> int:
        return 7


def test_head_and_body_are_one_write() -> None:
    wire = Wire()
    answer = OnePacket(wire)
    answer.sendall(b"head")
    assert wire.written == []
    answer.sendall(b"body")
    answer.flush()
    assert wire.written == [b"headbody"]


def test_what_comes_after_leaves_at_once() -> None:
    wire = Wire()
    answer = OnePacket(wire)
    for part in (b"head", b"one", b"two"):
        answer.sendall(part)
    assert wire.written == [b"headone", b"two"]


def test_a_head_alone_leaves_with_the_end_of_the_answer() -> None:
    wire = Wire()
    answer = OnePacket(wire)
    answer.sendall(b"head")
    answer.flush()
    answer.flush()
    assert wire.written == [b"head"]


def test_a_head_leaves_before_its_file() -> None:
    wire = Wire()
    answer = OnePacket(wire)
    answer.sendall(b"head")
    answer.sendfile(b"file", offset=0)
    assert wire.written == [b"head", b"file"]


def test_an_answer_that_is_broken_off_says_nothing() -> None:
    wire = Wire()
    answer = OnePacket(wire)
    answer.sendall(b"head")
    answer.shutdown(socket.SHUT_RDWR)
    answer.flush()
    assert wire.shut
    assert wire.written == []


def test_the_rest_of_the_socket_is_the_socket() -> None:
    assert OnePacket(Wire()).fileno() == 7
