"""gunicorn's gevent worker, which lets go of idle connections when it is told to stop.

gunicorn's own waits until every connection is gone, or ``graceful_timeout`` is over. A phone that
keeps its connection open for a next request then holds up the stop for half a minute, in which
nobody can connect any more.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from typing import Any

import gevent
from gunicorn.workers.ggevent import GeventWorker  # type: ignore[import-untyped]


class DrainingWorker(GeventWorker):  # type: ignore[misc]
    """Answers what was started, hangs up on everybody else, and ends."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._open: dict[Any, Any] = {}
        self._idle: set[Any] = set()

    def handle(self, listener: Any, client: Any, addr: Any) -> None:
        """One connection, from its first request to its last."""
        greenlet = gevent.getcurrent()
        self._open[greenlet] = client
        try:
            super().handle(listener, client, addr)
        finally:
            del self._open[greenlet]

    @contextlib.contextmanager
    def timeout_ctx(self) -> Iterator[None]:
        """Around the wait for a connection's next request."""
        greenlet = gevent.getcurrent()
        self._idle.add(greenlet)
        try:
            with gevent.Timeout(self.cfg.keepalive if self.alive else 0, False):
                yield
        finally:
            self._idle.discard(greenlet)

    def handle_exit(self, sig: int, frame: Any) -> None:
        """SIGTERM."""
        super().handle_exit(sig, frame)
        # Not in the signal's handler: that runs between two bytecodes of anything.
        gevent.spawn(self._hang_up)

    def _hang_up(self) -> None:
        for greenlet in list(self._idle):
            # Its reader wakes with the end of the stream. What has arrived is read before that, so
            # a request that came a moment ago is still answered.
            with contextlib.suppress(OSError, KeyError):
                self._open[greenlet].shutdown(socket.SHUT_RD)
