"""Availability of fifty spaces for thirty days, at more and more bookings.

Measured inside the service: from the query as it has been read to the answer as it is sent, the
database included, the broker and the gateway not. The sizes take turns, so that the growth holds
even when the machine's speed drifts.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta

from services.bookings.app import App
from services.bookings.domain.equipment import Need
from services.bookings.operations import availability
from services.bookings.schemas.availability import FindAvailability
from services.bookings.schemas.availability import availability as to_wire
from services.common.ids import new_id
from services.common.time.period import Period
from tests.bench import generator
from tests.bench.alone import run_alone
from tests.bench.racers import open_app
from tests.support.bookings import NOW
from tests.support.figures import Figure, percentile

SIZES = {"10k": 10_000, "100k": 100_000, "1m": 1_000_000}
MILLION = os.environ.get("BENCH_MILLION") == "1"
TIMES = int(os.environ.get("BENCH_AVAILABILITY_TIMES", "300"))
DAYS = 30
_WARM_UP = 10
_KINDS: dict[str, tuple[Need, ...]] = {
    "availability": (),
    "availability_equipment": (Need("raqqa-projector", 1),),
}


def measure(
    mongo_uri: str, *, seed: int, million: bool = MILLION, say: Callable[[str], None] = print
) -> list[Figure]:
    """Fill a database for each size, ask them in turn, and drop them.

    The months that are asked about are equally full at every size; what grows is the past.
    """
    seconds: dict[tuple[str, str], list[float]] = {}
    with ExitStack() as cleaning:
        apps = {}
        for name, size in SIZES.items():
            if name == "1m" and not million:
                continue
            prefix = f"avail{new_id()[-8:]}"
            app = apps[name] = open_app(mongo_uri, prefix)
            cleaning.callback(app.close)
            cleaning.callback(app.database.client.drop_database, f"{prefix}_bookings")
            begin = time.monotonic()
            generator.fill(app, generator.network(seed), size, seed, NOW)
            say(f"  {size:,} bookings made in {time.monotonic() - begin:.0f} s")
        for number in range(_WARM_UP + TIMES):
            for kind, needs in _KINDS.items():
                for name, app in apps.items():
                    elapsed = ask(app, needs, number)
                    if number >= _WARM_UP:
                        seconds.setdefault((kind, name), []).append(elapsed)
    return figures(seconds, say)


def ask(app: App, needs: tuple[Need, ...], number: int) -> float:
    """The seconds that one answer took.

    Args:
        number: each asks about a period of its own, so that no answer is warm from the one before.
    """
    begin = NOW + timedelta(minutes=15 * (number % 96))
    query = FindAvailability(
        centre_id=None,
        space_id=None,
        period=Period(begin, begin + timedelta(days=DAYS)),
        duration_minutes=60,
        minimum_capacity=None,
        equipment=needs,
    )
    started = time.perf_counter()
    to_wire(availability.find(app, query))
    return time.perf_counter() - started


def figures(
    seconds: dict[tuple[str, str], list[float]], say: Callable[[str], None]
) -> list[Figure]:
    """Times of each size, and how many times as long as at the smallest they are."""
    found: list[Figure] = []
    for (kind, name), measured in seconds.items():
        for label, share in (("p50", 0.50), ("p95", 0.95)):
            value = percentile(measured, share) * 1000
            smallest = percentile(seconds[kind, "10k"], share) * 1000
            found.append(Figure(f"bookings.{kind}.{name}.{label}", value, "ms"))
            if name != "10k":
                growth = value / smallest
                found.append(Figure(f"bookings.{kind}.{name}.{label}_growth", growth, "×"))
        p50, p95 = (percentile(measured, share) * 1000 for share in (0.50, 0.95))
        say(f"  {kind} at {name}: p50 {p50:.1f} ms, p95 {p95:.1f} ms")
    return found


if __name__ == "__main__":
    run_alone(lambda uri, seed: measure(uri, seed=seed))
