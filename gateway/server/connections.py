"""The open connections of one process: how many there may be, and which one makes room.

A client that sends or reads slowly holds a place and does no work. So a new connection is never
refused for the sake of one that waits for its client: the one that has waited longest is closed.
A request at work is never closed.
"""

from __future__ import annotations

import contextlib
import socket
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

LONGEST_HEAD = 64 * 1024


class Connection:
    """One open connection, used in place of its socket.

    Attributes:
        address: of the client that the connection is counted for; empty for none.
        waits_since: when it began to wait for its client; None while a request is at work.
        new: it has not brought a whole request yet.
        idle: it waits for a next request, so a stop need not wait for it.
        head: what has arrived of the head that is being read, up to ``LONGEST_HEAD`` bytes; empty
            once a request is read.
    """

    def __init__(self, client: Any, address: str) -> None:
        self.client = client
        self.address = address
        self.waits_since: float | None = None
        self.new = True
        self.idle = False
        self.closing = False
        self.head = bytearray()
        self._reads_head = False

    @contextlib.contextmanager
    def waiting(self) -> Iterator[None]:
        """Around each wait for the client: for a request, a part of its body, or the reading of
        an answer."""
        before, self.waits_since = self.waits_since, time.monotonic()
        try:
            yield
        finally:
            self.waits_since = before

    @contextlib.contextmanager
    def reading_head(self) -> Iterator[None]:
        """Around the wait for the head of a request, which is kept for its refusal only."""
        self.head.clear()
        self._reads_head = True
        try:
            yield
            self.head.clear()
        finally:
            self._reads_head = False

    def recv(self, size: int, *flags: int) -> bytes:
        """Read from the client; gunicorn reads a connection by this."""
        data: bytes = self.client.recv(size, *flags)
        if self._reads_head:
            self._add_to_head(data)
        return data

    def read_arrived(self) -> None:
        """Read what has arrived of a head, without a wait: its reader may have given up before."""
        with contextlib.suppress(OSError), self._same() as same:
            # gevent's own socket waits in spite of MSG_DONTWAIT.
            same.settimeout(0)
            self._add_to_head(same.recv(LONGEST_HEAD))

    def _add_to_head(self, data: bytes) -> None:
        self.head += data[: LONGEST_HEAD - len(self.head)]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.client, name)

    def close(self) -> None:
        """Close it for good."""
        self.client.close()

    def give_up(self) -> None:
        """End the wait for the client, both to read and to write."""
        self.closing = True
        self.shut(socket.SHUT_RDWR)

    def shut(self, how: int) -> None:
        """Shut one or both directions; the greenlet that waits wakes with the end of the stream.

        By another descriptor, because gevent's own ``shutdown`` ends the wait with an error.
        """
        with contextlib.suppress(OSError), self._same() as same:  # The client may be faster.
            same.shutdown(how)

    def _same(self) -> socket.socket:
        return socket.fromfd(self.client.fileno(), self.client.family, self.client.type)


class Connections:
    """All open connections.

    Args:
        most: connections in all.
        per_address: connections of one address; 0 lifts the bound.
    """

    def __init__(self, most: int, per_address: int) -> None:
        self._most = most
        self._per_address = per_address
        self._open: set[Connection] = set()
        self._counts: Counter[str] = Counter()

    def __iter__(self) -> Iterator[Connection]:
        return iter(list(self._open))

    def add(self, connection: Connection) -> bool:
        """Take a new connection in, and make room for it; false if its address has too many."""
        if len(self._open) >= self._most:
            self._close_one_of(self._open)
        self._open.add(connection)
        return self._count(connection)

    def remove(self, connection: Connection) -> None:
        """Forget a connection that has ended."""
        self._open.discard(connection)
        self._uncount(connection)

    def count_for(self, connection: Connection, address: str) -> bool:
        """Count a connection for another address; false if that one has too many."""
        self._uncount(connection)
        connection.address = address
        return self._count(connection)

    def _count(self, connection: Connection) -> bool:
        address = connection.address
        self._counts[address] += 1
        if not address or not self._per_address or self._counts[address] <= self._per_address:
            return True
        return self._close_one_of(
            other for other in self._open if other.address == address and other is not connection
        )

    def _uncount(self, connection: Connection) -> None:
        self._counts[connection.address] -= 1
        if not self._counts[connection.address]:
            del self._counts[connection.address]

    def _close_one_of(self, candidates: Any) -> bool:
        """Close the one that waits longest, of the address with most; false if none waits."""
        waiting = [c for c in candidates if c.waits_since is not None and not c.closing]
        if not waiting:
            return False
        min(waiting, key=lambda c: (-self._counts[c.address], c.waits_since)).give_up()
        return True
