"""The load: a process of its own that does as little as it can, so that it takes little CPU.

Reads one plan as JSON from standard input, runs it, and writes what it measured as JSON.

A closed loop keeps `connections` requests in flight; with a `rate`, requests start by the clock
(an open loop), so that waiting is part of what is measured.

It shares two cores with what it measures, and the floor leaves it one of them free, so whatever it
takes is taken from the system alone. So it uses no HTTP library: each request's bytes are made
before the clock starts, and of an answer only the status and the length are looked for.
"""

from __future__ import annotations

import json
import select
import socket
import sys
import time
from collections import deque
from typing import Any
from urllib.parse import urlsplit

_READ_BYTES = 65536
_ANSWER_SECONDS = 30.0
_HEAD_END = b"\r\n\r\n"
_LENGTH = b"content-length:"


class Broken(Exception):
    """The server said what this client does not understand, or nothing at all."""


class Connection:
    """One connection, with at most one request on it."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.socket = socket.create_connection(address, _ANSWER_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.began = 0.0
        self._come = b""

    def ask(self, request: bytes, began: float) -> None:
        self.began = began
        self.socket.sendall(request)

    def answer(self) -> tuple[int, bytes] | None:
        """Read what has come; the status and the body once they are whole.

        Raises:
            Broken: if the connection has ended, or the answer does not say how long it is.
        """
        come = self.socket.recv(_READ_BYTES)
        if not come:
            raise Broken("the server has closed a connection")
        self._come += come
        head, end, body = self._come.partition(_HEAD_END)
        if not end:
            return None
        _, found, rest = head.lower().partition(_LENGTH)
        if not found:
            raise Broken(f"an answer without its length: {head[:200]!r}")
        if len(body) < int(rest.split(b"\r\n", 1)[0]):
            return None
        self._come = b""
        return int(head[9:12]), body


class Run:
    """One plan under way."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self.plan = plan
        url = urlsplit(plan["url"])
        self.address = (str(url.hostname), int(url.port or 80))
        self.todo = deque(self._bytes(*request) for request in plan["requests"])
        self.seconds: list[float] = []
        self.statuses: dict[int, int] = {}
        self.created: list[tuple[str, float]] = []
        # In turn, so that none is left unused until the server closes it.
        self.idle = deque(Connection(self.address) for _ in range(plan["connections"]))
        self.busy: dict[int, Connection] = {}
        self.events = select.epoll()
        for connection in self.idle:
            self.events.register(connection.socket.fileno(), select.EPOLLIN)
        self.started = time.time()
        self.number = 0

    def _bytes(self, method: str, path: str, body: str | None, key: str | None) -> bytes:
        content = b"" if body is None else body.encode()
        lines = [
            f"{method} {path} HTTP/1.1",
            f"Host: {self.address[0]}:{self.address[1]}",
            f"Authorization: Bearer {self.plan['token']}",
        ]
        if body is not None:
            lines += [
                "Content-Type: application/json",
                f"Idempotency-Key: {key}",
                f"Content-Length: {len(content)}",
            ]
        return "\r\n".join(lines).encode() + _HEAD_END + content

    def result(self) -> dict[str, Any]:
        while True:
            wait = self._begin()
            if not self.busy and wait is None:
                break
            come = self.events.poll(wait if wait is not None else _ANSWER_SECONDS)
            if not come and wait is None:
                raise Broken(f"no answer within {_ANSWER_SECONDS:g} s")
            for number, _ in come:
                if number not in self.busy:
                    raise Broken("the server has closed a connection that was not in use")
                self._end(self.busy[number])
        return {
            "elapsed": time.time() - self.started,
            "seconds": self.seconds,
            "statuses": self.statuses,
            "created": self.created,
        }

    def _begin(self) -> float | None:
        """Start what can be started now; seconds until the next may start, ``None`` for never."""
        while self.idle and self.todo:
            now = time.time()
            if now - self.started > self.plan["seconds"]:
                self.todo.clear()
                break
            due = self._due()
            if due is not None and due > now:
                return due - now
            self.number += 1
            connection = self.idle.popleft()
            self.busy[connection.socket.fileno()] = connection
            # In an open loop a request leaves at its time, not when the last was answered.
            connection.ask(self.todo.popleft(), now if due is None else due)
        return None

    def _due(self) -> float | None:
        rate = self.plan.get("rate")
        return float(self.started + (self.number + 1) / rate) if rate else None

    def _end(self, connection: Connection) -> None:
        found = connection.answer()
        if found is None:
            return
        status, body = found
        now = time.time()
        self.seconds.append(now - connection.began)
        self.statuses[status] = self.statuses.get(status, 0) + 1
        if status == 201:
            # Several at once have no id of their own.
            self.created.append((json.loads(body).get("id", ""), now))
        self.idle.append(self.busy.pop(connection.socket.fileno()))


if __name__ == "__main__":
    json.dump(Run(json.load(sys.stdin)).result(), sys.stdout)
