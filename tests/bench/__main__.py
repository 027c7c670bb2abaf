"""`python -m tests.bench`: measure, print a table, write `.local/bench.json`.

Everything runs side by side on this machine and takes its turn (floor, bare floor, system, and
again), so a ratio holds even when the machine's speed drifts. Times of single requests are the
client's.
"""

from __future__ import annotations

import json
import random
import tempfile
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import pymongo

from deploy.local import people
from deploy.local.interpreter import described
from tests.bench import (
    advisers,
    attendance,
    availability,
    calls,
    cases,
    closures,
    gateway_races,
    races,
    relay,
    seats,
    trajectory,
)
from tests.bench.alone import SEED
from tests.bench.targets import (
    CONNECTIONS,
    ROUNDS,
    SECONDS,
    WARM_UP_SECONDS,
    Request,
    Target,
    compare_with_both,
    everybody,
    rate,
    say,
    sign_in,
    take_turns,
    without_mail,
)
from tests.support.figures import Figure, percentile, table, write
from tests.support.stack import Stack

# Spaces without buffers, so that every quarter of an hour can be booked.
SPACES = (
    "raqqa-meeting-room",
    "raqqa-workspace",
    "raqqa-consultation-room",
    "tabqa-meeting-room",
    "tabqa-workspace",
)


def free_slots() -> Iterator[tuple[str, datetime]]:
    """Every quarter of an hour in which both centres are open, from the next week on."""
    day = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=7)
    for offset in range(150):
        date = day + timedelta(days=offset)
        if date.weekday() in (4, 5):  # Friday and Saturday are closed or short.
            continue
        for quarter in range(28):  # 09:00 to 16:00 in Damascus, which is UTC+3 all year.
            for space in SPACES:
                yield space, date + timedelta(hours=6, minutes=15 * quarter)


class Creates:
    """Creating requests that nobody else asks for; the same sequence for every target."""

    def __init__(self, organisation_id: str) -> None:
        slots = list(free_slots())
        random.Random(SEED).shuffle(slots)
        self._slots = iter(slots)
        self._organisation_id = organisation_id
        self._returned: deque[Request] = deque()

    def take(self, count: int) -> list[Request]:
        found = [self._returned.popleft() for _ in range(min(count, len(self._returned)))]
        for space, starts_at in self._slots if len(found) < count else ():
            body = json.dumps(
                {
                    "space_id": space,
                    "organisation_id": self._organisation_id,
                    "starts_at": starts_at.isoformat().replace("+00:00", "Z"),
                    "ends_at": (starts_at + timedelta(minutes=15))
                    .isoformat()
                    .replace("+00:00", "Z"),
                    "title": "Benchmark",
                    "purpose": "meeting",
                }
            )
            found.append(("POST", "/v1/bookings", body, f"bench-{space}-{starts_at:%m%d%H%M}"))
            if len(found) == count:
                break
        if not found:
            raise SystemExit("The benchmark has booked everything: fewer BENCH_ROUNDS, please.")
        return found

    def give_back(self, unused: list[Request]) -> None:
        """What nobody was asked for can be asked later."""
        self._returned.extend(unused)


class Arrivals:
    """Watches the inboxes: when the message about a booking got there."""

    def __init__(self, mongo_uri: str, person_id: str) -> None:
        self.at: dict[str, float] = {}
        self._stop = threading.Event()
        self._changed = threading.Condition()
        self._ready = threading.Event()
        self._client: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(mongo_uri)
        self._pipeline = [
            {"$match": {"operationType": "insert", "fullDocument.recipient_id": person_id}},
            {"$project": {"fullDocument.subject_id": 1}},
        ]
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        self._ready.wait(10)

    def _watch(self) -> None:
        inbox = self._client["masaha_notifications"]["notifications"]
        with inbox.watch(self._pipeline, max_await_time_ms=500) as stream:
            self._ready.set()
            while not self._stop.is_set():
                change = stream.try_next()
                if change is not None:
                    now = time.time()
                    with self._changed:
                        self.at.setdefault(change["fullDocument"]["subject_id"], now)
                        self._changed.notify_all()

    def wait_for(self, booking_ids: list[str], seconds: float) -> None:
        wanted = set(booking_ids)
        with self._changed:
            if not self._changed.wait_for(lambda: wanted <= self.at.keys(), seconds):
                raise SystemExit(f"{len(wanted - self.at.keys())} bookings were never told of.")

    def close(self) -> None:
        self._stop.set()
        self._thread.join()
        self._client.close()


def measure(stack: Stack, folder: Path) -> list[Figure]:
    who = next(p for p in people.everyone() if p.role == "representative")

    def token() -> str:
        # Anew for every run: an access token lives for minutes only.
        return sign_in(stack.gateway_url, who)

    creates = Creates(str(who.organisation_id))
    chance = random.Random(SEED)
    with ExitStack() as running:
        everyone = everybody(stack, folder, running, token)
        system = everyone[-1]
        most = int(SECONDS * 700)
        for target in everyone:
            say(f"  warming up: {target.name}")
            target.run("create", creates.take(int(WARM_UP_SECONDS * 400)), WARM_UP_SECONDS)
            target.runs.clear()
        for number in range(1, ROUNDS + 1):
            # Each has a database of its own, so all get the same requests.
            batch = creates.take(most)
            asked = 0
            for target in everyone:
                with nullcontext() if target is system else without_mail(stack):
                    made = target.run("create", batch, SECONDS)
                    ids = [chance.choice(target.ids) for _ in range(int(SECONDS * 4000))]
                    reads: list[Request] = [("GET", f"/v1/bookings/{i}", None, None) for i in ids]
                    read = target.run("read", reads, SECONDS)
                # One that was begun in the last moment is not counted, so as many more.
                asked = max(asked, len(made["seconds"]) + CONNECTIONS)
                say(
                    f"  round {number}/{ROUNDS}  {target.name:<6}"
                    f"  creates {rate(made):7.1f}/s  reads {rate(read):7.1f}/s"
                )
            creates.give_back(batch[asked:])
        measured = measure_trainings(stack, everyone)
        cases_measured = cases.measure(stack, everyone)
    figures = compare_with_both(
        {each.name: each for each in everyone}, ("read", "create"), "bookings"
    )
    figures += compare_with_both(measured, ("read", "nominate"), "trainings")
    figures += compare_with_both(cases_measured, ("read", "open"), "consultations")
    half = median(rate(run) for run in system.runs["create"]) / 2
    say(f"  events at half load: {half:.0f} creates/s")
    arrivals = Arrivals(stack.mongo_uri, who.id)
    made = system.run("create", creates.take(int(half * SECONDS * 2)), SECONDS * 2 + 5, rate=half)
    arrivals.wait_for([booking_id for booking_id, _ in made["created"]], 60)
    arrivals.close()
    latencies = [max(0.0, arrivals.at[i] - at) * 1000 for i, at in made["created"]]
    return [
        *figures,
        Figure("events.inbox.rate", half, "1/s"),
        Figure("events.inbox.p50", percentile(latencies, 0.50), "ms"),
        Figure("events.inbox.p99", percentile(latencies, 0.99), "ms"),
    ]


def measure_trainings(stack: Stack, targets: Sequence[Target]) -> dict[str, Target]:
    """Reads of the catalogue, and people who are nominated for many cohorts, by the front desk.

    Returns:
        the targets again, by name, with what these runs came to.
    """
    calls.open_cohorts(stack.mongo_uri, "masaha")
    return take_turns(
        stack,
        targets,
        people.person("frontdesk-raqqa"),
        calls.nominations(),
        "nominate",
        lambda _target, amount: calls.reads(amount),
    )


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="masaha-bench-") as name:
        folder = Path(name)
        say("Starting a system of its own for the benchmark …")
        stack = Stack(folder / "stack")
        stack.up()
        try:
            figures = measure(stack, folder)
            say("Availability, inside the service …")
            figures += availability.measure(stack.mongo_uri, seed=SEED, say=say)
            say("The largest closure, inside the service …")
            figures += closures.measure(stack.mongo_uri, seed=SEED, say=say)
            say("Attendance, inside the service …")
            figures += attendance.measure(stack.mongo_uri, seed=SEED, say=say)
            say("Trajectories, taken in and made anew from the logs …")
            figures += trajectory.measure(stack.mongo_uri, seed=SEED, say=say)
            say("The relay, from a full outbox to a queue …")
            figures += relay.measure(stack.mongo_uri, stack.amqp_uri, say=say)
            say(f"Races, {races.AT_ONCE} at once …")
            figures += races.measure(stack.mongo_uri, seed=SEED, say=say)
            figures += gateway_races.measure(stack, seed=SEED, say=say)
            say(f"Races for the last seats, {seats.AT_ONCE} at once …")
            figures += seats.measure(stack.mongo_uri, seed=SEED, say=say)
            say(f"Races for one adviser's day, {advisers.AT_ONCE} at once …")
            figures += advisers.measure(stack.mongo_uri, seed=SEED, say=say)
        finally:
            say("Stopping it …")
            stack.down()
    write(Path(".local/bench.json"), figures, SEED)
    say("")
    say(table(figures))
    say(f"\nMeasured with Python {described()}.")
    say("floor: the same work in one Flask + pymongo process, no broker. beside_bare: against")
    say("one that leaves away what the gateway does beside answering. Also in .local/bench.json")


if __name__ == "__main__":
    main()
