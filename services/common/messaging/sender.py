"""The publishing connection of an eventlet process: replies, delays and parking.

One connection apart from the consuming one, so that neither holds the other up. Everything on it
is bounded: while the broker is away, sending fails after ``SEND_SECONDS``; a frozen one lets a
confirm wait for ``CONFIRM_SECONDS``, and the connection is thrown away unasked, because a polite
close would wait for the frozen side. Connecting again is the work of one greenlet, with backoff.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext, suppress
from typing import Any

import eventlet
from amqp import spec
from eventlet.event import Event
from eventlet.semaphore import Semaphore
from kombu import Connection
from nameko.extensions import SharedExtension

from services.common import logs, metrics
from services.common.messaging.connecting import (
    BROKEN_GREEN,
    TRANSPORT,
    FlowControl,
    connect_once,
    connection_to,
    heartbeat_within,
    seconds_to_connect,
    seconds_to_read,
    user_of,
)
from services.common.messaging.decoding import leave_bodies_alone
from services.common.messaging.write_buffer_eventlet import GreenWrites

_log = logs.get(__name__)

CONNECT_SECONDS = 5.0
SEND_SECONDS = 2.0
CONFIRM_SECONDS = 5.0
HEARTBEAT_SECONDS = 10
_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 3.0
_READ_SECONDS = 1.0

#: Of messages above this one is under way at a time: what waits for the socket has a bound.
LARGE_BYTES = 1024 * 1024

TRANSIENT = 1
PERSISTENT = 2


class NotSent(Exception):
    """The message was not taken by the broker, or nobody knows whether it was."""


class _Link:
    """One life of the connection: two channels, and the confirms that are still awaited."""

    def __init__(
        self, connection: Connection, broken: Callable[[_Link, BaseException], None]
    ) -> None:
        self.connection = connection
        self.plain = connection.channel()
        self.confirmed = connection.channel()
        self.confirmed.confirm_select()
        # Of what the broker returns.
        leave_bodies_alone(self.confirmed)
        self.confirmed.events["basic_ack"].add(self._on_ack)
        self.confirmed.events["basic_nack"].add(self._on_nack)
        self.confirmed.events["basic_return"].add(self._on_return)
        self.published = 0
        self.awaited: dict[int, Event] = {}
        self.returned: set[str] = set()
        self.tokens: dict[int, str] = {}
        self.writes = GreenWrites(connection, lambda why: broken(self, why))
        self.flow_control = FlowControl(connection, "sender")

    def _settle(self, tag: int, multiple: bool, problem: str | None) -> None:
        tags = [t for t in self.awaited if t <= tag] if multiple else [tag]
        for each in tags:
            event = self.awaited.pop(each, None)
            token = self.tokens.pop(each, "")
            if event is None:
                continue
            # The broker sends the return of an unroutable message before its confirm.
            unroutable = token in self.returned
            self.returned.discard(token)
            event.send(problem or ("no queue takes it" if unroutable else None))

    def _on_ack(self, tag: int, multiple: bool) -> None:
        self._settle(tag, multiple, None)

    def _on_nack(self, tag: int, multiple: bool) -> None:
        self._settle(tag, multiple, "refused by the broker")

    def _on_return(self, _error: Exception, _exchange: str, _key: str, message: Any) -> None:
        self.returned.add(str(message.properties.get("message_id", "")))

    def fail_all(self) -> None:
        awaited, self.awaited = self.awaited, {}
        for event in awaited.values():
            event.send("the connection broke before the confirm")


class Sender(SharedExtension):  # type: ignore[misc]
    """Publishes for the entrypoints of one container.

    Attributes:
        user: as whom, at the broker.
    """

    def __init__(self) -> None:
        self._link: _Link | None = None
        self._linked = Event()
        self._greenlet: Any = None
        self._stopping = False
        self._token = 0
        self.user = ""
        self._one_large = Semaphore()
        self.last_iteration = time.monotonic()

    @property
    def connected(self) -> bool:
        return self._link is not None

    def setup(self) -> None:
        self.user = user_of(self._new_connection())
        self._greenlet = self.container.spawn_managed_thread(self._run, identifier="sender")

    def stop(self) -> None:
        """End, after the last answers have left."""
        self._stopping = True
        if self._link is not None:
            with suppress(eventlet.Timeout, *BROKEN_GREEN):
                self._link.writes.flush()
        self.kill()

    def kill(self) -> None:
        self._stopping = True
        self._throw_away(self._link)
        if self._greenlet is not None:
            self._greenlet.kill()

    def send(
        self,
        body: bytes,
        *,
        exchange: str,
        routing_key: str,
        properties: Mapping[str, Any],
        headers: Mapping[str, Any] | None = None,
    ) -> None:
        """Hand a message to the connection: transient, unconfirmed, gone if that breaks.

        Raises:
            NotSent: if there is no connection for ``SEND_SECONDS``.
        """
        link = self._await_link()
        message = _message(link.plain, body, headers or {}, properties, TRANSIENT)
        self._write(link, link.plain, message, exchange, routing_key, mandatory=False)

    def send_confirmed(
        self,
        body: bytes,
        *,
        exchange: str,
        routing_key: str,
        properties: Mapping[str, Any],
        headers: Mapping[str, Any],
    ) -> None:
        """Publish a message and return when the broker has it on a queue, on disk.

        Raises:
            NotSent: if it was refused, fits no queue, the broker is short of memory or disk, or it
                was not confirmed within ``CONFIRM_SECONDS``; in the last case it may have arrived
                all the same.
        """
        with self._one_large if len(body) > LARGE_BYTES else nullcontext():
            self._send_confirmed(body, exchange, routing_key, properties, headers)

    def _send_confirmed(
        self,
        body: bytes,
        exchange: str,
        routing_key: str,
        properties: Mapping[str, Any],
        headers: Mapping[str, Any],
    ) -> None:
        link = self._await_link()
        if link.flow_control.closed:
            raise NotSent("the broker is short of memory or disk")
        self._token += 1
        token = str(properties.get("message_id") or f"{id(self):x}-{self._token}")
        named = {**properties, "message_id": token, "user_id": self.user}
        message = _message(link.confirmed, body, headers, named, PERSISTENT)
        event = Event()
        # The broker numbers messages in the order of the wire. Writing waits for nothing, so nobody
        # comes between the count and the message.
        link.published += 1
        tag = link.published
        link.awaited[tag] = event
        link.tokens[tag] = token
        self._write(link, link.confirmed, message, exchange, routing_key, mandatory=True)
        timeout = eventlet.Timeout(CONFIRM_SECONDS)
        try:
            problem = event.wait()
        except eventlet.Timeout as exc:
            if exc is not timeout:
                raise
            # A broker that is short does not notice that a connection was closed, and keeps it.
            if not link.flow_control.closed:
                self._throw_away(link)
            raise NotSent(f"not confirmed within {CONFIRM_SECONDS:g} s") from exc
        finally:
            timeout.cancel()
        if problem:
            raise NotSent(problem)

    def _await_link(self) -> _Link:
        """The connection; waits a moment for it, because after a start or an outage the consuming
        connection may stand, and deliver, before this one does."""
        timeout = eventlet.Timeout(SEND_SECONDS)
        try:
            while self._link is None:
                if self._stopping:
                    raise NotSent("the process stops")
                self._linked.wait()
            return self._link
        except eventlet.Timeout as exc:
            if exc is not timeout:
                raise
            raise NotSent("the broker is away") from exc
        finally:
            timeout.cancel()

    def _write(
        self,
        link: _Link,
        channel: Any,
        message: Any,
        exchange: str,
        routing_key: str,
        *,
        mandatory: bool,
    ) -> None:
        try:
            # Not ``basic_publish``: that reads from the socket first, which only the reader may.
            channel.send_method(
                spec.Basic.Publish,
                "Bssbb",
                (0, exchange, routing_key, mandatory, False),
                message,
            )
        except BaseException as exc:
            # After any error, part of a message may be written: nothing may follow it.
            self._throw_away(link)
            if isinstance(exc, BROKEN_GREEN):
                raise NotSent(f"{type(exc).__name__}: {exc}") from exc
            raise

    def _on_broken(self, link: _Link, why: BaseException) -> None:
        if self._link is link and not self._stopping:
            _log.warning("broker.lost", connection="sender", error=repr(why))
        self._throw_away(link)

    def _throw_away(self, link: _Link | None) -> None:
        if link is None:
            return
        if self._link is link:
            self._link = None
            self._linked = Event()
            metrics.BROKER_CONNECTED.labels("sender").set(0)
        link.writes.close()
        # First, because the waiting senders must get the error even if closing the socket fails.
        link.fail_all()
        # Closes the socket without a word to the other side, which may be frozen. With TLS that
        # reads, which its reader does already: the socket is closed with the connection then.
        with suppress(*BROKEN_GREEN):
            link.connection.collect()

    def _run(self) -> None:
        pause = _FIRST_PAUSE_SECONDS
        while not self._stopping:
            self.last_iteration = time.monotonic()
            connection = self._new_connection()
            try:
                with eventlet.Timeout(seconds_to_connect(connection, CONNECT_SECONDS)):
                    connect_once(connection)
                    link = _Link(connection, self._on_broken)
            except (eventlet.Timeout, *BROKEN_GREEN) as exc:
                connection.collect()
                _log.warning("broker.away", connection="sender", error=str(exc), retry_in=pause)
                eventlet.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
                continue
            pause = _FIRST_PAUSE_SECONDS
            self._link = link
            self._linked.send(None)
            metrics.BROKER_CONNECTED.labels("sender").set(1)
            try:
                self._read(link)
            except BROKEN_GREEN as exc:
                if self._link is link and not self._stopping:
                    _log.warning("broker.lost", connection="sender", error=str(exc))
            finally:
                if not self._stopping:
                    metrics.BROKER_CONNECTIONS_LOST.labels("sender").inc()
                self._throw_away(link)
            eventlet.sleep(pause)

    def _new_connection(self) -> Connection:
        setting = self.container.config.get("HEARTBEAT", HEARTBEAT_SECONDS)
        return connection_to(
            self.container.config["AMQP_URI"],
            heartbeat=heartbeat_within(HEARTBEAT_SECONDS, setting),
            connect_timeout=CONNECT_SECONDS,
            transport_options=dict(TRANSPORT),
        )

    def _read(self, link: _Link) -> None:
        """Read confirms and all other frames of the broker, until the connection breaks."""
        seconds = seconds_to_read(_READ_SECONDS, link.connection)
        while self._link is link:
            self.last_iteration = time.monotonic()
            try:
                link.connection.drain_events(timeout=seconds)
            except TimeoutError:
                # Of one that was thrown away meanwhile kombu would make a new one.
                if self._link is link:
                    link.connection.heartbeat_check()


def _message(
    channel: Any,
    body: bytes,
    headers: Mapping[str, Any],
    properties: Mapping[str, Any],
    delivery_mode: int,
) -> Any:
    rest = {**properties, "delivery_mode": delivery_mode}
    return channel.prepare_message(
        body,
        content_type=rest.pop("content_type", None),
        content_encoding=rest.pop("content_encoding", None),
        headers=dict(headers),
        properties=rest,
    )
