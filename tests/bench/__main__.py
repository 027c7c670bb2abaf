"""`python -m tests.bench`: measure, print a table, write `.local/bench.json`.

Everything runs side by side on this machine and takes its turn (floor, bare floor, system, and
again), so a ratio holds even when the machine's speed drifts. Times of single requests are the
client's.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

import httpx
import pymongo

from deploy.local import people
from deploy.local.interpreter import described
from deploy.local.supervision import interrupt_nobody
from tests.bench import (
    advisers,
    attendance,
    availability,
    calls,
    closures,
    gateway_races,
    races,
    seats,
    trajectory,
)
from tests.support.awaiting import tries
from tests.support.figures import Figure, percentile, table, write
from tests.support.stack import NO_LIMITS, Stack, free_port_base

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
SECONDS = float(os.environ.get("BENCH_SECONDS", "6"))
CONNECTIONS = int(os.environ.get("BENCH_CONNECTIONS", "16"))
SEED = int(os.environ.get("BENCH_SEED", "2018"))
WARM_UP_SECONDS = 2.0

# Spaces without buffers, so that every quarter of an hour can be booked.
SPACES = (
    "raqqa-meeting-room",
    "raqqa-workspace",
    "raqqa-consultation-room",
    "tabqa-meeting-room",
    "tabqa-workspace",
)

Request = tuple[str, str, str | None, str | None]

CREATES = ("create", "nominate")


def say(line: str) -> None:
    print(line, flush=True)


@dataclass
class Target:
    """Where requests go: the whole system, or what it is compared with."""

    name: str
    url: str
    token: Callable[[], str]
    log: Path
    ids: list[str] = field(default_factory=list)
    runs: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def run(
        self, what: str, requests: list[Request], seconds: float, **plan: Any
    ) -> dict[str, Any]:
        """Run requests for some seconds, or until there are none left."""
        started = subprocess.run(
            [sys.executable, "-m", "tests.bench.client"],
            input=json.dumps(
                {
                    "url": self.url,
                    "token": self.token(),
                    "requests": requests,
                    "seconds": seconds,
                    "connections": CONNECTIONS,
                    **plan,
                }
            ),
            capture_output=True,
            text=True,
            check=False,
        )
        if started.returncode != 0:
            raise SystemExit(f"The client of the benchmark failed: {started.stderr[-2000:]}")
        result: dict[str, Any] = json.loads(started.stdout)
        expected = {"201"} if what in CREATES else {"200"}
        if set(result["statuses"]) - expected:
            said = self.log.read_text()[-2000:]
            raise SystemExit(f"{self.name} answered {what} with {result['statuses']}\n{said}")
        self.ids += [booking_id for booking_id, _ in result["created"]]
        self.runs.setdefault(what, []).append(result)
        return result


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


def sign_in(url: str, person: people.Person) -> str:
    answer = httpx.post(
        f"{url}/v1/auth/token",
        json={"grant_type": "password", "email": person.email, "password": person.password},
    )
    answer.raise_for_status()
    return str(answer.json()["access_token"])


# What the system is compared with: how gunicorn runs each.
FLOORS = {
    "floor": [
        *("-k", "gateway.server.draining_worker.DrainingWorker", "--keep-alive", "75"),
        *("--logger-class", "gateway.server.access_log.AccessLogger", "tests.bench.floor:app"),
    ],
    "bare": ["-k", "gevent", "tests.bench.bare:app"],
}


@contextmanager
def served(stack: Stack, target: Target) -> Iterator[None]:
    """Run one of them on the stack's own MongoDB, in a database of its own, with the same data."""
    environment = {
        **os.environ,
        **stack.environment,
        **NO_LIMITS,
        "DATABASE_PREFIX": target.name,
        "FLOOR_JWKS": httpx.get(f"{stack.gateway_url}/.well-known/jwks.json").text,
    }
    for branch in ("bookings", "trainings"):
        seed = [sys.executable, "-m", f"services.{branch}", "seed", "deploy/seed"]
        subprocess.run(seed, env=environment, check=True, capture_output=True)
    calls.open_cohorts(stack.mongo_uri, target.name)
    bind = target.url.removeprefix("http://")
    with target.log.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "-w", "1", "-b", bind, *FLOORS[target.name]],
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    interrupt_nobody(process.pid)  # As the system's processes do.
    try:
        for _ in tries(20, every=0.1):
            try:
                httpx.get(target.url)
            except httpx.TransportError:
                if process.poll() is not None:
                    break
            else:
                yield
                return
        said = target.log.read_text()[-2000:]
        raise SystemExit(f"{target.name} did not start:\n{said}")
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def without_mail(stack: Stack) -> Iterator[None]:
    """The system sends the mails of its turn for long after it, and the floor sends none: frozen in
    the floor's turn, they slow only what they belong to."""
    sender = stack.pid("notifications-worker")
    os.kill(sender, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(sender, signal.SIGCONT)


def rate(run: dict[str, Any]) -> float:
    return float(len(run["seconds"]) / run["elapsed"])


def milliseconds(share: float) -> Callable[[dict[str, Any]], float]:
    return lambda run: percentile(run["seconds"], share) * 1000


def compare(system: Target, other: Target, what: str, branch: str = "bookings") -> list[Figure]:
    """Rates and times of both, and the median of the ratios of each round."""

    def figure(name: str, unit: str, measure: Callable[[dict[str, Any]], float]) -> Figure:
        values = [measure(run) for run in system.runs[what]]
        others = [measure(run) for run in other.runs[what]]
        ratio = median(v / o for v, o in zip(values, others, strict=True))
        value = median(values)
        return Figure(f"{branch}.{what}.{name}", value, unit, floor=value / ratio)

    return [
        figure("rps", "1/s", rate),
        figure("p50", "ms", milliseconds(0.50)),
        figure("p99", "ms", milliseconds(0.99)),
    ]


def measure(stack: Stack, folder: Path) -> list[Figure]:
    who = next(p for p in people.everyone() if p.role == "representative")

    def token() -> str:
        # Anew for every run: an access token lives for minutes only.
        return sign_in(stack.gateway_url, who)

    system = Target("system", stack.gateway_url, token, stack.log("gateway"))
    others = {
        name: Target(name, f"http://127.0.0.1:{free_port_base()}", token, folder / f"{name}.log")
        for name in FLOORS
    }
    everybody = (*others.values(), system)
    creates = Creates(str(who.organisation_id))
    chance = random.Random(SEED)
    with ExitStack() as running:
        for target in others.values():
            running.enter_context(served(stack, target))
        most = int(SECONDS * 700)
        for target in everybody:
            say(f"  warming up: {target.name}")
            target.run("create", creates.take(int(WARM_UP_SECONDS * 400)), WARM_UP_SECONDS)
            target.runs.clear()
        for number in range(1, ROUNDS + 1):
            # Each has a database of its own, so all get the same requests.
            batch = creates.take(most)
            asked = 0
            for target in everybody:
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
        measured = measure_trainings(stack, everybody)
    figures = []
    for branch, targets, kinds in (
        ("bookings", {**others, "system": system}, ("read", "create")),
        ("trainings", measured, ("read", "nominate")),
    ):
        for what in kinds:
            figures += compare(targets["system"], targets["floor"], what, branch)
            beside_bare = compare(targets["system"], targets["bare"], what, branch)[0]
            figures.append(replace(beside_bare, name=f"{branch}.{what}.beside_bare.rps"))
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
    desk = people.person("frontdesk-raqqa")

    def token() -> str:
        return sign_in(stack.gateway_url, desk)

    found = [Target(each.name, each.url, token, each.log) for each in targets]
    calls.open_cohorts(stack.mongo_uri, "masaha")
    nominations = calls.nominations()
    for number in range(ROUNDS + 1):
        # The first round warms up. Each has a database of its own, so all get the same requests.
        seconds = SECONDS if number else WARM_UP_SECONDS
        batch = list(islice(nominations, int(seconds * 500)))
        for target in found:
            with nullcontext() if target.name == "system" else without_mail(stack):
                made = target.run("nominate", batch, seconds)
                read = target.run("read", calls.reads(int(seconds * 4000)), seconds)
            if number == 0:
                target.runs.clear()
                continue
            say(
                f"  round {number}/{ROUNDS}  {target.name:<6}"
                f"  nominations {rate(made):7.1f}/s  courses {rate(read):7.1f}/s"
            )
    return {each.name: each for each in found}


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
