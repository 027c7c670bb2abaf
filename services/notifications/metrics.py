"""What this branch counts beside what every process does: in a file of its own, as everywhere."""

from __future__ import annotations

from prometheus_client import Counter

DELIVERIES = Counter(
    "masaha_deliveries_total",
    "Attempts of deliveries by what became of them: sent, failed, queued (again), unknown; and "
    "skipped, which are not attempted.",
    ("channel", "state"),
)
