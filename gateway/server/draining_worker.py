"""gunicorn's gevent worker, which ends within seconds after a stop signal, and loses no request.

gunicorn's own waits until every connection is gone, or ``graceful_timeout`` is over. A phone that
keeps its connection open for a next request then holds up the stop for half a minute, in which
nobody can connect any more. It also reads a body, and writes an answer, for as long as the other
side likes; when its places are taken, it serves nobody else; and what it cannot read it refuses in
its own words, which repeat the request.
"""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import gevent
from environs import Env
from gevent.server import StreamServer
from gunicorn.http.errors import ParseException  # type: ignore[import-untyped]
from gunicorn.workers.ggevent import GeventWorker  # type: ignore[import-untyped]

from gateway import settings
from gateway.server import unparsed
from gateway.server.coalesced_write import OnePacket
from gateway.server.connections import Connection, Connections
from gateway.web.request_parsing import LONGEST_BODY
from services.common import logs, tracing
from services.common.errors import Internal

_log = logs.get(__name__)

#: How long a connection may still bring a request after the signal. The listener is open for up to
#: a second more, and who uses a connection all the time learns from the next answer to leave it.
LAST_CHANCE_SECONDS = 1.0

_LINGER_SECONDS = 1.0
# What an answer leaves unread of a body is read, so that the next request of the connection can be.
# Above this a caller gets no answer: it would be work for as long as it goes on sending.
_MOST_DISCARDED = 4 * LONGEST_BODY
_PIECE = 8 * 1024
# Connections that may still be open while others make room for them.
_SPARE_PLACES = 100


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

    Attributes:
        shared: another process has the listener too, so the next gateway serves who comes later.
    """

    shared = False

    def close(self) -> None:
        if not self.closed:
            if not self.shared:
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


class _WholeBody:
    """A request's body. All of it must arrive by a deadline."""

    def __init__(self, request: Any, connection: Connection, seconds: float) -> None:
        self._request = request
        self._body = request.body
        self._connection = connection
        self._until = time.monotonic() + seconds

    def read(self, size: int | None = None) -> bytes:
        return self._in_time(self._body.read, size)

    def readline(self, size: int | None = None) -> bytes:
        return self._in_time(self._body.readline, size)

    def readlines(self, size: int | None = None) -> list[bytes]:
        return self.read().splitlines(keepends=True)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.readline, b"")

    def abandon(self) -> None:
        """Nobody reads the rest: the connection ends with the answer, unless little is left."""
        sizes = [value for name, value in self._request.headers if name == "CONTENT-LENGTH"]
        if not sizes or int(sizes[0]) > _MOST_DISCARDED:
            self._request.must_close = True

    def _in_time(self, read: Callable[[int | None], bytes], size: int | None) -> bytes:
        try:
            with self._connection.waiting(), _deadline(self._until):
                return read(size)
        except TimeoutError:
            # What else comes of it would be taken for the next request.
            self._request.must_close = True
            raise


class _InTime:
    """A connection's socket for one answer. The client must read all of it by a deadline."""

    def __init__(self, sock: Any, connection: Connection, seconds: float) -> None:
        self._sock = sock
        self._connection = connection
        self._seconds = seconds
        self._until: float | None = None

    def sendall(self, data: bytes) -> None:
        with self._writing():
            self._sock.sendall(data)

    def sendfile(self, *args: Any, **kwargs: Any) -> Any:
        with self._writing():
            return self._sock.sendfile(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        if self._until is None:
            self._until = time.monotonic() + self._seconds
        with self._connection.waiting(), _deadline(self._until):
            yield


def _deadline(until: float) -> gevent.Timeout:
    """A context that raises TimeoutError at a moment of the monotonic clock."""
    return gevent.Timeout(max(0.001, until - time.monotonic()), TimeoutError)


class DrainingWorker(GeventWorker):  # type: ignore[misc]
    """Answers what was started, hangs up on everybody else, and ends.

    Attributes:
        silence: seconds without a byte in the middle of a body, or of an answer, after which the
            other side has gone.
        patience: seconds that a new connection has for the head of its first request. One that has
            brought a request may then be idle for ``keepalive``.
        body_seconds: for the whole body of a request.
        answer_seconds: for the reading of a whole answer.
    """

    silence = 20.0
    patience = 20.0
    body_seconds = 30.0
    answer_seconds = 120.0

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        env = Env()
        self._public_url = settings.public_url(env)
        self._proxies = settings.trusted_proxies(env)
        self._connections = Connections(
            self.worker_connections, settings.connections_per_address(env)
        )
        self._of_greenlet: dict[Any, Connection] = {}
        self.worker_connections += _SPARE_PLACES

    def server_class(self, listener: Any, *, spawn: Any, **_of_wsgi: Any) -> DrainingServer:
        """gunicorn's place for a server of one's own; it asks once for each listener."""
        handle = partial(self.handle, _Listener(listener.getsockname()))
        server = DrainingServer(listener, handle=handle, spawn=spawn)
        server.shared = any(bind.startswith("fd://") for bind in self.cfg.bind)
        if self.cfg.workers > 1:
            server.max_accept = 1
        return server

    def handle(self, listener: Any, client: Any, addr: Any) -> None:
        """One connection, from its first request to its last."""
        greenlet = gevent.getcurrent()
        # A proxy's connections are many people's: their requests are counted, one by one.
        address = "" if self._proxies or not addr else addr[0]
        connection = self._of_greenlet[greenlet] = Connection(client, address)
        try:
            if self._connections.add(connection):
                super().handle(listener, connection, addr)
            else:
                self.handle_error(None, client, addr, unparsed.TooManyConnections())
                client.close()
        finally:
            del self._of_greenlet[greenlet]
            self._connections.remove(connection)

    def handle_request(self, listener_name: Any, req: Any, sock: Any, addr: Any) -> None:
        """One request, whose answer leaves in one packet."""
        unparsed.check_headers(req.headers)
        connection = self._of_greenlet[gevent.getcurrent()]
        if self._proxies:
            address = unparsed.forwarded_for(req.headers, self._proxies)
            if not self._connections.count_for(connection, address):
                raise unparsed.TooManyConnections
        answer = OnePacket(_InTime(sock, connection, self.answer_seconds))
        req.body = _WholeBody(req, connection, self.body_seconds)
        try:
            super().handle_request(listener_name, req, answer, addr)
            answer.flush()
        except StopIteration:  # gunicorn's word for the last answer of a connection
            answer.flush()
            if req.must_close:
                _linger(sock)
            raise
        except TimeoutError as error:
            # A phone has gone out of reach while it was answered: nobody's fault, and no news.
            _log.info("connection.lost", address=(addr or ("",))[0])
            raise StopIteration from error
        finally:
            if self._proxies:
                self._connections.count_for(connection, "")
        if not self._discarded(req, connection):
            _linger(sock)
            raise StopIteration

    def _discarded(self, req: Any, connection: Connection) -> bool:
        """Read what is left of the body; false if the connection has to end because of it."""
        left = _MOST_DISCARDED
        seconds = self.patience if self.alive else LAST_CHANCE_SECONDS
        # It is answered, so a stop need not wait for it.
        connection.idle = True
        try:
            with contextlib.suppress(OSError, ParseException), gevent.Timeout(seconds, False):
                while piece := req.body.read(_PIECE):
                    left -= len(piece)
                    if left <= 0:
                        return False
                return True
            return False
        finally:
            connection.idle = False

    @contextlib.contextmanager
    def timeout_ctx(self) -> Iterator[None]:
        """Around the wait for a connection's next request."""
        connection = self._of_greenlet[gevent.getcurrent()]
        connection.idle = self.alive
        connection.client.settimeout(None)
        # Who never finishes a first request has no claim to be remembered.
        seconds = self.patience if connection.new else self.cfg.keepalive
        try:
            with (
                connection.waiting(),
                connection.reading_head(),
                gevent.Timeout(seconds if self.alive else LAST_CHANCE_SECONDS, False),
            ):
                yield
        finally:
            connection.idle = False
            connection.new = False
        connection.client.settimeout(self.silence)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Answer a request that cannot be read, or that broke the application, and log that once.

        Neither answer nor log repeats anything of the request.
        """
        refused = unparsed.refusal(exc)
        known = req or getattr(exc, "req", None)
        headers = getattr(known, "headers", None) or self._headers_so_far()
        traceparent = tracing.new()
        details = {
            "code": refused.code,
            "reason": type(exc).__name__,
            "address": (addr or ("",))[0],
            "trace_id": tracing.trace_id(traceparent),
        }
        if isinstance(refused, Internal):
            _log.error("request.failed", exc_info=(type(exc), exc, exc.__traceback__), **details)
        else:
            _log.warning("request.refused", **details)
        raw = unparsed.answer(
            refused,
            headers,
            head_only=getattr(known, "method", "") == "HEAD",
            traceparent=traceparent,
            public_url=self._public_url,
        )
        with contextlib.suppress(OSError), gevent.Timeout(self.silence, False):
            client.sendall(raw)
            _linger(client)

    def _headers_so_far(self) -> list[tuple[str, str]]:
        """The headers in what has arrived of a head that cannot be read as a whole."""
        connection = self._of_greenlet[gevent.getcurrent()]
        connection.read_arrived()
        return unparsed.headers_in(bytes(connection.head))

    def handle_exit(self, sig: int, frame: Any) -> None:
        """SIGTERM."""
        super().handle_exit(sig, frame)
        # Not in the signal's handler: that runs between two bytecodes of anything.
        gevent.spawn_later(LAST_CHANCE_SECONDS, self._hang_up)

    def _hang_up(self) -> None:
        # Who has come since the signal has a last chance of its own.
        for connection in self._connections:
            if connection.idle:
                # What has arrived is read before the end of the stream, so a request that came a
                # moment ago is still answered.
                connection.shut(socket.SHUT_RD)
