"""What the gateway measures, beside the metrics that every process has."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

REQUESTS = Counter(
    "masaha_http_requests_total",
    "HTTP requests by route (never by path), method and status.",
    ("route", "method", "status"),
)
REQUEST_SECONDS = Histogram(
    "masaha_http_request_seconds",
    "Time from the first line of a request to its answer.",
    ("route", "method"),
    buckets=_SECONDS,
)
CALLS = Counter(
    "masaha_branch_calls_total",
    "Calls to a branch by how they ended: ok, the kind of the error, timeout, impatient "
    "(left before the timeout that others have), lost, unroutable, refused (breaker open).",
    ("branch", "method", "outcome"),
)
CALL_SECONDS = Histogram(
    "masaha_branch_call_seconds",
    "Time that a call to a branch took.",
    ("branch", "method"),
    buckets=_SECONDS,
)
BREAKER = Gauge(
    "masaha_breaker_state", "Breaker of a branch: 0 closed, 1 half-open, 2 open.", ("branch",)
)
SERVED_FROM_CACHE = Counter(
    "masaha_public_cache_answers_total", "Public answers given from the cache.", ("method",)
)
SIGN_INS = Counter("masaha_sign_ins_total", "Sign-ins by how they ended.", ("grant", "outcome"))
