"""The consuming connection of a nameko container: drains before it closes, and survives.

nameko's own consumer closes its connection as soon as its consumers are cancelled, while workers
still run; their acknowledgements fail and the broker gives the same work to a peer. This one counts
what was delivered and not yet settled, and closes when that is nothing. It also reconnects for as
long as it takes, never waits for a polite close from a broker that may be frozen, and treats every
failure to acknowledge as what it is: the broker has taken the message back.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cached_property, partial
from typing import Any

import eventlet
from eventlet.event import Event
from eventlet.support.greenlets import GreenletExit
from kombu import Connection, Consumer
from kombu.exceptions import MessageStateError
from kombu.message import Message
from nameko.messaging import QueueConsumer

from services.common import logs, metrics
from services.common.clock import SystemClock, to_wire
from services.common.ids import new_id
from services.common.messaging import topology as names
from services.common.messaging.connecting import (
    BROKEN_GREEN,
    TRANSPORT,
    connect_once,
    connection_to,
    seconds_to_connect,
)
from services.common.messaging.decoding import decode, leave_bodies_alone, raw_body
from services.common.messaging.headers import (
    class_name,
    clean_headers,
    kept_properties,
    original_routing_key,
    printable,
    publisher_of,
)
from services.common.messaging.sender import NotSent, Sender
from services.common.messaging.write_buffer_eventlet import GreenWrites

_log = logs.get(__name__)

CONNECT_SECONDS = 5.0
DEFAULT_HEARTBEAT = 20
#: How long one wait for a message lasts; a stop request or a heartbeat is seen at its end.
ITERATION_SECONDS = 0.2
_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 3.0
_CANCEL_SECONDS = 3.0
#: A message that could not be published again is tried again after this.
RETURN_SECONDS = 1.0

_BROKEN = (MessageStateError, *BROKEN_GREEN)


class DrainingQueueConsumer(QueueConsumer):  # type: ignore[misc]
    """Consumes for every provider (entrypoint) of a container on one connection.

    Attributes:
        last_iteration: ``time.monotonic()`` of the last sign of life, while consuming as well as
            between attempts to connect. When it stands still the loop hangs.
        connected: whether the consumers are in place.
    """

    sender = Sender()

    def __init__(self) -> None:
        super().__init__()
        self.last_iteration = time.monotonic()
        self.connected = False
        self._pending_remove_providers: dict[Any, Event] = {}
        self._unsettled: dict[int, Any] = {}
        self._held: defaultdict[Any, int] = defaultdict(int)
        self._settled: dict[Any, Event] = {}
        self._leaving: set[Any] = set()

    # -- settling -------------------------------------------------------------------------------

    def ack_message(self, message: Message) -> None:
        """Acknowledge. A failure is logged only: the broker will deliver the message again."""
        self._settle(message, message.ack)

    def requeue_message(self, message: Message) -> None:
        """Give the message back to its queue."""
        self._settle(message, message.requeue)

    def _settle(self, message: Message, how: Callable[[], None]) -> None:
        provider = self._unsettled.pop(id(message), None)
        try:
            if message.channel is not None and message.channel.connection:
                how()
        except _BROKEN as exc:
            _log.warning("settle.failed", error=repr(exc), tag=message.delivery_tag)
        finally:
            if provider is not None:
                self._held[provider] -= 1
                if self._held[provider] == 0 and provider in self._settled:
                    self._settled.pop(provider).send(None)

    def can_settle(self, message: Message) -> bool:
        """Whether the message is ours to settle; the broker has it back once a connection broke."""
        return id(message) in self._unsettled

    @property
    def unsettled(self) -> int:
        """Messages that were delivered and neither acknowledged nor returned."""
        return len(self._unsettled)

    # -- deliveries -----------------------------------------------------------------------------

    def _deliver(self, provider: Any, message: Message) -> None:
        self._unsettled[id(message)] = provider
        self._held[provider] += 1
        if provider in self._leaving:
            self.requeue_message(message)
            return
        try:
            body = decode(message)
        except Exception as exc:  # noqa: BLE001 - a message must never end the loop for all others
            self._refuse(provider, message, exc)
            return
        # Starts no greenlet of its own while there is a free worker.
        if self.container.free_workers > 0:
            self.handle_message(provider, body, message)
        else:
            self.container.spawn_managed_thread(
                partial(self.handle_message, provider, body, message), identifier="hand over"
            )

    def handle_message(self, provider: Any, body: Any, message: Message) -> None:
        """Pass a decoded message on; park it where that fails.

        A defect between the broker and the worker must neither end the loop for everyone else, nor
        lose the message, nor meet it again and again.
        """
        try:
            provider.handle_message(body, message)
        except Exception as exc:  # noqa: BLE001 - see above
            _log.exception("delivery.failed", provider=repr(provider))
            self._refuse(provider, message, exc)

    def _refuse(self, provider: Any, message: Message, exc: BaseException) -> None:
        """Parking waits for the broker; the consuming loop must not."""
        refuse = getattr(provider, "refuse", None)
        self.container.spawn_managed_thread(
            partial(refuse, message, exc)
            if refuse
            else partial(self.park, message, provider.queue.name, "undecodable", exc),
            identifier="park",
        )

    def park(
        self,
        message: Message,
        home: str,
        reason: str,
        exc: BaseException,
        *,
        attempts: int | None = None,
        parked_id: str | None = None,
        discreet: bool = False,
        bodiless: bool = False,
    ) -> bool:
        """Move a message to its queue's parking queue: publish, confirm, acknowledge.

        Its body is as it came; of one that was too large to be read, size and hash are in headers.

        See :meth:`move` for what happens where that fails; it is never dropped.

        Args:
            discreet: of the exception, note the class only.
            bodiless: leave the body out; its size is in a header.

        Returns:
            whether it was parked.
        """
        headers = {
            **clean_headers(message),
            names.ROUTING_KEY: original_routing_key(message),
            names.REASON: reason,
            names.EXCEPTION: class_name(exc),
            names.MESSAGE: "" if discreet else printable(exc),
            names.TIME: to_wire(SystemClock().now()),
            names.PARKED_ID: parked_id or message.properties.get("message_id") or new_id(),
        }
        if publisher := publisher_of(message, self.sender.user):
            headers[names.PUBLISHER] = publisher
        if attempts is not None:
            headers[names.ATTEMPT] = attempts
        if bodiless:
            headers[names.BODY_SIZE] = len(message.body)
        publish = partial(
            self.sender.send_confirmed,
            b"" if bodiless else raw_body(message),
            exchange="",
            routing_key=names.parked_name(home),
            properties=kept_properties(message),
            headers=headers,
        )
        if not self.move(message, "park.failed", publish):
            return False
        metrics.PARKED.labels(home, reason).inc()
        _log.error(
            "message.parked",
            queue=home,
            reason=reason,
            parked_id=headers[names.PARKED_ID],
            exception=headers[names.EXCEPTION],
            detail=headers[names.MESSAGE],
        )
        return True

    def move(self, message: Message, what: str, publish: Callable[[], None]) -> bool:
        """Publish what becomes of a message, however long the broker takes nothing, and acknowledge
        it.

        It is kept meanwhile, and not given back: the broker counts how often it was, and a message
        that waits out a shortage of memory or disk would end with those that kill their service.

        Args:
            what: for the log.
            publish: raises ``NotSent`` if the broker has not taken it.

        Returns:
            False if it is not ours any more: its connection broke, or the service stops.
        """
        while True:
            try:
                publish()
            except NotSent as failure:
                _log.error(what, error=str(failure))
            else:
                self.ack_message(message)
                return True
            eventlet.sleep(RETURN_SECONDS)
            if not self.can_settle(message):
                return False
            if self.should_stop or self._unsettled[id(message)] in self._leaving:
                self.requeue_message(message)
                return False

    # -- providers ------------------------------------------------------------------------------

    def unregister_provider(self, provider: Any) -> None:
        """Cancel the provider's consumer, then wait until everything it was given is settled."""
        self._leaving.add(provider)
        if self._consumers_ready.ready():
            removed = Event()
            self._pending_remove_providers[provider] = removed
            removed.wait()
            while self._held[provider]:
                self._settled.setdefault(provider, Event()).wait()
        self._providers.discard(provider)
        if not self._providers and not self._last_provider_unregistered.ready():
            self._last_provider_unregistered.send()

    def stop(self) -> None:
        """Stop gracefully; also while the broker has never been there."""
        self.wait_for_providers()
        self.should_stop = True
        with suppress(GreenletExit):
            self._gt.wait()

    def kill(self) -> None:
        """End at once: what is unsettled goes back to the broker with the connection."""
        self.should_stop = True
        if self._gt is not None and not self._gt.dead:
            self._gt.kill()

    def _handle_thread_exited(self, gt: Any) -> None:
        """Release the greenlets that still wait for the first connection in :meth:`start`."""
        if not self._consumers_ready.ready():
            self._consumers_ready.send(None)

    # -- the loop -------------------------------------------------------------------------------

    def run(self) -> None:
        """Consume until the container stops; connect anew, with backoff, when the connection
        breaks.
        """
        pause = _FIRST_PAUSE_SECONDS
        while not self.should_stop:
            self._beat()
            connection = self._new_connection()
            try:
                with self._consuming(connection) as writes:
                    pause = _FIRST_PAUSE_SECONDS
                    self._loop(connection, writes)
            except (eventlet.Timeout, *_BROKEN) as exc:
                _log.warning("broker.away", connection="consumer", error=str(exc), retry_in=pause)
                self._forget_deliveries()
                self._answer_removals()
                if self._nothing_left():
                    return
                eventlet.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)

    def _loop(self, connection: Connection, writes: GreenWrites) -> None:
        while not self.should_stop:
            self._beat()
            if writes.closed:
                raise ConnectionError("the socket takes no more")
            self._cancel_consumers_if_requested()
            if self._nothing_left():
                self.should_stop = True
                return
            try:
                connection.drain_events(timeout=ITERATION_SECONDS)
            except TimeoutError:
                connection.heartbeat_check()

    def _beat(self) -> None:
        self.last_iteration = time.monotonic()

    def _nothing_left(self) -> bool:
        """Every provider has left, and all they were given is settled."""
        return self._providers_registered and not (
            self._providers - self._leaving or self._consumers or self._unsettled
        )

    @cached_property
    def connection(self) -> Connection:
        """For kombu's mixin, all of whose properties nameko reads. It is never made."""
        return self._new_connection()

    def _new_connection(self) -> Connection:
        return connection_to(
            self.amqp_uri,
            heartbeat=self.container.config.get("HEARTBEAT", DEFAULT_HEARTBEAT),
            connect_timeout=CONNECT_SECONDS,
            transport_options=dict(TRANSPORT),
        )

    @contextmanager
    def _consuming(self, connection: Connection) -> Iterator[GreenWrites]:
        consumers: list[Any] = []
        writes: GreenWrites | None = None
        try:
            with eventlet.Timeout(seconds_to_connect(connection, CONNECT_SECONDS)):
                connect_once(connection)
                writes = GreenWrites(connection, _not_settled)
                channel = connection.default_channel
                leave_bodies_alone(channel)
                consumers = list(self.get_consumers(Consumer, channel))
                for provider, consumer in self._consumers.items():
                    # On one channel a prefetch count holds for the consumers that follow it.
                    consumer.qos(
                        prefetch_count=getattr(provider, "prefetch", None) or self.prefetch_count
                    )
                    consumer.consume()
            self.connected = True
            metrics.BROKER_CONNECTED.labels("consumer").set(1)
            _log.info("broker.connected", consumers=len(consumers))
            self.on_consume_ready(connection, channel, consumers)
            yield writes
            with eventlet.Timeout(_CANCEL_SECONDS, False):
                connection.release()
        finally:
            if self.connected:
                self.connected = False
                metrics.BROKER_CONNECTED.labels("consumer").set(0)
                if not self.should_stop:
                    metrics.BROKER_CONNECTIONS_LOST.labels("consumer").inc()
            self._consumers.clear()
            if writes is not None:
                writes.close()
            # Closes the socket without a word to the other side, which may be frozen.
            connection.collect()

    def get_consumers(self, consumer_cls: Any, channel: Any) -> Any:
        """Declare what each provider needs, and consume its queue without kombu's decoding."""
        for provider in self._providers - self._leaving:
            for entity in getattr(provider, "declares", ()):
                entity(channel).declare()
            self._consumers[provider] = consumer_cls(
                channel, queues=[provider.queue], on_message=partial(self._deliver, provider)
            )
        return self._consumers.values()

    def _cancel_consumers_if_requested(self) -> None:
        """Cancel the consumers of providers that leave.

        A request stays until its consumer is cancelled, or until the connection breaks under it,
        when :meth:`_answer_removals` answers them all: a frozen broker holds up no stop.
        """
        for provider in list(self._pending_remove_providers):
            consumer = self._consumers.pop(provider, None)
            if consumer is not None:
                with eventlet.Timeout(_CANCEL_SECONDS):
                    consumer.cancel()
            self._pending_remove_providers.pop(provider).send()

    def _answer_removals(self) -> None:
        """Without a connection a consumer is cancelled already."""
        pending, self._pending_remove_providers = self._pending_remove_providers, {}
        for removed in pending.values():
            removed.send()

    def _forget_deliveries(self) -> None:
        """The broker has taken back everything that was delivered on a broken connection.

        Workers that still run finish; their acknowledgements go nowhere.
        """
        self._unsettled.clear()
        self._held.clear()
        settled, self._settled = self._settled, {}
        for event in settled.values():
            event.send(None)


def _not_settled(why: BaseException) -> None:
    """Say why acknowledgements do not leave.

    The loop throws the connection away, at its next turn, and nobody else: where a connection is
    closed under its reader, kombu gives that reader a new one without consumers.
    """
    _log.warning("settle.failed", error=repr(why))
