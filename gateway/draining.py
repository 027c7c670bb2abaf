"""gunicorn's gevent worker, which ends within seconds when it is told to stop, and loses nobody.

gunicorn's own waits until every connection is gone, or ``graceful_timeout`` is over. A phone that
keeps its connection open for a next request then holds up the stop for half a minute, in which
nobody can connect any more. It also reads a body, and writes an answer, for as long as the other
side likes; and what it cannot read it refuses in its own words, which repeat the request.
"""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import gevent
from environs import Env
from gevent.server import StreamServer
from gunicorn.http.errors import ParseException  # type: ignore[import-untyped]
from gunicorn.workers.ggevent import GeventWorker  # type: ignore[import-untyped]

from gateway import refusals, settings
from gateway.bodies import LONGEST_BODY
from gateway.one_packet import OnePacket
from services.common import logs, tracing
from services.common.errors import Internal

_log = logs.get(__name__)

#: How long a connection may still bring a request after the signal. The listener is open for up to
#: a second more, and who uses a connection all the time learns from the next answer to leave it.
LAST_CHANCE_SECONDS = 1.0

_LINGER_SECONDS = 1.0
# What an answer leaves unread of a body is read, so that the next request of the connection can be.
# Of more than this a caller hears no more: it would be work for as long as it goes on sending.
_MOST_DISCARDED = 4 * LONGEST_BODY
_PIECE = 8 * 1024


@dataclass(frozen=True)
class _Listener:
    """What gunicorn asks of a listener for each connection: the real one may be closed before a
    connection that it has taken has its turn."""

    name: Any

    def getsockname(self) -> Any:
        return self.name


class DrainingServer(StreamServer):  # type: ignore[misc]
    """Takes everybody who is in line before it closes.

    To their side of the line they are connected and may have sent a request; closing the listener
    over them resets them.
    """

    def close(self) -> None:
        if not self.closed:
            # Nobody new comes into the line meanwhile: they try again, and find nobody there.
            self.socket.listen(0)
            while not self.full() and (taken := self.do_read()):
                self.do_handle(*taken)
        super().close()


def _linger(client: Any) -> None:
    """Let the last answer arrive: a connection that is closed over unread bytes is reset, and the
    answer lost with it."""
    until = time.monotonic() + _LINGER_SECONDS
    with contextlib.suppress(OSError), gevent.Timeout(_LINGER_SECONDS, False):
        client.shutdown(socket.SHUT_WR)
        while client.recv(65536) and time.monotonic() < until:
            # Who sends faster than it is read never makes us wait, and nobody else gets a turn.
            gevent.sleep(0)


class DrainingWorker(GeventWorker):  # type: ignore[misc]
    """Answers what was started, hangs up on everybody else, and ends.

    Attributes:
        silence: seconds without a byte in the middle of a body, or of an answer, after which the
            other side has gone.
        patience: seconds that a new connection has for the head of its first request. One that has
            brought a request may then be idle for ``keepalive``.
    """

    silence = 20.0
    patience = 20.0

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._open: dict[Any, Any] = {}
        self._idle: set[Any] = set()
        self._new: set[Any] = set()
        self._public_url = settings.public_url(Env())

    def server_class(self, listener: Any, *, spawn: Any, **_of_wsgi: Any) -> DrainingServer:
        """gunicorn's place for a server of one's own; it asks once for each listener."""
        handle = partial(self.handle, _Listener(listener.getsockname()))
        server = DrainingServer(listener, handle=handle, spawn=spawn)
        if self.cfg.workers > 1:
            server.max_accept = 1
        return server

    def handle(self, listener: Any, client: Any, addr: Any) -> None:
        """One connection, from its first request to its last."""
        greenlet = gevent.getcurrent()
        self._open[greenlet] = client
        self._new.add(greenlet)
        try:
            super().handle(listener, client, addr)
        finally:
            del self._open[greenlet]
            self._new.discard(greenlet)

    def handle_request(self, listener_name: Any, req: Any, sock: Any, addr: Any) -> None:
        """One request, whose answer leaves in one packet."""
        refusals.check_headers(req.headers)
        answer = OnePacket(sock)
        try:
            super().handle_request(listener_name, req, answer, addr)
        except StopIteration:  # gunicorn's word for the last answer of a connection
            answer.flush()
            raise
        except TimeoutError as error:
            # A phone has gone out of reach while it was answered: nobody's fault, and no news.
            _log.info("connection.lost", address=(addr or ("",))[0])
            raise StopIteration from error
        answer.flush()
        if not self._discarded(req):
            _linger(sock)
            raise StopIteration

    def _discarded(self, req: Any) -> bool:
        """Read what is left of the body; false if the connection has to end because of it."""
        greenlet = gevent.getcurrent()
        left = _MOST_DISCARDED
        seconds = self.patience if self.alive else LAST_CHANCE_SECONDS
        # It is answered, so a stop need not wait for it.
        self._idle.add(greenlet)
        try:
            with contextlib.suppress(OSError, ParseException), gevent.Timeout(seconds, False):
                while piece := req.body.read(_PIECE):
                    left -= len(piece)
                    if left <= 0:
                        return False
                return True
            return False
        finally:
            self._idle.discard(greenlet)

    @contextlib.contextmanager
    def timeout_ctx(self) -> Iterator[None]:
        """Around the wait for a connection's next request."""
        greenlet = gevent.getcurrent()
        client = self._open[greenlet]
        if self.alive:
            self._idle.add(greenlet)
        client.settimeout(None)
        # Who never finishes a first request has no claim to be remembered: it costs nothing to hold
        # such a connection open, and there is room for so many only.
        seconds = self.patience if greenlet in self._new else self.cfg.keepalive
        try:
            with gevent.Timeout(seconds if self.alive else LAST_CHANCE_SECONDS, False):
                yield
        finally:
            self._idle.discard(greenlet)
            self._new.discard(greenlet)
        client.settimeout(self.silence)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Answer a request that cannot be read, or that broke the application, and log that once.

        Neither answer nor log repeats anything of the request.
        """
        refused = refusals.refusal(exc)
        known = req or getattr(exc, "req", None)
        headers = getattr(known, "headers", None) or ()
        traceparent = tracing.new()
        told = {
            "code": refused.code,
            "reason": type(exc).__name__,
            "address": (addr or ("",))[0],
            "trace_id": tracing.trace_id(traceparent),
        }
        if isinstance(refused, Internal):
            _log.error("request.failed", exc_info=(type(exc), exc, exc.__traceback__), **told)
        else:
            _log.warning("request.refused", **told)
        raw = refusals.answer(
            refused,
            headers,
            head_only=getattr(known, "method", "") == "HEAD",
            traceparent=traceparent,
            public_url=self._public_url,
        )
        with contextlib.suppress(OSError), gevent.Timeout(self.silence, False):
            client.sendall(raw)
            _linger(client)

    def handle_exit(self, sig: int, frame: Any) -> None:
        """SIGTERM."""
        super().handle_exit(sig, frame)
        # Not in the signal's handler: that runs between two bytecodes of anything.
        gevent.spawn_later(LAST_CHANCE_SECONDS, self._hang_up)

    def _hang_up(self) -> None:
        # Who has come since the signal has a last chance of its own.
        for greenlet in list(self._idle):
            # Its reader wakes with the end of the stream. What has arrived is read before that, so
            # a request that came a moment ago is still answered. By another descriptor, because
            # gevent's own ``shutdown`` breaks the wait off with an error instead.
            with contextlib.suppress(OSError, KeyError):
                client = self._open[greenlet]
                with socket.fromfd(client.fileno(), client.family, client.type) as same:
                    same.shutdown(socket.SHUT_RD)
