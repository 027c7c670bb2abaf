"""One life of the gateway's connection to the broker."""

from __future__ import annotations

import contextlib
import socket
from typing import Any

from amqp.exceptions import AMQPError
from kombu.exceptions import OperationalError

from services.common.messaging.connecting import TRANSPORT, connect_once, connection_to, user_of
from services.common.messaging.decoding import leave_bodies_alone
from services.common.messaging.write_buffer import GatheredWrites

CONNECT_SECONDS = 3.0
SOCKET_SECONDS = 2.0

# A broken connection; py-amqp raises the last three where it was already collected.
BROKEN = (OSError, AMQPError, OperationalError, AttributeError, TypeError, KeyError)


class Link:
    """One life of the connection."""

    def __init__(self, uri: str, heartbeat: int) -> None:
        self.connection = connection_to(
            uri,
            heartbeat=heartbeat,
            connect_timeout=CONNECT_SECONDS,
            transport_options=dict(TRANSPORT),
        )
        connect_once(self.connection)
        self.user = user_of(self.connection)
        self.amqp: Any = self.connection.connection
        # One timeout for good, in place of one set and unset around every read. First of all,
        # because opening a channel waits for the broker too, which may be frozen by now.
        self._socket: Any = self.amqp.transport.sock
        self._socket.settimeout(SOCKET_SECONDS)
        self.channel: Any = self.connection.channel()
        leave_bodies_alone(self.channel)
        self.broken = False
        #: Branches that have answered on it.
        self.answered: set[str] = set()
        self._writes: GatheredWrites | None = None

    def gather_writes(self) -> None:
        """From now on, now that the handshake is over, what is written leaves with a flush."""
        self._writes = GatheredWrites(self.connection)

    def flush(self) -> None:
        """Hand what was written to the socket."""
        if self._writes is not None:
            self._writes.flush()

    def throw_away(self) -> None:
        """Close without a word to the other side, which may be frozen; wakes who is in a write."""
        self.broken = True
        with contextlib.suppress(*BROKEN):
            self._socket.shutdown(socket.SHUT_RDWR)
        with contextlib.suppress(*BROKEN):
            self.connection.collect()
