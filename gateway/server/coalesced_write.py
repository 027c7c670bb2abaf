"""An answer's head and body leave in one packet.

gunicorn writes the head, and then the body. On a connection without Nagle's delay those are two
packets: two system calls here, and two wake-ups at the other side; the first one finds a head
    without a body. ``make bench`` shows the difference in what a read costs.
"""

from __future__ import annotations

from typing import Any


class OnePacket:
    """A connection's socket for one answer: what is written first waits for what comes second.

    The writer of an answer calls :meth:`flush` at its end, because an answer may be a head alone.
    """

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._held: bytes | None = None
        self._began = False

    def sendall(self, data: bytes) -> None:
        if not self._began:
            self._began, self._held = True, data
            return
        held, self._held = self._held, None
        self._connection.sendall(data if held is None else held + data)

    def sendfile(self, *args: Any, **kwargs: Any) -> Any:
        self.flush()
        return self._connection.sendfile(*args, **kwargs)

    def shutdown(self, how: int) -> None:
        """gunicorn's way to break an answer off: then its head says nothing true."""
        self._held = None
        self._connection.shutdown(how)

    def flush(self) -> None:
        """Send what still waits."""
        held, self._held = self._held, None
        if held is not None:
            self._connection.sendall(held)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)
