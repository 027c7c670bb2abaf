"""The ``subscribe`` entrypoint: a consumer of events on its own quorum queue that loses nothing.

==================  ===============================================================================
ok                  the method returned: acknowledged
delayed             it raised: published to the next waiting room, confirmed, then acknowledged;
                    to the first one, and not counted, if what it needs is away
waiting             it raised or returned :class:`~services.common.errors.NotYet`: as delayed, but
                    no error, and apart from the events that need not wait
parked              it raised after the last delay, or raised
                    :class:`~services.common.errors.Permanent`, or the message is no CloudEvent or
                    cannot be read, or is not by the publisher that it names
returned            the next queue could not be reached: back to this queue, after a pause
==================  ===============================================================================

Everything may arrive twice: a crash between the effect and the acknowledgement delivers the event
again. The effect belongs in one transaction with an inbox entry
(:mod:`services.common.events.processed_events`).
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

import eventlet
import structlog
from eventlet.event import Event
from kombu.message import Message
from nameko.exceptions import ConfigurationError, ContainerBeingKilled
from nameko.extensions import Entrypoint

from services.common import logs, metrics, spans, tracing
from services.common.clock import SystemClock, to_wire
from services.common.context import SYSTEM, Call
from services.common.errors import NotYet, Permanent, Unavailable
from services.common.events.envelope import CloudEvent, NotACloudEvent
from services.common.messaging import topology as names
from services.common.messaging.consumer import DrainingQueueConsumer
from services.common.messaging.decoding import raw_body
from services.common.messaging.event_spans import begin_taking, record_taken
from services.common.messaging.headers import (
    attempts_of,
    class_name,
    clean_headers,
    kept_properties,
    original_routing_key,
    printable,
    publisher_of,
)
from services.common.messaging.providers import CALL_KEY, SPAN_KEY
from services.common.messaging.sender import Sender
from services.common.messaging.topology import TOPOLOGY, Topology, sealed_topology
from services.common.storage.mongo import away

_log = logs.get(__name__)

F = TypeVar("F", bound=Callable[..., Any])

_UNREADABLE = "unreadable"
#: Seconds that the database may take for one call of a handler.
HANDLER_SECONDS = 20.0


class Delivery:
    """One event as it was delivered.

    Attributes:
        began: when a batch of several traces began with it, if spans are recorded.
    """

    __slots__ = ("began", "event", "message")

    def __init__(self, event: CloudEvent, message: Message) -> None:
        self.event = event
        self.message = message
        self.began: float | None = None

    @property
    def failures(self) -> int:
        """How many attempts have failed so far."""
        return attempts_of(self.message)


class Subscribe(Entrypoint):  # type: ignore[misc]
    """``@subscribe(patterns=["bookings.#"], consumer="notifications")``.

    Args:
        patterns: topic patterns of event types, ``*`` for one word and ``#`` for any number.
        consumer: names the queue ``<consumer>.events.v<version>``. Instances of one service share
            it; two methods cannot.
        states: types of personal details that come over the same queue, each before the event that
            speaks of its subject (:mod:`services.common.events.outbox`).
        version: raise it when the queue's arguments change, or to remove a pattern.
        prefetch: deliveries held at a time; by default the container's ``max_workers``. With 1,
            one process handles events in the order of the queue.
        batch: if more than 1, the method is called with a list of up to so many events in the order
            of arrival, one call at a time. A batch that fails is done again one by one, so that
            only the poison is delayed; the method must therefore be atomic, or safe to repeat. It
            may return the events that it has not taken, by id with the reason: an exception that
            is treated as if it had been raised for this event alone. The others are done.
        linger_ms: how long a batch waits to fill.
        signed: park what the broker's user of its publisher has not published, see
            :func:`check_publisher`. For events that are requests: their publisher decides.
        sealed: read the sealed news in place of the events, over a queue and delays of their own;
            of what fails, nothing is noted but the class of the exception.
        topology: replaces the exchanges and delays, for tests.
    """

    queue_consumer = DrainingQueueConsumer()
    sender = Sender()

    def __init__(
        self,
        patterns: Sequence[str],
        consumer: str,
        *,
        states: Sequence[str] = (),
        version: int = 1,
        prefetch: int | None = None,
        batch: int = 1,
        linger_ms: float = 5,
        signed: bool = False,
        sealed: bool = False,
        topology: Topology = TOPOLOGY,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.patterns = tuple(patterns)
        self.consumer = f"{consumer}.sealed" if sealed else consumer
        if sealed:
            topology = sealed_topology(consumer)
        self.topology = topology
        self.sealed = sealed
        self.batch = batch
        self.signed = signed
        self.linger = linger_ms / 1000
        self.prefetch = prefetch or (3 * batch if batch > 1 else None)
        self.queue = topology.consumer_queue(
            names.event_queue_name(self.consumer, version), self.patterns, states
        )
        self.declares = (
            topology.dead_letter,
            topology.parked_queue(self.queue.name),
            *(delay.queue() for delay in topology.delays),
        )
        self._waiting: deque[Delivery] = deque()
        self._wanted = 1
        self._arrived = Event()
        self._stopping = False

    # -- life -----------------------------------------------------------------------------------

    def setup(self) -> None:
        for other in self.container.entrypoints:
            if (
                isinstance(other, Subscribe)
                and other.method_name != self.method_name
                and other.queue.name == self.queue.name
            ):
                raise ConfigurationError(
                    f"{self.method_name} and {other.method_name} both consume {self.queue.name}; "
                    "give each method a consumer name of its own"
                )
        self.queue_consumer.register_provider(self)
        self._seconds = metrics.EVENT_SECONDS.labels(self.consumer)
        self._lag = metrics.EVENT_LAG.labels(self.consumer)

    def start(self) -> None:
        if self.batch > 1:
            self.container.spawn_managed_thread(
                self._run_batches, identifier=f"batches of {self.consumer}"
            )

    def stop(self) -> None:
        self._stopping = True
        self._wake()
        self.queue_consumer.unregister_provider(self)

    # -- deliveries -----------------------------------------------------------------------------

    def handle_message(self, body: Any, message: Message) -> None:
        """Start a worker for a readable event, or add it to the batch; park any other message."""
        try:
            event = CloudEvent.from_wire(body)
        except NotACloudEvent as exc:
            self.container.spawn_managed_thread(
                partial(self.refuse, message, exc), identifier="park"
            )
            return
        if self.signed and not self._is_by_its_publisher(event, message):
            return
        delivery = Delivery(event, message)
        if self.batch > 1:
            self._waiting.append(delivery)
            self._wake()
            return
        finish = partial(self._finish_one, delivery, time.perf_counter())
        if not self._spawn([delivery], event, finish):
            self.queue_consumer.requeue_message(message)

    def _is_by_its_publisher(self, event: CloudEvent, message: Message) -> bool:
        """Whether an event may be believed; it is parked if not."""
        shared = self.container.config.get("EVENT_USERS") == "shared"
        user = None if shared else publisher_of(message, self.sender.user) or ""
        try:
            check_publisher(event, original_routing_key(message), user)
        except Permanent as exc:
            self._count(event.type, "parked")
            park = partial(self.queue_consumer.park, message, self.queue.name, "publisher", exc)
            self.container.spawn_managed_thread(park, identifier="park")
            return False
        return True

    def refuse(self, message: Message, exc: BaseException) -> None:
        """Park what is no event at all."""
        self._count(_UNREADABLE, "parked")
        self.queue_consumer.park(message, self.queue.name, "undecodable", exc, discreet=self.sealed)

    def _spawn(self, deliveries: list[Delivery], argument: Any, finish: Any) -> bool:
        first = deliveries[0].event
        data = {CALL_KEY: Call(caller=SYSTEM, traceparent=first.traceparent), "events": deliveries}
        try:
            self.container.spawn_worker(
                self, (argument,), {}, context_data=data, handle_result=finish
            )
        except ContainerBeingKilled:
            return False
        return True

    def begin(self, worker_ctx: Any) -> None:
        """In the worker's own greenlet, and so in its own context: bind what its log lines say."""
        deliveries: list[Delivery] = worker_ctx.data["events"]
        first = deliveries[0].event
        # What a batch says and records as a whole belongs to no one of its events.
        traces = {delivery.event.traceparent for delivery in deliveries}
        traceparent = first.traceparent if len(traces) == 1 else None
        if not self.sealed:
            recorded = begin_taking(first, self.queue.name, traceparent)
            if recorded is not None:
                worker_ctx.data[SPAN_KEY], traceparent = recorded, recorded.traceparent
            if spans.is_on():
                began = spans.now() if recorded is None else None
                for delivery in deliveries:
                    delivery.began = began
        tracing.current.set(traceparent)
        bind = structlog.contextvars.bind_contextvars
        bind(method=self.method_name, consumer=self.consumer)
        if len(deliveries) == 1:
            bind(event_id=first.id, event_type=first.type)
        else:
            bind(batch=len(deliveries))

    def allowed_seconds(self, _worker_ctx: Any) -> float:
        """How long the database may be asked; what fails then waits as in any outage."""
        return HANDLER_SECONDS

    # -- one by one -----------------------------------------------------------------------------

    def _finish_one(
        self, delivery: Delivery, started: float, _worker_ctx: Any, result: Any, exc_info: Any
    ) -> tuple[Any, Any]:
        self._seconds.observe(time.perf_counter() - started)
        if exc_info is None:
            self._done(delivery)
        else:
            self._failed(delivery, exc_info[1])
        return result, exc_info

    def _done(self, delivery: Delivery) -> None:
        self.queue_consumer.ack_message(delivery.message)
        self._count(delivery.event.type, "ok")
        record_taken(delivery.event, self.queue.name, delivery.began)
        lag = max(0.0, time.time() - delivery.event.time.timestamp())
        self._lag.observe(lag)
        self._say("event.done", delivery, lag=round(lag, 3))

    def _say(self, what: str, delivery: Delivery, **values: Any) -> None:
        """A line under the event's own trace, in any batch."""
        event = delivery.event
        with logs.bound(event.traceparent, consumer=self.consumer):
            _log.info(what, event_id=event.id, event_type=event.type, **values)

    def _failed(self, delivery: Delivery, exc: BaseException) -> None:
        event, message = delivery.event, delivery.message
        # An outage says nothing about the event: however long it lasts, none is parked for it, and
        # all are taken soon after it.
        outage = _is_outage(exc)
        attempts = delivery.failures + (0 if outage else 1)
        permanent = isinstance(exc, Permanent)
        cause = {"exception": class_name(exc)} if self.sealed else {"exc_info": exc}
        if permanent or attempts > len(self.topology.delays):
            _log.error("event.given_up", attempts=attempts, event_id=event.id, **cause)
            reason = "permanent" if permanent else "attempts exhausted"
            parked = self.queue_consumer.park(
                message,
                self.queue.name,
                reason,
                exc,
                attempts=attempts,
                parked_id=event.id,
                discreet=self.sealed,
            )
            self._count(event.type, "parked" if parked else "returned")
            return
        delay = self.topology.delays[0 if outage else attempts - 1]
        by = publisher_of(message, self.sender.user)
        said = {"attempts": attempts, "event_id": event.id, "seconds": delay.seconds}
        if isinstance(exc, NotYet):
            _log.info("event.waits", **said, reason=self._describe(exc))
        else:
            _log.warning("event.delayed", **said, **cause)
        headers = {
            **clean_headers(message),
            names.ATTEMPT: attempts,
            names.ROUTING_KEY: original_routing_key(message),
            **({names.PUBLISHER: by} if by else {}),
            names.EXCEPTION: class_name(exc),
            names.MESSAGE: self._describe(exc),
            names.TIME: to_wire(SystemClock().now()),
        }
        publish = partial(
            self.sender.send_confirmed,
            raw_body(message),
            exchange=delay.name,
            routing_key=self.queue.name,
            properties={**kept_properties(message), "message_id": event.id},
            headers=headers,
        )
        delayed = self.queue_consumer.move(message, "event.not_delayed", publish)
        self._count(event.type, "delayed" if delayed else "returned")

    def _describe(self, exc: BaseException) -> str:
        return "" if self.sealed else printable(exc)

    def _count(self, event_type: str, outcome: str) -> None:
        metrics.EVENTS_CONSUMED.labels(self.consumer, event_type, outcome).inc()

    # -- in batches -----------------------------------------------------------------------------

    def _wake(self) -> None:
        enough = len(self._waiting) >= self._wanted or self._stopping
        if enough and not self._arrived.ready():
            self._arrived.send(None)

    def _await(self, wanted: int, seconds: float | None = None) -> None:
        """Wait until so many deliveries are there, the time is over, or the service stops."""
        self._wanted = wanted
        if len(self._waiting) < wanted and not self._stopping:
            self._arrived = Event()
            with eventlet.Timeout(seconds, False):
                self._arrived.wait()

    def _run_batches(self) -> None:
        """One batch after the other, so that the order of arrival holds."""
        while True:
            self._await(1)
            self._await(self.batch, self.linger)
            if self._stopping:
                self._give_back()
                return
            size = min(self.batch, len(self._waiting))
            taken = [self._waiting.popleft() for _ in range(size)]
            # What came over a connection that has broken since is with the broker again.
            deliveries = [d for d in taken if d.message.channel and d.message.channel.connection]
            if deliveries:
                self._handle(deliveries)

    def _give_back(self) -> None:
        while self._waiting:
            self.queue_consumer.requeue_message(self._waiting.popleft().message)

    def _handle(self, deliveries: list[Delivery]) -> None:
        not_taken, exc = self._call(deliveries)
        if exc is None:
            left = [delivery for delivery in deliveries if delivery.event.id in not_taken]
            for delivery in deliveries:
                if delivery.event.id not in not_taken:
                    self._done(delivery)
            if left:
                # The next batch does not wait until the broker has confirmed these.
                self.container.spawn_managed_thread(
                    partial(self._set_aside, left, not_taken), identifier="set aside"
                )
            return
        if len(deliveries) == 1 or _is_outage(exc):
            for delivery in deliveries:
                self._failed(delivery, exc)
            return
        said = class_name(exc) if self.sealed else repr(exc)
        _log.info("batch.split", size=len(deliveries), error=said)
        for delivery in deliveries:
            self._handle([delivery])

    def _set_aside(self, deliveries: list[Delivery], reasons: Mapping[str, Exception]) -> None:
        for delivery in deliveries:
            self._failed(delivery, reasons[delivery.event.id])

    def _call(
        self, deliveries: list[Delivery]
    ) -> tuple[Mapping[str, Exception], BaseException | None]:
        """Call the method in a worker and wait; returns what it has not taken, or raised."""
        finished = Event()

        def finish(_worker_ctx: Any, result: Any, exc_info: Any) -> tuple[Any, Any]:
            finished.send((result or {}, None if exc_info is None else exc_info[1]))
            return result, exc_info

        started = time.perf_counter()
        if not self._spawn(deliveries, [d.event for d in deliveries], finish):
            # The container is being killed: everything goes back with the connection.
            raise ContainerBeingKilled
        outcome: tuple[Mapping[str, Exception], BaseException | None] = finished.wait()
        self._seconds.observe(time.perf_counter() - started)
        return outcome


def check_publisher(event: CloudEvent, routing_key: str, user: str | None) -> None:
    """Whether routing key, type and source of an event, and the broker's user that published it,
    name one publisher.

    Args:
        user: ``None`` where all share one user, which says nothing.

    Raises:
        Permanent: if they do not.
    """
    publisher = event.type.partition(".")[0]
    said = (routing_key, event.source, user)
    if said != (event.type, f"/masaha/{publisher}", publisher if user is not None else None):
        raise Permanent(f"{event.type} was published as {routing_key} of {event.source} by {user}")


def _is_outage(exc: BaseException) -> bool:
    """Whether a handler failed because something that it needs is away for now."""
    return isinstance(exc, Unavailable) or away(exc) is not None


def subscribe(patterns: Sequence[str], consumer: str, **options: Any) -> Callable[[F], F]:
    """Make a service's method a subscriber; the arguments are those of :class:`Subscribe`."""
    marking: Callable[[F], F] = Subscribe.decorator(patterns, consumer, **options)
    return marking
