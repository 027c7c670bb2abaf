"""Racers: several processes with many threads each, which run their orders all at once.

Each process has a branch of its own, as each replica of the service has, so they meet nowhere but
in the database.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from services.bookings.app import App, build
from services.bookings.deadlines import handlers
from services.bookings.domain.budgets import NO_LIMITS
from services.bookings.operations import approval, bookings, equipment, series, waitlist
from services.common import errors
from services.common.clock import FixedClock
from services.common.config import Settings
from services.common.context import Call
from services.common.storage.deadlines import Handler
from services.common.storage.leases import LeaseLost
from services.common.storage.mongo import unavailable_when_away
from tests.support.awaiting import tries
from tests.support.bookings import NOW

WON = "won"
_SECONDS = 120

T = TypeVar("T")


@dataclass(frozen=True)
class Try:
    """What one racer does.

    Attributes:
        what: a name of the branch's operations, or ``settle``: do what is due, as a worker does.
    """

    what: str
    call: Call
    command: Any = None


OPERATIONS: Mapping[str, Callable[[App, Call, Any], Any]] = {
    "create": bookings.create,
    "change": bookings.change,
    "cancel": bookings.cancel,
    "approve": approval.approve,
    "reject": approval.reject,
    "create_series": series.create,
    "join": waitlist.join,
    "change_equipment": equipment.change,
}


@dataclass(frozen=True)
class Branch:
    """What the processes of the racers need of a branch; handed over by the names of functions.

    Attributes:
        open_app: builds the branch, given the database and the prefix of its name.
        settle: does everything that is due, as the branch's worker does.
        patience: seconds for which a racer asks again, under the same key, where the answer is
            "not now".
    """

    open_app: Callable[[str, str], Any]
    settle: Callable[[Any], None]
    operations: Mapping[str, Callable[[Any, Call, Any], Any]]
    patience: float = 0.0


def open_app(mongo_uri: str, prefix: str) -> App:
    """The branch at the fixed hour of the tests, without a budget where none is set."""
    os.environ.setdefault("LINK_SECRET", "links of this benchmark")
    settings = Settings("amqp://unused", mongo_uri, database_prefix=prefix)
    return build(settings, clock=FixedClock(NOW), limits=NO_LIMITS)


class Racers:
    """Processes that wait for what to do.

    Args:
        branch: that of bookings, where no other one is given.
        threads: in each process; as many tries as there are threads begin at the same moment.
    """

    def __init__(
        self,
        mongo_uri: str,
        prefix: str,
        *,
        branch: Branch | None = None,
        processes: int = 2,
        threads: int = 25,
    ):
        context = multiprocessing.get_context("spawn")
        self._ends: list[Connection] = []
        self._processes = []
        for _ in range(processes):
            ours, theirs = context.Pipe()
            process = context.Process(
                target=_wait_and_race,
                args=(theirs, branch or BOOKINGS, mongo_uri, prefix, threads),
                daemon=True,
            )
            process.start()
            self._ends.append(ours)
            self._processes.append(process)
        for end in self._ends:
            _answer(end)

    def race(self, tries: Sequence[Try]) -> list[str]:
        """Do all of it at once; :data:`WON` or the code of the refusal, in their order."""
        shares = [tries[number :: len(self._ends)] for number in range(len(self._ends))]
        for end, share in zip(self._ends, shares, strict=True):
            end.send(share)
        outcomes = [""] * len(tries)
        for number, end in enumerate(self._ends):
            outcomes[number :: len(self._ends)] = _answer(end)
        return outcomes

    def close(self) -> None:
        for end in self._ends:
            end.send(None)
        for process in self._processes:
            process.join(20)


def patiently(work: Callable[[], T]) -> T:
    """Do it, and wait while a database that has too much to do is away, as the worker does."""
    last: errors.Unavailable | None = None
    for _ in tries(_SECONDS, every=0.5):
        try:
            with unavailable_when_away():
                return work()
        except errors.Unavailable as away:
            last = away
    assert last is not None
    raise last


def settle(app: App) -> None:
    """Do everything that is due, as the worker of bookings does."""
    do_what_is_due(app, handlers(app))


def do_what_is_due(app: Any, handlers: Mapping[str, Handler]) -> None:
    """Do everything that is due, as a branch's worker does."""
    while (deadline := app.deadlines.claim()) is not None:
        try:
            handlers[deadline.kind](deadline)
        except LeaseLost:
            continue


BOOKINGS = Branch(open_app, settle, OPERATIONS)


def _answer(end: Connection) -> list[str]:
    if not end.poll(_SECONDS):
        raise SystemExit("The racers have not answered.")
    answer: list[str] = end.recv()
    return answer


def _wait_and_race(
    end: Connection, branch: Branch, mongo_uri: str, prefix: str, threads: int
) -> None:
    app = branch.open_app(mongo_uri, prefix)
    with ThreadPoolExecutor(threads) as pool:
        end.send([])
        while (tries := end.recv()) is not None:
            together = threading.Barrier(min(threads, len(tries)) or 1)
            begin = (together if number < threads else None for number in range(len(tries)))
            running = [
                pool.submit(_run, branch, app, each, b)
                for each, b in zip(tries, begin, strict=True)
            ]
            end.send([each.result() for each in running])
    app.close()


def _run(branch: Branch, app: Any, each: Try, together: threading.Barrier | None) -> str:
    if together is not None:
        together.wait(_SECONDS)
    outcome = ""
    for _ in tries(branch.patience, every=0.2):
        outcome = _attempt(branch, app, each)
        if outcome != errors.Unavailable.default_code:
            break
    return outcome


def _attempt(branch: Branch, app: Any, each: Try) -> str:
    try:
        if each.what == "settle":
            branch.settle(app)
        else:
            branch.operations[each.what](app, each.call, each.command)
    except errors.MasahaError as refusal:
        return refusal.code
    return WON
