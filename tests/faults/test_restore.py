"""The restore drill: backed up under load, destroyed, put back, and at work again.

`python -m pytest -s tests/faults/test_restore.py` prints how long each part took.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from kombu import Connection, Exchange, Queue

from deploy.local import people
from deploy.local.settings import ROOT
from deploy.setup.archive import Manifest, read_manifest
from services.common.events.event_log import EventLog
from services.common.storage.mongo import Database
from tests.faults.doors import HttpDoor
from tests.faults.evidence import CONSUMER, PUBLISHERS, Witness, members
from tests.faults.workload import Shared, Workload, slots
from tests.support import broker, checker
from tests.support.ledger import OK, Ledger
from tests.support.stack import BROKER, DATABASE, Server, Stack

pytestmark = pytest.mark.alone

CLIENTS = ("member-other", "member-tabqa", "representative")
ENOUGH = 20  # requests answered in each part
SECONDS = 60
QUIET_SECONDS = 120
OUTSIDER = "registry.events.v1"
CASE = {
    "kind_id": "legal",
    "organisation_id": "euphrates-development",
    "centre_id": "raqqa",
    "title": "نزاع على عقد",
    "description": "وصلنا إنذار من المؤجر.",
    "form": {"edition": 1, "answers": {"urgent": "days"}},
}


class Drill:
    """A system that is to be lost, and what was answered by it."""

    def __init__(self, stack: Stack, folder: Path) -> None:
        self.stack = stack
        self.folder = folder
        self.chance = random.Random(folder.name)
        seed = json.loads((ROOT / "deploy" / "seed" / "spaces.json").read_text("utf-8"))
        self.shared = Shared(slots(seed, self.chance, datetime.now(UTC)))
        self.server = Server(stack.amqp_uri, "rabbitmq", stack)

    @contextmanager
    def work(self, name: str) -> Iterator[Workload]:
        """People book, move and cancel for as long as the block lasts."""
        url = self.stack.gateway_url
        persons = [people.person(each) for each in CLIENTS]
        doors = [(person, HttpDoor(url, person), HttpDoor(url, person)) for person in persons]
        ledger = Ledger(self.folder / f"{name}.jsonl")
        workload = Workload(
            doors, self.shared, ledger, seed=self.chance.randrange(10**6), per_second=5
        )
        workload.start()
        try:
            workload.await_settled(ENOUGH, SECONDS)
            yield workload
        finally:
            workload.stop()
            ledger.close()
        assert not workload.defects

    def run(self, *words: str) -> str:
        """`python -m` with these words and the settings of the system; what it prints."""
        done = subprocess.run(
            [sys.executable, "-m", *words],
            cwd=ROOT,
            env={**os.environ, **self.stack.environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def member(self) -> httpx.Client:
        """A member of the organisation that has the case."""
        person = people.person("member")
        client = httpx.Client(base_url=self.stack.gateway_url, timeout=20)
        credentials = {"email": person.email, "password": person.password}
        answer = client.post("/v1/auth/token", json={"grant_type": "password", **credentials})
        client.headers["Authorization"] = (
            f"Bearer {answer.raise_for_status().json()['access_token']}"
        )
        return client

    def outsiders_events(self) -> dict[int, bytes]:
        """What another system has got of bookings, by number; they are taken out of its queue."""
        found: dict[int, bytes] = {}
        with Connection(self.stack.amqp_uri) as connection:
            queue = Queue(OUTSIDER, channel=connection.channel())
            while message := queue.get(no_ack=True):
                body = (
                    bytes(message.body, "utf-8") if isinstance(message.body, str) else message.body
                )
                found[int(json.loads(body)["sequence"])] = bytes(body)
        return found


@pytest.fixture
def drill(tmp_path: Path) -> Iterator[Drill]:
    """A whole system of this test's own, with a queue of another system."""
    stack = Stack(tmp_path / "stack", environ={"MAIL_PER_SECOND": "1000"})
    stack.up()
    with Connection(stack.amqp_uri) as connection:
        events = Exchange("masaha.events", "topic", durable=True, no_declare=True)
        arguments = {"x-queue-type": "quorum"}
        Queue(
            OUTSIDER, events, "bookings.#", channel=connection.channel(), queue_arguments=arguments
        ).declare()
    yield Drill(stack, tmp_path)
    stack.down()


@pytest.mark.timeout(400)
def test_what_was_backed_up_under_load_comes_back_whole_and_goes_on(drill: Drill) -> None:
    stack, folder = drill.stack, drill.folder
    with closing(drill.member()) as member:
        headers = {"Idempotency-Key": "the-case"}
        case = member.post("/v1/cases", json=CASE, headers=headers).raise_for_status()
    begun = time.monotonic()
    took: dict[str, float] = {}

    def lap(name: str) -> None:
        took[name] = round(time.monotonic() - begun - sum(took.values()), 1)
        print(f"\n{name}: {took[name]} s", end="", flush=True)

    with drill.work("before") as workload:
        sure = [each for each in workload.settled if each.outcome == OK]
        drill.run("deploy.setup", "backup", "data", str(folder / "data"))
        # After the data: a key is made before its case is stored.
        drill.run("deploy.setup", "backup", "case-keys", str(folder / "keys"))
        broker.control(drill.server, "export_definitions", str(folder / "broker.json"))
        workload.await_settled(ENOUGH, SECONDS)
    lap("back up under load")
    witness = Witness(stack)
    witness.await_quiet(QUIET_SECONDS)
    seen_outside = drill.outsiders_events()
    witness.close()
    lap("what was under way")

    stack.down()
    shutil.rmtree(stack.settings.folder / "mongo")
    shutil.rmtree(stack.settings.folder / "rabbitmq" / "data")
    lap("destroy")

    servers = Stack(stack.settings.folder, stack.settings.port_base, only=(*BROKER, *DATABASE))
    servers.up()
    try:
        # Its port answers a moment before all of it runs.
        broker.control(drill.server, "await_startup")
        broker.control(drill.server, "import_definitions", str(folder / "broker.json"))
        drill.run("deploy.setup", "restore", "data", str(folder / "data"))
        drill.run("deploy.setup", "restore", "case-keys", str(folder / "keys"))
        lap("restore")
        manifest = read_manifest(folder / "data")
        check_logs(stack, manifest)
        check_what_was_sure(stack, sure)
    finally:
        servers.down()
    stack.up(seed=False)
    lap("check and start")

    ends = {each.service: each.seq for each in manifest.logs if each.log == "event_log"}
    witness = Witness(stack)
    witness.await_quiet(QUIET_SECONDS)
    check_invariants(witness)
    check_audits(drill)
    lap("invariants")

    # The other system has more than the centre.
    assert max(seen_outside) > ends["bookings"], "nothing was published after the backup"
    with drill.work("after"):
        pass
    witness.await_quiet(QUIET_SECONDS)
    entries = witness.documents("bookings", "event_log")
    assert len(entries) > ends["bookings"]
    kept = {entry["_id"]: entry["event"]["id"] for entry in entries}
    same = {seq for seq, body in seen_outside.items() if json.loads(body)["id"] == kept.get(seq)}
    # Up to the end of the backup both have the same. Beyond it all that waited in the outbox is
    # said again, and what is lost has its number given to another event.
    assert same >= {seq for seq in seen_outside if seq <= ends["bookings"]}
    assert seen_outside.keys() - same
    # Its queue is back, and has everything again, in the log's own bytes.
    again = drill.outsiders_events()
    assert sorted(again) == sorted(kept)
    assert all(again[seq] == seen_outside[seq] for seq in same)
    check_invariants(witness)
    witness.close()
    with closing(drill.member()) as member:
        read = member.get(case.headers["Location"]).raise_for_status()
        assert read.json()["description"] == CASE["description"]
        repeated = member.post("/v1/cases", json=CASE, headers=headers)
        assert repeated.json()["id"] == case.json()["id"]
    lap("resume work")
    print(f"\nthe drill: {sum(took.values()):.0f} s", flush=True)


def check_logs(stack: Stack, manifest: Manifest) -> None:
    """Each log ends where the backup says, and its chain holds."""
    found = {}
    for service in PUBLISHERS:
        database = Database(stack.mongo_uri, f"masaha_{service}")
        found[service] = EventLog(database).verify()
        database.close()
    assert found == {
        each.service: (each.seq, each.hash) for each in manifest.logs if each.log == "event_log"
    }
    assert found["bookings"][0] > 0


def check_what_was_sure(stack: Stack, sure: list[Any]) -> None:
    """What was acknowledged before the backup began is in it."""
    witness = Witness(stack)
    lost = checker.check_answers(sure, witness.documents("bookings", "bookings"))
    witness.close()
    assert sure
    assert [each for each in lost if each.kind == checker.LOST] == []


def check_audits(drill: Drill) -> None:
    """The commands with which the branches recompute their rules find nothing."""
    for branch in ("bookings", "trainings", "consultations"):
        assert drill.run(f"services.{branch}", "audit").startswith("0 differences")


def check_invariants(witness: Witness) -> None:
    """Bookings, their events and the messages about them, as the checker reckons them."""
    bookings = witness.documents("bookings", "bookings")
    entries = witness.documents("bookings", "event_log")
    notes = [note["_id"] for note in witness.documents("notifications", "inbox_events")]
    messages = [
        each
        for each in witness.documents("notifications", "notifications")
        if each["event_type"].startswith("bookings.")
    ]
    violations = [
        *checker.check_histories(bookings),
        *checker.check_overlaps(bookings, witness.documents("bookings", "spaces")),
        *checker.check_events(bookings, entries),
        *checker.check_notes(entries, notes, CONSUMER),
        *checker.check_notifications(entries, messages, members()),
        *witness.check_logs(),
    ]
    assert violations == []
