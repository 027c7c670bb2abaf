"""Gathered writes in an eventlet process: what one turn of the hub writes leaves at its end."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import eventlet
from amqp.transport import TCPTransport
from eventlet.hubs import get_hub
from eventlet.semaphore import Semaphore
from kombu import Connection

from services.common.messaging.connecting import BROKEN_GREEN
from services.common.messaging.write_buffer import GatheredWrites

#: For how long a socket may take nothing before its connection is given up.
FLUSH_SECONDS = 2.0
#: How much may wait for a socket that takes a little now and then.
MOST_BYTES = 64 * 1024 * 1024

# Taken from what waits for one call; all of it would be copied again for each.
_PIECE_BYTES = 256 * 1024


class GreenWrites(GatheredWrites):
    """Gathered writes that nobody has to flush, and for which nobody waits.

    A greenlet that never waits in a write cannot be interrupted in the middle of a frame, and
    finds the world after it as it was before. What waits here is what the socket has not taken
    yet. If it takes nothing for ``FLUSH_SECONDS``, or more than ``MOST_BYTES`` wait for it, the
    connection is given up, and what waits with it.

    Args:
        connection: one that stands.
        broken: called once with the reason why the socket takes no more; part of a frame may be on
            its way, so nothing may follow on this connection.
    """

    def __init__(self, connection: Connection, broken: Callable[[BaseException], None]) -> None:
        super().__init__(connection)
        self._broken = broken
        self._order = Semaphore()
        self._closed = False
        transport = connection.connection.transport
        self._socket: Any = transport.sock
        # TLS may have to wait even before it takes the first byte, so it is left to a greenlet.
        self._plain = isinstance(transport, TCPTransport)

    @property
    def closed(self) -> bool:
        """Whether nothing leaves any more: given up, or thrown away."""
        return self._closed

    def _append(self, data: bytes) -> None:
        if self._closed:
            return
        if not self._unsent:
            get_hub().schedule_call_global(0, self._at_the_end_of_the_turn)
        super()._append(data)
        if len(self._unsent) > MOST_BYTES:
            # Not here: after a write the writer must find everything as it was before.
            eventlet.spawn_n(self._give_up, OverflowError(f"more than {MOST_BYTES} bytes wait"))

    def _at_the_end_of_the_turn(self) -> None:
        # In the hub itself, where nothing may wait. Mostly the socket takes all at once; what it
        # does not take, or says against it, is the matter of a greenlet.
        if self._plain and not self._closed and not self._order.locked():
            with suppress(OSError):
                del self._unsent[: self._socket.fd.send(self._unsent)]
        if self._unsent:
            eventlet.spawn_n(self._send_the_rest)

    def _send_the_rest(self) -> None:
        try:
            self.flush()
        except (eventlet.Timeout, *BROKEN_GREEN) as exc:
            self._give_up(exc)

    def _give_up(self, why: BaseException) -> None:
        if not self._closed:
            self._closed = True
            self._broken(why)

    def flush(self) -> None:
        """Hand what was written to the socket, and wait until it has taken it.

        Raises:
            eventlet.Timeout: if it takes nothing for ``FLUSH_SECONDS``.
            OSError: and the others of ``BROKEN_GREEN``, if the connection has broken.
        """
        with self._order:
            while self._unsent and not self._closed:
                with eventlet.Timeout(FLUSH_SECONDS):
                    self._send_some()

    def _send_some(self) -> None:
        piece = bytes(self._unsent[:_PIECE_BYTES])
        while not self._closed:
            # What its reader sets is the timeout of the whole socket; ours is the caller's.
            with suppress(TimeoutError):
                del self._unsent[: self._hand(piece)]
                return

    def _hand(self, piece: bytes) -> int:
        if self._plain:
            return int(self._socket.send(piece))
        # Takes all or nothing, and after a timeout it must get the same piece again.
        self._send(piece)
        return len(piece)

    def close(self) -> None:
        """Send no more: the connection is being thrown away."""
        self._closed = True
