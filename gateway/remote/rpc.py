"""Calls to the branches: one connection per process, any number of calls in flight on it.

::

    caller ──▶ queue ──▶ writer ──▶ nameko-rpc ──▶ branch
       ▲                                            │
       └── future ◀── reader ◀── direct reply-to ◀──┘

Requests are transient and expire with their caller's deadline, so nobody runs work whose caller has
gone; replies come over RabbitMQ's direct reply-to, which needs no queue. A caller waits on its own
future and on nothing else: only the writer touches the socket's sending side (py-amqp is not safe
to share) and only the reader its receiving side, so a frozen broker can hold them up but never a
request beyond its deadline. When the connection breaks, every waiting call fails at once, and the
reader connects again with a growing pause.

Works with plain threads and, monkey-patched, with gevent.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import orjson
from amqp import spec

from gateway import metrics
from gateway.remote.breaker import Breaker, away
from gateway.remote.rpc_link import BROKEN, SOCKET_SECONDS, Link
from services.common import errors, logs, spans
from services.common import metrics as common_metrics
from services.common.context import Call

_log = logs.get(__name__)

EXCHANGE = "nameko-rpc"
REPLY_TO = "amq.rabbitmq.reply-to"
CALL_HEADER = "nameko.call"
DEADLINE_HEADER = "nameko.deadline"

HEARTBEAT_SECONDS = 10
_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 2.0
_TRANSIENT = 1
_BATCH = 100
_RETRY_SECONDS = 1.0
_LEAST_SECONDS = 0.5
_NAME = "rpc-client"


class _Future:
    """One call that waits: a lock that is released once, and what came."""

    __slots__ = ("failure", "lock", "reply")

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.lock.acquire()
        self.reply: Any = None
        self.failure: str | None = None

    def answer(self, reply: Any) -> None:
        self.reply = reply
        self.lock.release()

    def fail(self, why: str) -> None:
        self.failure = why
        self.lock.release()


class RpcClient:
    """Calls any method of any branch.

    Args:
        uri: of the broker.
        timeout: seconds that a call may take when it does not say.
        breaker: options of the breakers, see :class:`~gateway.remote.breaker.Breaker`.
        heartbeat: AMQP heartbeat in seconds.
    """

    def __init__(
        self,
        uri: str,
        *,
        timeout: float = 5.0,
        breaker: Mapping[str, Any] | None = None,
        heartbeat: int = HEARTBEAT_SECONDS,
    ) -> None:
        self._uri = uri
        self._timeout = timeout
        self._heartbeat = heartbeat
        self._breaker_options = dict(breaker or {})
        self._breakers: dict[str, Breaker] = {}
        self._waiting: dict[str, _Future] = {}
        # Calls that were left before the client's own timeout: the branch, and the deadline.
        self._impatient: dict[str, tuple[str, float]] = {}
        # Branches for whose silence a connection was left, and that have not answered since.
        self._left_for: set[str] = set()
        self._outgoing: deque[tuple[str, str, float, bytes, dict[str, str]]] = deque()
        self._work = threading.Event()
        self._connected = threading.Event()
        self._stopping = threading.Event()
        self._link: Link | None = None
        self._prefix = os.urandom(6).hex()
        self._numbers = itertools.count(1)
        self._start_lock = threading.Lock()
        self._threads: list[threading.Thread] = []

    # -- for callers ----------------------------------------------------------------------------

    @property
    def connected(self) -> bool:
        """Whether the connection to the broker stands, as far as is known."""
        return self._link is not None

    def start(self) -> None:
        """Start to connect; the first call does it too. Call it after any fork."""
        with self._start_lock:
            if self._threads:
                return
            for name, target in (("rpc-reader", self._read), ("rpc-writer", self._write)):
                thread = threading.Thread(target=target, name=name, daemon=True)
                self._threads.append(thread)
                thread.start()

    def close(self) -> None:
        """Stop; waiting calls fail at once."""
        self._stopping.set()
        self._work.set()
        link = self._link
        if link is not None:
            self._lose(link, "closing")
        for thread in self._threads:
            thread.join(SOCKET_SECONDS + 1)

    def breaker(self, branch: str) -> Breaker:
        """The breaker of a branch."""
        found = self._breakers.get(branch)
        if found is None:
            found = self._breakers.setdefault(branch, Breaker(branch, **self._breaker_options))
        return found

    def call(
        self,
        branch: str,
        method: str,
        request: Mapping[str, Any],
        call: Call,
        timeout: float | None = None,
    ) -> Any:
        """Call a method and wait for its result.

        Args:
            branch, method: such as ``bookings`` and ``get_booking``.
            request: the method's request, in wire form.
            call: who asks.
            timeout: seconds; the client's own by default.

        Raises:
            errors.Unavailable: no answer in time, no connection, no such branch, or the breaker is
                open; ``retry_after`` says when to try again.
            errors.MasahaError: every error of the branch.
        """
        seconds = self._timeout if timeout is None else timeout
        breaker = self.breaker(branch)
        self._count_silence()
        try:
            breaker.before_call(seconds)
        except errors.Unavailable:
            self._count(branch, method, "refused")
            raise
        started = time.perf_counter()
        link = self._link
        recorded = spans.begin(
            f"{branch}/{method}",
            spans.CLIENT,
            call.traceparent,
            {"rpc.system": "nameko", "rpc.service": branch, "rpc.method": method},
        )
        asked = call if recorded is None else replace(call, traceparent=recorded.traceparent)
        reply, failure = self._exchange(branch, method, request, asked, seconds)
        if recorded is not None:
            recorded.end(failure or _refusal(reply))
        self._time(branch, method, time.perf_counter() - started)
        # The first call connects.
        link = link or self._link
        if failure is not None:
            if failure != "impatient":
                breaker.silent()
            if failure == "timeout":
                self._leave_unproven(link, branch)
            self._count(branch, method, failure)
            raise away(branch, _RETRY_SECONDS, failure)
        breaker.answered()
        if link is not None and branch not in link.answered:
            link.answered.add(branch)
            self._left_for.discard(branch)
        error = reply.get("error")
        if error is None:
            self._count(branch, method, "ok")
            return reply.get("result")
        refusal = errors.from_wire(error)
        self._count(branch, method, refusal.kind)
        if refusal.extra.pop(errors.DELIVERED_TWICE, False) and call.idempotency_key is not None:
            # A service ended while it held the request. With its key it can be sent again, as its
            # client would do.
            time.sleep(_RETRY_SECONDS)
            left = seconds - (time.perf_counter() - started)
            if left > _LEAST_SECONDS:
                return self.call(branch, method, request, call, left)
        raise refusal

    def alive(self, branch: str, timeout: float) -> bool:
        """Whether the branch answers at all, breaker or not: any answer is one."""
        reply, failure = self._exchange(branch, "ping", {}, Call(), timeout)
        if failure is None and reply is not None:
            self.breaker(branch).answered()
        return failure is None

    def broker_answers(self, timeout: float) -> bool:
        """Whether the broker itself works: it gives back at once what no queue takes."""
        return self._exchange("no-such-branch", "ping", {}, Call(), timeout)[1] == "unroutable"

    # -- one call -------------------------------------------------------------------------------

    def _exchange(
        self, branch: str, method: str, request: Mapping[str, Any], call: Call, seconds: float
    ) -> tuple[Any, str | None]:
        if not self._threads:
            self.start()
        give_up = time.monotonic() + seconds
        if self._link is None and not self._connected.wait(min(seconds, 1.0)):
            return None, "lost"
        correlation_id = f"{self._prefix}-{next(self._numbers)}"
        body = orjson.dumps({"args": [request], "kwargs": {}})
        future = _Future()
        self._waiting[correlation_id] = future
        headers = {
            CALL_HEADER: call.to_header(),
            DEADLINE_HEADER: repr(time.time() + seconds),
        }
        self._outgoing.append((correlation_id, f"{branch}.{method}", give_up, body, headers))
        if not self._work.is_set():
            self._work.set()
        answered = future.lock.acquire(timeout=max(0.0, give_up - time.monotonic()))
        if not answered:
            self._waiting.pop(correlation_id, None)
            if seconds >= self._timeout:
                return None, "timeout"
            self._impatient[correlation_id] = branch, give_up - seconds + self._timeout
            return None, "impatient"
        return future.reply, future.failure

    def _leave_unproven(self, link: Link | None, branch: str) -> None:
        """Connect anew, once, for a branch that never answered on this connection.

        A node of a cluster may take calls and pass none on: so it does with what is published while
        a queue's leader is elected, and with all that follows on the same channel.
        """
        if link is None or branch in link.answered or branch in self._left_for:
            return
        self._left_for.add(branch)
        self._lose(link, f"{branch} never answered on it")

    def _count_silence(self) -> None:
        """Count a call that its caller left early, and that got no answer since, as a failure of
        its branch.
        """
        now = time.monotonic() if self._impatient else 0.0
        for correlation_id, (branch, until) in list(self._impatient.items()):
            if now > until and self._impatient.pop(correlation_id, None) is not None:
                self.breaker(branch).silent()

    # -- the writer -----------------------------------------------------------------------------

    def _write(self) -> None:
        beat = time.monotonic()
        while not self._stopping.is_set():
            self._work.wait(1.0)
            self._work.clear()
            link = self._link
            if link is None:
                self._fail_outgoing("lost")
                time.sleep(0.01)
                continue
            try:
                now = time.monotonic()
                if self._heartbeat and now - beat > self._heartbeat / 3:
                    beat = now
                    link.amqp.send_heartbeat()
                for _ in range(_BATCH):
                    if not self._outgoing:
                        break
                    self._send(link, *self._outgoing.popleft())
                link.flush()
                if self._outgoing:
                    self._work.set()
            except BROKEN as error:
                self._lose(link, f"{type(error).__name__}: {error}")

    def _send(
        self,
        link: Link,
        correlation_id: str,
        routing_key: str,
        give_up: float,
        body: bytes,
        headers: dict[str, str],
    ) -> None:
        left = give_up - time.monotonic()
        if left <= 0 or correlation_id not in self._waiting:
            return
        message = link.channel.prepare_message(
            body,
            content_type="application/json",
            content_encoding="utf-8",
            headers=headers,
            properties={
                "delivery_mode": _TRANSIENT,
                "correlation_id": correlation_id,
                "reply_to": REPLY_TO,
                "user_id": link.user,
                "expiration": str(max(1, int(left * 1000))),
            },
        )
        # Not ``basic_publish``: that reads from the socket first, which only the reader may. The
        # mandatory flag has a call to a branch without a queue returned at once.
        link.channel.send_method(
            spec.Basic.Publish, "Bssbb", (0, EXCHANGE, routing_key, True, False), message
        )

    def _fail_outgoing(self, why: str) -> None:
        while self._outgoing:
            future = self._waiting.pop(self._outgoing.popleft()[0], None)
            if future is not None:
                future.fail(why)

    # -- the reader -----------------------------------------------------------------------------

    def _read(self) -> None:
        pause = _FIRST_PAUSE_SECONDS
        while not self._stopping.is_set():
            try:
                link = self._connect()
            except BROKEN as error:
                _log.warning("broker.away", connection=_NAME, error=str(error), retry_in=pause)
                self._stopping.wait(pause)
                pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
                continue
            pause = _FIRST_PAUSE_SECONDS
            try:
                self._drain(link)
            except Exception as error:  # noqa: BLE001 - no call is answered without its reader
                self._lose(link, f"{type(error).__name__}: {error}")

    def _connect(self) -> Link:
        link = Link(self._uri, self._heartbeat)
        link.channel.events["basic_return"].add(self._on_return)
        link.channel.basic_consume(REPLY_TO, no_ack=True, callback=self._on_reply)
        # Passive declaration would need the arguments; the exchange is nameko's own.
        link.channel.exchange_declare(EXCHANGE, "topic", durable=True, auto_delete=False)
        link.gather_writes()
        self._link = link
        for breaker in list(self._breakers.values()):
            breaker.forgive()
        self._connected.set()
        common_metrics.BROKER_CONNECTED.labels(_NAME).set(1)
        return link

    def _drain(self, link: Link) -> None:
        amqp = link.amqp
        last_received_at, received = time.monotonic(), amqp.bytes_recv
        while not link.broken:
            try:
                amqp.drain_events()
            except TimeoutError:
                if self._stopping.is_set():
                    self._lose(link, "closing")
                now = time.monotonic()
                if amqp.bytes_recv != received:
                    last_received_at, received = now, amqp.bytes_recv
                elif self._heartbeat and now - last_received_at > 2 * self._heartbeat:
                    self._lose(link, "no heartbeat")

    def _on_reply(self, message: Any) -> None:
        correlation_id = message.properties.get("correlation_id", "")
        future = self._waiting.pop(correlation_id, None)
        if future is None:
            # Its caller has given up, maybe earlier than others.
            branch, until = self._impatient.pop(correlation_id, ("", 0.0))
            if time.monotonic() <= until:
                self.breaker(branch).answered()
            return
        reply: Any = None
        with contextlib.suppress(orjson.JSONDecodeError):
            reply = orjson.loads(message.body)
        future.answer(reply if isinstance(reply, dict) else {"error": {"exc_type": "Undecodable"}})

    def _on_return(self, _error: Exception, _exchange: str, _key: str, message: Any) -> None:
        future = self._waiting.pop(message.properties.get("correlation_id", ""), None)
        if future is not None:
            future.fail("unroutable")

    def _lose(self, link: Link, why: str) -> None:
        if self._link is link:
            self._link = None
            self._connected.clear()
            common_metrics.BROKER_CONNECTED.labels(_NAME).set(0)
            common_metrics.BROKER_CONNECTIONS_LOST.labels(_NAME).inc()
            if not self._stopping.is_set():
                _log.warning("broker.lost", connection=_NAME, error=why, waiting=len(self._waiting))
        link.throw_away()
        self._impatient.clear()
        for correlation_id in list(self._waiting):
            future = self._waiting.pop(correlation_id, None)
            if future is not None:
                future.fail("lost")

    # -- metrics --------------------------------------------------------------------------------

    def _count(self, branch: str, method: str, outcome: str) -> None:
        metrics.CALLS.labels(branch, method, outcome).inc()

    def _time(self, branch: str, method: str, seconds: float) -> None:
        metrics.CALL_SECONDS.labels(branch, method).observe(seconds)


def _refusal(reply: Any) -> str | None:
    """What a branch refused with, for a span."""
    error = reply.get("error")
    return None if error is None else str(errors.from_wire(error).code)
