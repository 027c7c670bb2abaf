"""Attendance: ten thousand marks from twenty devices, as soon as they have a connection again.

All devices send at once, each its batches in an order of its own, and one batch twice, as after a
lost answer. Measured inside the service, from the request as it comes over RPC to its
answer. What is stored is then compared with what was sent, mark by mark.

``python -m tests.bench.attendance`` runs it alone, on a database of its own.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from services.common.clock import FixedClock
from services.common.contracts.trainings.attendance import MOST_MARKS
from services.common.ids import new_id
from services.trainings.app import App
from services.trainings.domain.catalogue import Topic
from services.trainings.domain.centres import Centre
from services.trainings.domain.cohorts import Cohort
from tests.bench.alone import run_alone
from tests.bench.trainings import open_trainings
from tests.support.attendance import cohort_of, during, mark, seat, send
from tests.support.bookings import NOW
from tests.support.figures import Figure, percentile

DEVICES = 20
PEOPLE = tuple(f"person-{number}" for number in range(50))
SESSIONS = 10
MARKS_EACH = len(PEOPLE) * SESSIONS
BATCH = 100
assert DEVICES * MARKS_EACH == 10_000
assert BATCH <= MOST_MARKS

Marks = list[dict[str, Any]]


def measure(mongo_uri: str, *, seed: int, say: Callable[[str], None] = print) -> list[Figure]:
    """Send all marks once, on a database of its own.

    Raises:
        SystemExit: if what is stored is not what was sent.
    """
    prefix = f"marks{new_id()[-8:]}"
    app = open_trainings(mongo_uri, prefix, FixedClock(NOW))
    try:
        return _measure(app, seed, say)
    finally:
        app.database.client.drop_database(f"{prefix}_trainings")
        app.close()


def _measure(app: App, seed: int, say: Callable[[str], None]) -> list[Figure]:
    cohort = _cohort(app)
    chance = random.Random(seed)
    sent = [_marks_of(cohort, device) for device in range(DEVICES)]
    orders = [_batches(marks, chance) for marks in sent]
    seconds: list[float] = []

    def device(number: int) -> int:
        saved = 0
        for batch in orders[number]:
            begin = time.perf_counter()
            saved += send(app, cohort, *batch, device=f"phone-{number}")["saved"]
            seconds.append(time.perf_counter() - begin)
        return saved

    begin = time.perf_counter()
    with ThreadPoolExecutor(DEVICES) as pool:
        saved = sum(pool.map(device, range(DEVICES)))
    took = time.perf_counter() - begin
    stored = {each.id: each.status.value for each in app.marks.of(cohort.id)}
    expected = {each["id"]: each["status"] for marks in sent for each in marks}
    if saved != len(expected) or stored != expected:
        raise SystemExit(f"{len(expected)} marks were sent, {saved} saved, {len(stored)} stored.")
    say(f"  {len(expected)} marks of {DEVICES} devices: {took:.2f} s")
    return [
        Figure("trainings.attendance.marks_per_second", len(expected) / took, "1/s"),
        Figure("trainings.attendance.batch.p50", percentile(seconds, 0.50) * 1000, "ms"),
        Figure("trainings.attendance.batch.p99", percentile(seconds, 0.99) * 1000, "ms"),
    ]


def _cohort(app: App) -> Cohort:
    name = {"ar": "مركز الرقة", "en": "Raqqa centre"}
    app.centres.seed([Centre("raqqa", name, "Asia/Damascus")])
    app.topics.seed([Topic("project-management", {"ar": "إدارة المشاريع"})])
    cohort = seat(app, cohort_of(app, sessions=SESSIONS, capacity=len(PEOPLE)), *PEOPLE)
    during(app, cohort, SESSIONS)
    return cohort


def _marks_of(cohort: Cohort, device: int) -> Marks:
    """Every person in every session, as one device has seen them: a tenth came late."""
    return [
        mark(
            cohort,
            number,
            person,
            "late" if (device + number) % 10 == 0 else "present",
            id=f"{device}-{number}-{person}",
        )
        for number in range(1, SESSIONS + 1)
        for person in PEOPLE
    ]


def _batches(marks: Marks, chance: random.Random) -> list[Marks]:
    shuffled = chance.sample(marks, len(marks))
    batches = [shuffled[start : start + BATCH] for start in range(0, len(marks), BATCH)]
    batches.insert(chance.randrange(1, len(batches) + 1), batches[0])
    return batches


if __name__ == "__main__":
    run_alone(lambda uri, seed: measure(uri, seed=seed))
