"""Confirmed publishing for plain threads: many messages, one wait, and never without a bound.

Used by the outbox relay. A broker that is frozen (not dead: its socket still takes bytes, then
does not) holds up a publisher in three places: connecting, writing and waiting for confirms. Each
has its own timeout, and on any doubt the connection is thrown away without a goodbye, because a
polite close would wait for the frozen side too. The next call connects anew.

A broker that is short of memory or disk is another matter: it reads nothing, so it would keep each
connection that was thrown away, and publish all that was written to it when the shortage ends. Then
the connection is kept, nothing more is written, and who asks again waits for the first confirm.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from amqp import spec
from kombu import Connection, Exchange

from services.common import logs, metrics
from services.common.messaging.connecting import (
    BROKEN,
    TRANSPORT,
    FlowControl,
    connect_once,
    connection_to,
    user_of,
)
from services.common.messaging.write_buffer import GatheredWrites

_log = logs.get(__name__)

_PERSISTENT = 2
# So much fits into the buffers of a connection that is not read: writing it does not block.
_CHUNK = 100
_NAME = "publisher"


@dataclass(frozen=True, slots=True)
class Message:
    """One message to publish.

    Attributes:
        key: how the caller knows it again in the result; unique within one call.
        body: the bytes, as they go.
        routing_key: an event's type.
        exchange: the name of an exchange; empty for the default one.
        mandatory: count a message that fits no queue as failed. Not for events: nobody may listen
            yet, and the alternate exchange keeps and counts them.
    """

    key: str
    body: bytes
    routing_key: str
    exchange: str = "masaha.events"
    content_type: str = "application/cloudevents+json"
    content_encoding: str = "utf-8"
    headers: Mapping[str, Any] = field(default_factory=dict)
    properties: Mapping[str, Any] = field(default_factory=dict)
    mandatory: bool = False


class _Short(Exception):
    """The broker is short of memory or disk, and takes nothing for now."""


class Publisher(Protocol):
    """Sends messages and says which ones the broker did not confirm."""

    def publish_many(self, messages: Iterable[Message]) -> frozenset[str]:
        """Publish in order; returns the keys that were *not* confirmed (to be sent again)."""
        ...

    def close(self) -> None:
        """Close the connection."""
        ...

    @property
    def accepts_messages(self) -> bool:
        """Whether the broker is there, and short of nothing, as far as is known."""
        ...


class ConfirmingPublisher:
    """Publishes over one connection of its own; safe to share between threads (one at a time).

    Args:
        uri: of the broker.
        confirm_timeout: seconds that all confirms of one call may take together.
        socket_timeout: seconds that one write or one read may block.
        connect_timeout: seconds for connecting to one address, handshake included.
        declare: exchanges to declare on every new connection.
    """

    def __init__(
        self,
        uri: str,
        *,
        confirm_timeout: float = 5.0,
        socket_timeout: float = 3.0,
        connect_timeout: float = 3.0,
        declare: Sequence[Exchange] = (),
    ) -> None:
        self._uri = uri
        self._confirm_timeout = confirm_timeout
        self._socket_timeout = socket_timeout
        self._connect_timeout = connect_timeout
        self._declare = tuple(declare)
        self._connection: Connection | None = None
        self._channel: Any = None
        self._user = ""
        self._writes: GatheredWrites
        self._flow_control: FlowControl
        self._published = 0
        self._awaited: dict[int, Message] = {}
        # Keys of what was given up in a shortage and confirmed after it.
        self._late: set[str] = set()
        self._given_up = 0
        self._failed: set[str] = set()
        self._lock = threading.Lock()

    def publish_many(self, messages: Iterable[Message]) -> frozenset[str]:
        """Publish all, wait for all confirms, and say which may not have arrived.

        Takes at most about ``connect_timeout * 2 + socket_timeout + confirm_timeout`` seconds, also
        when the broker does nothing. A key in the result was refused or not confirmed in time; in
        the second case the message may have arrived all the same, so publish it again and let the
        consumers' inboxes drop the double.

        Returns:
            the keys that failed; empty when the broker has everything, on disk.
        """
        with self._lock:
            batch = list(messages)
            self._failed = set()
            done = 0
            try:
                self._ensure_connected()
                deadline = time.monotonic() + self._confirm_timeout
                for start in range(0, len(batch), _CHUNK):
                    self._await_intake(deadline)
                    awaited = {message.key for message in self._awaited.values()}
                    for message in batch[start : start + _CHUNK]:
                        if message.key in self._late:
                            self._late.discard(message.key)
                        elif message.key not in awaited:
                            self._write(message)
                        done += 1
                    self._writes.flush()
                    self._drain(deadline)
            except _Short:
                _log.warning("publish.short", unconfirmed=len(self._awaited))
                self._given_up = self._published
                self._failed.update(message.key for message in self._awaited.values())
                self._failed.update(message.key for message in batch[done:])
            except BROKEN as exc:
                metrics.BROKER_CONNECTIONS_LOST.labels(_NAME).inc()
                _log.warning(
                    "publish.failed",
                    error=f"{type(exc).__name__}: {exc}",
                    unconfirmed=len(self._awaited),
                    unsent=len(batch) - done,
                )
                self._failed.update(message.key for message in self._awaited.values())
                self._failed.update(message.key for message in batch[done:])
                self._throw_away()
            self._late.difference_update(message.key for message in batch[:done])
            return frozenset(self._failed)

    def publish(self, message: Message) -> bool:
        """Publish one; True when the broker has it."""
        return not self.publish_many([message])

    def ensure_connected(self) -> bool:
        """Connect, if there is no connection; False when the broker cannot be reached."""
        with self._lock:
            try:
                self._ensure_connected()
            except BROKEN as exc:
                _log.warning("broker.away", connection=_NAME, error=str(exc))
                self._throw_away()
                return False
            return True

    @property
    def connected(self) -> bool:
        return self._connection is not None

    @property
    def accepts_messages(self) -> bool:
        """Whether the broker is there, and short of nothing, as far as is known."""
        return self._connection is not None and not self._flow_control.closed

    def close(self) -> None:
        """Close the connection. Everything that was reported as published is confirmed."""
        with self._lock:
            self._throw_away()

    def __enter__(self) -> ConfirmingPublisher:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    # -- inside ---------------------------------------------------------------------------------

    def _ensure_connected(self) -> None:
        if self._connection is not None and self._is_usable():
            return
        self._throw_away()
        connection = connection_to(
            self._uri,
            connect_timeout=self._connect_timeout,
            # No heartbeat: the publisher reads only while it waits for confirms. A dead peer is
            # noticed by the timeouts, at the next call.
            heartbeat=0,
            transport_options={
                **TRANSPORT,
                "read_timeout": self._socket_timeout,
                "write_timeout": self._socket_timeout,
            },
        )
        self._connection = connection
        connect_once(connection)
        # The broker takes no message in which another user is named.
        self._user = user_of(connection)
        channel = connection.channel()
        channel.confirm_select()
        channel.events["basic_ack"].add(self._on_ack)
        channel.events["basic_nack"].add(self._on_nack)
        channel.events["basic_return"].add(self._on_return)
        for exchange in self._declare:
            exchange(channel).declare()
        self._channel = channel
        self._writes = GatheredWrites(connection)
        self._flow_control = FlowControl(connection, _NAME)
        self._published = 0
        self._awaited, self._late, self._given_up = {}, set(), 0
        metrics.BROKER_CONNECTED.labels(_NAME).set(1)

    def _is_usable(self) -> bool:
        """Read what the broker has said since the last call, such as that it closes."""
        assert self._connection is not None
        try:
            while True:
                self._connection.drain_events(timeout=0.0001)
        except TimeoutError:
            return True
        except BROKEN:
            return False

    def _write(self, message: Message) -> None:
        wire = self._channel.prepare_message(
            message.body,
            content_type=message.content_type,
            content_encoding=message.content_encoding,
            headers=dict(message.headers),
            properties={
                **message.properties,
                "delivery_mode": _PERSISTENT,
                "message_id": message.key,
                "user_id": self._user,
            },
        )
        self._published += 1
        self._awaited[self._published] = message
        self._channel.send_method(
            spec.Basic.Publish,
            "Bssbb",
            (0, message.exchange, message.routing_key, message.mandatory, False),
            wire,
        )

    def _drain(self, deadline: float) -> None:
        assert self._connection is not None
        while self._awaited:
            self._read(deadline)

    def _await_intake(self, deadline: float) -> None:
        while self._flow_control.closed:
            self._read(deadline)

    def _read(self, deadline: float) -> None:
        """Take what the broker says next.

        Raises:
            _Short: if the time is over, and the broker takes nothing.
            TimeoutError: if the time is over all the same.
        """
        assert self._connection is not None
        try:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"not confirmed within {self._confirm_timeout} s")
            self._connection.drain_events(timeout=left)
        except TimeoutError:
            if self._flow_control.closed:
                raise _Short from None
            raise

    def _settle(self, tag: int, multiple: bool, failed: bool) -> None:
        tags = [t for t in self._awaited if t <= tag] if multiple else [tag]
        for each in tags:
            message = self._awaited.pop(each, None)
            if message is None:
                continue
            if failed:
                self._failed.add(message.key)
            elif each <= self._given_up:
                self._late.add(message.key)

    def _on_ack(self, tag: int, multiple: bool) -> None:
        self._settle(tag, multiple, failed=False)

    def _on_nack(self, tag: int, multiple: bool) -> None:
        self._settle(tag, multiple, failed=True)

    def _on_return(self, error: Exception, _exchange: str, key: str, message: Any) -> None:
        self._failed.add(str(message.properties.get("message_id")))
        _log.error("publish.unroutable", routing_key=key, error=str(error))

    def _throw_away(self) -> None:
        connection, self._connection, self._channel = self._connection, None, None
        if connection is not None:
            connection.collect()
            metrics.BROKER_CONNECTED.labels(_NAME).set(0)
        self._awaited = {}
