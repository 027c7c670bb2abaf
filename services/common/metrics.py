"""What every process counts and measures, in Prometheus's form, served by its probe.

Names follow https://prometheus.io/docs/practices/naming/: base units (seconds), ``_total`` for
counters. Labels have few values only: a method, an event type, an outcome; never an id.
"""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

_FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_LAG = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 30.0, 300.0, 3600.0)

RPC_CALLS = Counter(
    "masaha_rpc_calls_total",
    "RPC requests by how they ended: ok, the kind of the error, internal, expired, parked, "
    "refused (there is no such method).",
    ("method", "outcome"),
)
RPC_SECONDS = Histogram(
    "masaha_rpc_seconds",
    "Time from delivery of a request to its settlement.",
    ("method",),
    buckets=_FAST,
)
RPC_REPLIES_DROPPED = Counter(
    "masaha_rpc_replies_dropped_total", "Replies that could not be sent: the broker was away."
)

EVENTS_CONSUMED = Counter(
    "masaha_events_consumed_total",
    "Event deliveries by how they ended: ok, delayed, parked, returned.",
    ("consumer", "type", "outcome"),
)
EVENT_SECONDS = Histogram(
    "masaha_event_handler_seconds",
    "Time that a subscriber's handler took.",
    ("consumer",),
    buckets=_FAST,
)
EVENT_LAG = Histogram(
    "masaha_event_lag_seconds",
    "From an event's own time to its effect.",
    ("consumer",),
    buckets=_LAG,
)

BROKER_CONNECTED = Gauge(
    "masaha_broker_connected", "1 while this connection to the broker stands.", ("connection",)
)
BROKER_CONNECTIONS_LOST = Counter(
    "masaha_broker_connections_lost_total",
    "Connections to the broker that broke.",
    ("connection",),
)
BROKER_SHORT = Gauge(
    "masaha_broker_short",
    "1 while the broker takes nothing on this connection, because it is short of memory or disk.",
    ("connection",),
)
PARKED = Counter("masaha_parked_total", "Messages sent to a parking queue.", ("queue", "reason"))

LOOP_FAILURES = Counter(
    "masaha_worker_loop_failures_total", "Worker loops that raised and were restarted.", ("loop",)
)

EVENTS_PUBLISHED = Counter(
    "masaha_events_published_total", "Events that the broker has confirmed.", ("service",)
)
EVENTS_UNCONFIRMED = Counter(
    "masaha_events_unconfirmed_total",
    "Events that the broker did not confirm; they are sent again.",
    ("service",),
)
EVENTS_HELD = Gauge(
    "masaha_events_held",
    "Aggregates whose events wait, because the broker has not confirmed one of them.",
    ("service", "relay"),
)
FACTS = Counter(
    "masaha_facts_total",
    "What happened in a branch, by type of event, each once; what is withheld is not among them.",
    ("service", "type"),
)
DEADLINES = Counter(
    "masaha_deadlines_total",
    "Deadlines by how they ended: done, failed (comes back), lost (another worker has it).",
    ("service", "kind", "outcome"),
)
