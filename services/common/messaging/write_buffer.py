"""Writes to the broker that leave together.

py-amqp writes each message, and each acknowledgement, with a system call of its own. Under load
that call, which wakes the broker, is much of the price of a short message; so what is written in
one go is gathered, and leaves with one.
"""

from __future__ import annotations

from kombu import Connection


class GatheredWrites:
    """What is written to a connection waits until :meth:`flush`.

    Args:
        connection: one that stands, its handshake and its declarations over: a reader that waits
            for the answer to unsent bytes waits for ever.
    """

    def __init__(self, connection: Connection) -> None:
        transport = connection.connection.transport
        self._send = transport._write
        self._unsent = bytearray()
        transport._write = self._append

    def _append(self, data: bytes) -> None:
        self._unsent += data

    def flush(self) -> None:
        """Hand what was written to the socket.

        Raises:
            OSError: and every other error of a socket whose connection has broken.
        """
        data = bytes(self._unsent)
        if data:
            # In place, and so much only: another thread may be adding to it.
            del self._unsent[: len(data)]
            self._send(data)
