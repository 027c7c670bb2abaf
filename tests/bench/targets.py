"""What is compared: the whole system, the floor and the bare floor, which take their turns."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

import httpx

from deploy.local import people
from deploy.local.supervision import interrupt_nobody
from tests.bench import calls
from tests.support.awaiting import tries
from tests.support.figures import Figure, percentile
from tests.support.stack import NO_LIMITS, Stack, free_port_base

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
SECONDS = float(os.environ.get("BENCH_SECONDS", "6"))
CONNECTIONS = int(os.environ.get("BENCH_CONNECTIONS", "16"))
WARM_UP_SECONDS = 2.0
CREATES = ("create", "nominate", "open")

Request = tuple[str, str, str | None, str | None]


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
    for branch in ("bookings", "trainings", "consultations"):
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
        for _ in tries(60, every=0.1):
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
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


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


def take_turns(
    stack: Stack,
    targets: Sequence[Target],
    person: people.Person,
    writes: Iterator[Request],
    what: str,
    reads: Callable[[Target, int], list[Request]],
) -> dict[str, Target]:
    """Rounds of writes and then reads, each target in turn; each gets the same writes, since each
    has a database of its own.

    Args:
        person: asks.
        what: the name of the writes, in the runs and in what is printed.
        reads: makes so many reads for a target.

    Returns:
        the targets again, by name, with what these runs came to.
    """

    def token() -> str:
        return sign_in(stack.gateway_url, person)

    found = [Target(each.name, each.url, token, each.log) for each in targets]
    for number in range(ROUNDS + 1):
        # The first round warms up.
        seconds = SECONDS if number else WARM_UP_SECONDS
        batch = list(islice(writes, int(seconds * 500)))
        for target in found:
            with nullcontext() if target.name == "system" else without_mail(stack):
                written = target.run(what, batch, seconds)
                read = target.run("read", reads(target, int(seconds * 4000)), seconds)
            if number == 0:
                target.runs.clear()
                continue
            say(
                f"  round {number}/{ROUNDS}  {target.name:<6}"
                f"  {what} {rate(written):7.1f}/s  read {rate(read):7.1f}/s"
            )
    return {each.name: each for each in found}


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


def compare_with_both(
    measured: dict[str, Target], kinds: tuple[str, ...], branch: str
) -> list[Figure]:
    """Beside the floor, and the rates beside the bare floor too."""
    figures = []
    for what in kinds:
        figures += compare(measured["system"], measured["floor"], what, branch)
        beside_bare = compare(measured["system"], measured["bare"], what, branch)[0]
        figures.append(replace(beside_bare, name=f"{branch}.{what}.beside_bare.rps"))
    return figures


def everybody(
    stack: Stack, folder: Path, running: ExitStack, token: Callable[[], str]
) -> tuple[Target, ...]:
    """The floors, which run until the stack of contexts ends, and the system."""
    others = [
        Target(name, f"http://127.0.0.1:{free_port_base()}", token, folder / f"{name}.log")
        for name in FLOORS
    ]
    for target in others:
        running.enter_context(served(stack, target))
    return (*others, Target("system", stack.gateway_url, token, stack.log("gateway")))
