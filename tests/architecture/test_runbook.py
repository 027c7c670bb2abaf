"""The pieces of Python that the runbook tells people to run do what it says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.common.clock import FixedClock
from services.common.context import SYSTEM
from services.common.contracts.bookings.events import BOOKING_CANCELLED
from services.common.events.envelope import CloudEvent
from services.common.events.event_log import FIRST_HASH, Entry, EventLog, chained
from services.common.events.outbox import Outbox
from services.common.ids import new_id
from services.common.rooms.requester import RoomRequests
from services.common.rooms.requests import Item
from services.common.signing_keys import ES256, SigningKeys
from services.common.storage.deadlines import BACKOFF, Deadline, DeadlineRunner, Deadlines
from services.common.storage.mongo import Database
from tests.architecture.project import ROOT
from tests.support.stack import Server

BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
ROOMS, VERIFY, ORGANISATIONS, SEND_AGAIN, FAILING, TOKEN_KEY = BLOCK.findall(
    (ROOT / "docs" / "runbook.md").read_text("utf-8")
)


@pytest.fixture
def log(database: Server) -> Iterator[tuple[EventLog, Database, str]]:
    """The log of bookings with three published events, its database and the prefix."""
    prefix = f"t{new_id()[-12:]}"
    branch = Database(database.uri, f"{prefix}_bookings")
    found = EventLog(branch)
    digest = FIRST_HASH
    entries = []
    for seq in (1, 2, 3):
        event = CloudEvent(
            id=new_id(),
            source="/masaha/bookings",
            type=BOOKING_CANCELLED.name,
            subject="b1",
            time=datetime(2026, 11, 23, 6, tzinfo=UTC),
            dataschema=BOOKING_CANCELLED.dataschema,
            data={"n": seq},
            aggregate_version=seq,
            actor_kind="person",
            sequence=seq,
        )
        digest = chained(digest, event)
        entries.append(Entry(seq, event, digest))
    branch.transact(lambda session: found.append(session, entries))
    found.published([1, 2, 3])
    yield found, branch, prefix
    branch.client.drop_database(f"{prefix}_bookings")
    branch.close()


NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)


def run(code: str, database: Server, prefix: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "MONGO_URI": database.uri, "DATABASE_PREFIX": prefix},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_verifying_prints_the_last_number_and_hash(
    log: tuple[EventLog, Database, str], database: Server
) -> None:
    found, _, prefix = log
    result = run(VERIFY, database, prefix)
    assert result.returncode == 0, result.stderr
    seq, digest = found.verify()
    assert result.stdout.splitlines()[0] == f"bookings {seq} {digest}"


def test_verifying_tells_of_an_entry_that_was_changed(
    log: tuple[EventLog, Database, str], database: Server
) -> None:
    _, branch, prefix = log
    branch.collection("event_log").update_one({"_id": 2}, {"$set": {"event.data.n": 9}})
    result = run(VERIFY, database, prefix)
    assert result.returncode != 0
    assert "LogBroken: entry 2 is not what was written" in result.stderr


def test_sending_again_leaves_every_entry_to_the_relay(
    log: tuple[EventLog, Database, str], database: Server
) -> None:
    found, _, prefix = log
    assert found.pending(10) == []
    result = run(SEND_AGAIN, database, prefix)
    assert result.returncode == 0, result.stderr
    assert [entry.seq for entry in found.pending(10)] == [1, 2, 3]


def test_only_what_is_about_organisations_is_sent_again(database: Server) -> None:
    prefix = f"t{new_id()[-12:]}"
    gateway = Database(database.uri, f"{prefix}_gateway")
    types = ("person.registered", "organisation.registered", "membership.granted")
    gateway.collection("event_log").insert_many(
        {"_id": seq, "event": {"type": f"identity.{name}"}}
        for seq, name in enumerate((*types, "organisation.suspended"), start=1)
    )
    result = run(ORGANISATIONS, database, prefix)
    pending = gateway.collection("event_log").find({"pending": True}).sort("_id", 1)
    sent = [entry["_id"] for entry in pending]
    gateway.client.drop_database(f"{prefix}_gateway")
    gateway.close()
    assert result.returncode == 0, result.stderr
    assert (result.stdout.split(), sent) == (["2"], [2, 4])


def test_what_keeps_failing_is_listed_with_its_attempts(
    log: tuple[EventLog, Database, str], database: Server
) -> None:
    _, branch, prefix = log
    clock = FixedClock(NOW)
    deadlines = Deadlines(branch, clock, new_id)
    branch.transact(lambda session: deadlines.set(session, "remind", "b1", NOW))

    def fail(_deadline: Deadline) -> None:
        raise RuntimeError

    runner = DeadlineRunner("bookings", deadlines, {"remind": fail}, clock)
    for pause in BACKOFF:
        assert runner.step()
        clock.advance(pause)
    # New, and due by now: it has not failed.
    branch.transact(lambda session: deadlines.set(session, "remind", "b2", NOW))
    notifications = Database(database.uri, f"{prefix}_notifications")
    mail = {"due_at": NOW, "queued_at": NOW}
    notifications.collection("deliveries").insert_many(
        [
            {"_id": "new", **mail},
            {"_id": "failing", **mail, "claims": 7},
            {"_id": "over", "queued_at": NOW},
        ]
    )
    result = run(FAILING, database, prefix)
    notifications.client.drop_database(f"{prefix}_notifications")
    notifications.close()
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines() == [
        f"bookings remind|b1 {len(BACKOFF)} {clock.now()}",
        f"notifications failing 7 {NOW}",
    ]


def test_every_request_for_rooms_is_told_anew_after_a_restore(database: Server) -> None:
    prefix = f"t{new_id()[-12:]}"
    branch = Database(database.uri, f"{prefix}_trainings")
    clock = FixedClock(NOW)
    outbox = Outbox(branch, clock, new_id)
    deadlines = Deadlines(branch, clock, new_id)
    rooms = RoomRequests("trainings", branch, outbox, deadlines, clock, new_id)
    for each in (outbox, deadlines, rooms):
        each.ensure_indexes()
    starts_at = NOW + timedelta(days=7)
    item = Item("one", "raqqa", starts_at, starts_at + timedelta(hours=1), people=5)
    branch.transact(
        lambda session: rooms.request_rooms(session, "c1", {"ar": "جلسة"}, [item], SYSTEM)
    )
    assert run(ROOMS, database, prefix).returncode == 0
    request = rooms.of("c1")
    assert request is not None
    assert (request.request_version, request.items) == (2, (item,))
    branch.client.drop_database(branch.collection("outbox").database.name)
    branch.close()


def test_a_new_key_of_tokens_signs_and_the_old_one_still_verifies(
    tmp_path: Path, database: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = SigningKeys(tmp_path, ES256)
    before = keys.newest.kid
    monkeypatch.setenv("JWT_KEYS_DIR", str(tmp_path))
    result = run(TOKEN_KEY, database, "unused")
    assert result.returncode == 0, result.stderr
    assert keys.changed()
    assert keys.newest.kid == Path(result.stdout.strip()).stem != before
    assert {key.kid for key in keys.all.keys} == {before, keys.newest.kid}
