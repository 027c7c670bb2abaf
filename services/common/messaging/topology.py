"""Every exchange and queue of the platform, in one place.

::

    publisher ──► masaha.events (topic) ──► <consumer>.events.v1 (quorum) ──► subscriber
                        │ no queue wants it          │  ▲             │ handler raised
                        ▼ (alternate exchange)       │  └── expired ── masaha.delay.5s/30s/5m/1h
                  masaha.unroutable                  │                │ tried after every delay,
                                 delivery limit ─────┤                │ undecodable, or Permanent
                                                     ▼                ▼
                                 masaha.dead-letter ──► <consumer>.events.v1.parked

    publisher ──► masaha.states (topic) ──► the queues of those who need personal details

    consultations ──► masaha.sealed (topic) ──► notifications.sealed.events.v1 ──► subscriber

    caller ──► nameko-rpc (topic) ──► rpc-<service> ──► entrypoint ──► reply
                                           └── poison ──► rpc-<service>.parked

A queue's arguments can never change under its name (the broker refuses with 406), so the names
carry a version: new arguments mean a new name. ``masaha.unroutable`` is attached to the event
exchange by a broker policy, which can be changed without redeclaring the exchange. Both it and
``masaha.for-outsiders`` come with ``deploy/rabbitmq/definitions.json``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kombu import Exchange, Queue, binding

from services.common.events.audience import OPEN, SEALED, Audience

#: Headers that the retry and parking paths write. ``ATTEMPT`` counts the failed attempts;
#: ``PUBLISHER`` is the broker's user that published the event first.
ATTEMPT = "x-masaha-attempt"
ROUTING_KEY = "x-masaha-routing-key"
REASON = "x-masaha-reason"
EXCEPTION = "x-masaha-exception"
MESSAGE = "x-masaha-message"
TIME = "x-masaha-time"
PARKED_ID = "x-masaha-parked-id"
PUBLISHER = "x-masaha-publisher"
OWN_HEADERS = (ATTEMPT, ROUTING_KEY, REASON, EXCEPTION, MESSAGE, TIME, PARKED_ID, PUBLISHER)

#: In place of what a message cannot be parked with. Properties that cannot be read: why, and their
#: bytes. A body that is too large: its size in bytes and its hash. Headers that are too large, or
#: that no client can write: their size.
UNREADABLE = "x-masaha-unreadable"
PROPERTIES = "x-masaha-properties"
BODY_SIZE = "x-masaha-body-size"
BODY_SHA256 = "x-masaha-body-sha256"
HEADERS_DROPPED = "x-masaha-headers-dropped"

#: What the broker itself adds when it dead-letters. Never copied onto a message that is published
#: again: its cycle detection would take the retry for a loop and drop it.
BROKER_HEADERS = (
    "x-death",
    "x-first-death-exchange",
    "x-first-death-queue",
    "x-first-death-reason",
    "x-delivery-count",
)

#: Of a queue's type. Queues of calls are quorum queues too where ``RPC_QUEUES`` says so.
QUORUM = "quorum"

PARKED_SUFFIX = ".parked"
RPC_EXCHANGE = "nameko-rpc"
UNROUTABLE = "masaha.unroutable"
#: Accepts and drops the events that no service of ours subscribes to. So an unroutable event is one
#: that lacks a subscriber it should have.
FOR_OUTSIDERS = "masaha.for-outsiders"

#: Deliveries that ended without a settlement (a lost connection, a killed process, a service that
#: stopped) before the broker gives up on a message. Failures of a handler do not count here: they
#: are published anew, however long the broker takes nothing.
DELIVERY_LIMIT = 20

EVENTS = Exchange(OPEN.exchange, type="topic", durable=True)
#: Of personal details. They have an exchange of their own, so that binding to events gives them to
#: nobody, and none are kept where no queue wants them.
STATES = Exchange("masaha.states", type="topic", durable=True)
#: Of news for one recipient each. One service publishes there and one reads: no other has a right.
SEALED_NEWS = Exchange(SEALED.exchange, type="topic", durable=True)
DEAD_LETTER = Exchange("masaha.dead-letter", type="direct", durable=True)


@dataclass(frozen=True, slots=True)
class Delay:
    """One waiting room: a queue without consumers in which a message grows old for ``seconds``.

    One queue per delay, because a message's own expiry blocks at the head of a queue behind a
    longer one. The exchange of the same name takes a message whose routing key is the queue to
    return to; when the message expires, the default exchange delivers it there.
    """

    name: str
    seconds: float

    def exchange(self) -> Exchange:
        return Exchange(self.name, type="fanout", durable=True)

    def queue(self) -> Queue:
        return Queue(
            self.name,
            exchange=self.exchange(),
            durable=True,
            queue_arguments={
                "x-queue-type": "quorum",
                "x-message-ttl": int(self.seconds * 1000),
                "x-dead-letter-exchange": "",
                # The message leaves the waiting room only when its home queue has confirmed it.
                "x-dead-letter-strategy": "at-least-once",
                "x-overflow": "reject-publish",
            },
        )


DELAYS: tuple[Delay, ...] = (
    Delay("masaha.delay.5s", 5),
    Delay("masaha.delay.30s", 30),
    Delay("masaha.delay.5m", 300),
    Delay("masaha.delay.1h", 3600),
)


@dataclass(frozen=True, slots=True)
class Topology:
    """The parts of the picture that a test may replace; everything else is fixed."""

    events: Exchange = EVENTS
    states: Exchange = STATES
    dead_letter: Exchange = DEAD_LETTER
    delays: tuple[Delay, ...] = DELAYS
    delivery_limit: int = DELIVERY_LIMIT

    def consumer_queue(
        self, name: str, patterns: Sequence[str], states: Sequence[str] = ()
    ) -> Queue:
        """A subscriber's own queue, bound to the events whose type matches one of ``patterns``, and
        to the personal details of the types ``states``."""
        return Queue(
            name,
            bindings=[
                *(binding(self.events, routing_key=pattern) for pattern in patterns),
                *(binding(self.states, routing_key=state) for state in states),
            ],
            durable=True,
            queue_arguments={
                "x-queue-type": "quorum",
                "x-delivery-limit": self.delivery_limit,
                "x-dead-letter-exchange": self.dead_letter.name,
                "x-dead-letter-routing-key": parked_name(name),
                "x-dead-letter-strategy": "at-least-once",
                "x-overflow": "reject-publish",
            },
        )

    def parked_queue(self, home: str) -> Queue:
        """Where messages of the queue ``home`` go that need a person."""
        return Queue(
            parked_name(home),
            exchange=self.dead_letter,
            routing_key=parked_name(home),
            durable=True,
            queue_arguments={"x-queue-type": "quorum"},
        )


TOPOLOGY = Topology()


def sealed_topology(consumer: str) -> Topology:
    """The topology of the one subscriber to sealed news.

    Its events wait in delay queues of its own: the common ones may be read by every service.
    """
    delays = tuple(
        Delay(f"{consumer}.sealed.{delay.name.removeprefix('masaha.')}", delay.seconds)
        for delay in DELAYS
    )
    return Topology(events=SEALED_NEWS, delays=delays)


def exchange_of(audience: Audience) -> Exchange:
    """Where the events of an audience are published."""
    return SEALED_NEWS if audience is SEALED else EVENTS


def event_queue_name(consumer: str, version: int = 1) -> str:
    """The queue of a consumer of events: ``notifications.events.v1``."""
    return f"{consumer}.events.v{version}"


def rpc_queue_name(service: str) -> str:
    """The queue of a service's RPC calls, named as nameko names it."""
    return f"rpc-{service}"


def parked_name(home: str) -> str:
    """The parking queue of a queue; a parking queue's own name is returned unchanged."""
    return home if home.endswith(PARKED_SUFFIX) else home + PARKED_SUFFIX


def home_name(parked: str) -> str:
    """The queue that a parking queue serves."""
    return parked.removesuffix(PARKED_SUFFIX)
