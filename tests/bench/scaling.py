"""Throughput against copies: the same work with one, two and four copies of bookings' service, and
with as many processes of the door.

On a machine with two cores the first copy has both full, with the broker, the database and the
client beside it: what this shows is what copies cost, and that two of them share the work and lose
nothing. More cores show what they gain.

``python -m tests.bench.scaling`` runs it, on systems of its own.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx

from deploy.local import people, processes
from tests.bench.__main__ import Creates
from tests.bench.alone import SEED
from tests.bench.targets import (
    SECONDS,
    WARM_UP_SECONDS,
    Request,
    Target,
    rate,
    say,
    sign_in,
)
from tests.support.awaiting import until
from tests.support.figures import Figure, table
from tests.support.ports import free_port
from tests.support.stack import Stack

COPIES = (1, 2, 4)
READY_SECONDS = 60.0


@contextmanager
def another_copy(stack: Stack, name: str, log: Path) -> Iterator[None]:
    """One more process of a kind, ready, beside the stack's own."""
    process = next(each for each in processes.table(stack.settings) if each.name == name)
    port = free_port()
    environment = {**os.environ, **process.environment, "PROBE_PORT": str(port)}
    with log.open("wb") as out:
        copy = subprocess.Popen(process.command, env=environment, stdout=out, stderr=out)
    try:
        until(
            lambda: httpx.get(f"http://127.0.0.1:{port}/readyz").status_code == 200,
            f"another {name}",
            READY_SECONDS,
            hurt_by=(httpx.HTTPError,),
        )
        yield
    finally:
        copy.terminate()
        copy.wait(processes.DRAIN_SECONDS)


def measure_services(folder: Path) -> list[Figure]:
    """Bookings created and read, with more and more copies of bookings' service."""
    stack = Stack(folder / "stack")
    stack.up()
    try:
        with ExitStack() as copies:
            target, creates = _target(stack)
            figures, running = [], 1
            for wanted in COPIES:
                while running < wanted:
                    log = folder / f"copy-{running}.log"
                    copies.enter_context(another_copy(stack, "bookings-service", log))
                    running += 1
                figures += _measure(target, creates, f"services_{wanted}")
            return figures
    finally:
        stack.down()


def measure_doors(folder: Path) -> list[Figure]:
    """The same with more and more processes of the door, each time on a system of its own."""
    figures = []
    for wanted in COPIES:
        stack = Stack(folder / f"door-{wanted}", environ={"WEB_CONCURRENCY": str(wanted)})
        stack.up()
        try:
            figures += _measure(*_target(stack), f"doors_{wanted}")
        finally:
            stack.down()
    return figures


def _target(stack: Stack) -> tuple[Target, Creates]:
    who = next(each for each in people.everyone() if each.role == "representative")
    target = Target(
        "system", stack.gateway_url, lambda: sign_in(stack.gateway_url, who), stack.log("gateway")
    )
    creates = Creates(str(who.organisation_id))
    target.run("create", creates.take(int(WARM_UP_SECONDS * 400)), WARM_UP_SECONDS)
    return target, creates


def _measure(target: Target, creates: Creates, name: str) -> list[Figure]:
    made = target.run("create", creates.take(int(SECONDS * 700)), SECONDS)
    chance = random.Random(SEED)
    ids = [chance.choice(target.ids) for _ in range(int(SECONDS * 4000))]
    reads: list[Request] = [("GET", f"/v1/bookings/{each}", None, None) for each in ids]
    read = target.run("read", reads, SECONDS)
    say(f"  {name:<12}  creates {rate(made):7.1f}/s  reads {rate(read):7.1f}/s")
    return [
        Figure(f"scaling.{name}.create", rate(made), "1/s"),
        Figure(f"scaling.{name}.read", rate(read), "1/s"),
    ]


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="masaha-bench-") as name:
        figures = measure_services(Path(name)) + measure_doors(Path(name))
    sys.stdout.write(f"\n{table(figures)}\n")


if __name__ == "__main__":
    main()
