"""The same checker fails a naive build, at moments that are made to come: it can be believed."""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from kombu import Connection, Exchange, Queue
from pymongo import MongoClient

from deploy.local import people
from deploy.local.processes import Process
from deploy.local.settings import ROOT
from gateway.remote.rpc import RpcClient
from tests.faults.doors import RpcDoor
from tests.faults.evidence import members
from tests.faults.injuries import KILL, Injury
from tests.faults.workload import Client, Shared, Workload, slots
from tests.support import checker, ledger
from tests.support.awaiting import until
from tests.support.checker import Violation
from tests.support.ledger import CREATE, Ledger, Request
from tests.support.naive import moments
from tests.support.stack import BROKER, DATABASE, Stack

pytestmark = pytest.mark.alone

SERVICES = ("bookings-service", "notifications-service")
EVENTS = "bookings.events"  # the exchange that nameko gives the service's events
WITNESS = "witness"
PERSON = "member-other"
SECONDS = 60.0


class NaiveStack(Stack):
    """The real broker and database, with the naive services in place of the real ones.

    They name exchanges and queues as stock nameko does, which our services' users of the broker
    may not; so they are its operator.
    """

    def _table(self) -> list[Process]:
        return [self._naive(each) if each.name in SERVICES else each for each in super()._table()]

    def _naive(self, entry: Process) -> Process:
        branch = entry.name.removesuffix("-service")
        return replace(
            entry,
            command=[sys.executable, "-m", f"tests.support.naive.{branch}", "service"],
            environment={**entry.environment, "AMQP_URI": self.amqp_uri},
        )


def _document_of(space: dict[str, Any]) -> dict[str, Any]:
    """The document of a space of the seed, as bookings stores it: buffers in seconds."""
    return {
        **space,
        "_id": space["id"],
        "buffer_before": space["buffer_before_minutes"] * 60,
        "buffer_after": space["buffer_after_minutes"] * 60,
    }


class NaiveRun:
    """Clients of the naive build, and what is found of it."""

    def __init__(self, stack: Stack, folder: Path) -> None:
        self.stack = stack
        self.folder = folder
        self.rpc = RpcClient(stack.amqp_uri, timeout=3.0, breaker={"seconds": 0.2, "longest": 0.5})
        self.ledger = Ledger(folder / "ledger.jsonl")
        seed = json.loads((ROOT / "deploy" / "seed" / "spaces.json").read_text("utf-8"))
        chance = random.Random(1)
        self.shared = Shared(slots(seed, chance, datetime.now(UTC)))
        self.spaces = [_document_of(space) for space in seed["spaces"]]
        person = people.person(PERSON)
        door = RpcDoor(self.rpc, person)
        doors = [(person, door, door)] * 2
        self.clients: list[Client] = Workload(
            doors, self.shared, self.ledger, seed=1, per_second=1
        ).clients
        self.entries: list[dict[str, Any]] = []
        self.unhurt: list[Violation] = []
        queue = Queue(WITNESS, Exchange(EVENTS, "topic", durable=True), "#", durable=True)
        with Connection(stack.amqp_uri) as connection:
            queue(connection.channel()).declare()
        self.database: MongoClient[dict[str, Any]] = MongoClient(
            stack.mongo_uri, tz_aware=True, serverSelectionTimeoutMS=10_000
        )

    def create(self, words: str = "", client: int = 0, slot: Any = None) -> Request:
        """Book a slot of its own, under a title with these words, until there is an answer."""
        mark = f"{CREATE} {words} {random.getrandbits(32):08x}"
        return self.clients[client].create(slot or self.shared.fresh(), False, mark)

    def bookings(self) -> list[dict[str, Any]]:
        return list(self.database["masaha_bookings"]["bookings"].find())

    def notifications(self) -> list[dict[str, Any]]:
        return list(self.database["masaha_notifications"]["notifications"].find())

    def events(self) -> list[dict[str, Any]]:
        """Every event that was dispatched, in the shape of a log's entries."""
        with Connection(self.stack.amqp_uri) as connection:
            channel = connection.channel()
            while (raw := channel.basic_get(WITNESS)) is not None:
                self.entries.append({"event": json.loads(raw.body)})
                channel.basic_ack(raw.delivery_tag)
        return self.entries

    def verdict(self) -> list[Violation]:
        """What the same checks say that the real build has to pass."""
        requests, stored, events = ledger.read(self.ledger.path), self.bookings(), self.events()
        return [
            *checker.check_answers(requests, stored),
            *checker.check_counts(requests, stored),
            *checker.check_histories(stored),
            *checker.check_overlaps(stored, self.spaces),
            *checker.check_events(stored, events),
            *checker.check_notifications(events, self.notifications(), members()),
        ]

    def await_been(self, moment: str) -> None:
        until(moments.marker(self.folder, moment).exists, moment, SECONDS)

    def await_told(self, request: Request, times: int = 1) -> None:
        """Wait until the news of a booking has been taken so often."""

        def told() -> bool:
            ids = {e["event"]["id"] for e in self.events() if request.mark == _title(e)}
            return sum(item["event_id"] in ids for item in self.notifications()) >= times

        until(told, f"{times} x the news of {request.mark}", SECONDS)


def _title(entry: dict[str, Any]) -> str:
    return str(entry["event"]["data"]["title"])


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NaiveRun]:
    """The naive build, which has done ten bookings."""
    folder = tmp_path_factory.mktemp("naive")
    only = (*BROKER, *DATABASE, *SERVICES)
    stack = NaiveStack(folder / "stack", only=only, environ={moments.FOLDER: str(folder)})
    stack.up()
    try:
        started = NaiveRun(stack, folder)
        for _ in range(10):
            started.await_told(started.create())
        started.unhurt = started.verdict()
        yield started
        started.rpc.close()
        started.database.close()
        started.ledger.close()
    finally:
        stack.down()


def about(violations: list[Violation], kind: str, text: str) -> list[Violation]:
    return [v for v in violations if v.kind == kind and text in v.what]


def test_unhurt_the_naive_build_passes(run: NaiveRun) -> None:
    assert run.unhurt == []


def test_committed_and_killed_before_the_dispatch_loses_the_event(run: NaiveRun) -> None:
    done = run.create(moments.BETWEEN_COMMIT_AND_DISPATCH)
    run.stack.wait_ready("bookings-service")
    stored = next(b for b in run.bookings() if b["title"] == done.mark)
    found = run.verdict()
    assert about(found, checker.LOST, f"version 1 of booking {stored['_id']} (create) has no event")
    # Without a key the retry found its own booking in its way, and refused the client.
    assert about(found, checker.CONTRADICTED, f"{done.mark} was refused")


def test_a_handler_that_raises_once_loses_the_message(run: NaiveRun) -> None:
    done = run.create(moments.WHILE_HANDLING)
    run.await_been(moments.WHILE_HANDLING)
    run.await_told(run.create())  # What comes after it is handled: nothing will bring it again.
    told_of = f"{PERSON} was not told of bookings.booking.confirmed 0 (booking {done.booking_id})"
    assert about(run.verdict(), checker.LOST, told_of)


def test_killed_between_effect_and_acknowledgement_tells_twice(run: NaiveRun) -> None:
    done = run.create(moments.BETWEEN_EFFECT_AND_ACK)
    run.await_told(done, times=2)
    assert about(run.verdict(), checker.DOUBLED, f"(booking {done.booking_id}) 2 times")


def test_two_that_look_before_either_writes_overlap(run: NaiveRun) -> None:
    slot = run.shared.fresh()
    with ThreadPoolExecutor(2) as both:
        asked = [
            both.submit(run.create, moments.BETWEEN_LOOK_AND_WRITE, client, slot)
            for client in range(2)
        ]
        done = [future.result() for future in asked]
    assert [request.outcome for request in done] == [ledger.OK, ledger.OK]
    assert about(run.verdict(), checker.OVERLAP, slot.space_id)


@pytest.mark.parametrize("process", [*SERVICES, "mongod"])
def test_a_kill_of_each_process_makes_nothing_good_again(run: NaiveRun, process: str) -> None:
    before = checker.count(run.verdict())
    Injury(KILL, process).inflict(run.stack)
    run.await_told(until_booked(run))
    after = checker.count(run.verdict())
    assert all(after[kind] >= before[kind] for kind in checker.KINDS)


def until_booked(run: NaiveRun) -> Request:
    """Book again and again, a new slot each time, until it is acknowledged."""

    def booked() -> Request | None:
        done = run.create()
        return done if done.outcome == ledger.OK else None

    return until(booked, "an acknowledged booking", SECONDS)
