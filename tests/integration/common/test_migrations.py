"""What is stored changes its form while others work on it, and nobody works on what it does not
know."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest

from deploy.local.settings import ROOT
from services.common.ids import new_id
from services.common.runtime import WRONG_SETTING
from services.common.storage.migrations import (
    BATCH,
    COLLECTION,
    RESTORING,
    Beat,
    Migration,
    UnknownData,
    check_data_version,
    run_migrations,
)
from services.common.storage.mongo import Database
from services.common.version import DATA_VERSION
from tests.support.awaiting import until
from tests.support.migrating.migrations import MIGRATIONS, OLD_FORM
from tests.support.ports import free_port
from tests.support.stack import Server

PLACES = 6 * BATCH


@pytest.fixture
def prefix(database: Server) -> Iterator[str]:
    """Of the databases of one test."""
    prefix = f"t{new_id()[-12:]}"
    yield prefix
    client = Database(database.uri, prefix).client
    for name in client.list_database_names():
        if name.startswith(prefix):
            client.drop_database(name)
    client.close()


@pytest.fixture
def places(database: Server, prefix: str) -> Iterator[Database]:
    """A database of the release before."""
    found = Database(database.uri, f"{prefix}_migrating")
    found.collection("places").insert_many(
        [{"_id": f"p{n}", "name": f"قاعة {n}", "visits": 0} for n in range(PLACES)]
    )
    yield found
    found.close()


def environ(database: Server, prefix: str) -> dict[str, str]:
    return {
        **os.environ,
        "JWT_KEYS_DIR": str(database.stack.settings.folder / "keys-of-migrations"),
        "MONGO_URI": database.uri,
        "DATABASE_PREFIX": prefix,
        "AMQP_URI": f"amqp://nobody:nothing@127.0.0.1:{free_port()}/",
        "GATEWAY_BIND": f"127.0.0.1:{free_port()}",
        "CURSOR_SECRET": "cursors of this test run",
    }


def run(database: Server, prefix: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-m", *words],
        cwd=ROOT,
        env=environ(database, prefix),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


class Writers:
    """Processes of two releases that go on meanwhile: each counts visits, and adds places."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._over = threading.Event()
        self._threads = [
            threading.Thread(target=self._write, args=(new,)) for new in (False, False, True)
        ]
        self.visits: list[str] = []
        self.added: list[str] = []

    def __enter__(self) -> Writers:
        for each in self._threads:
            each.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for each in self._threads:
            each.join()

    def await_more(self) -> None:
        enough = len(self.added) + 20
        until(lambda: len(self.added), "places", enough=lambda count: count >= enough)

    def _write(self, new: bool) -> None:
        places = self._database.collection("places")
        while not self._over.is_set():
            visited, made = f"p{random.randrange(PLACES)}", new_id()
            place: dict[str, Any] = {"_id": made, "name": made, "visits": 0}
            if new:
                place["names"] = {"ar": made}

            def work(session: Any, visited: str = visited, place: dict[str, Any] = place) -> None:
                places.update_one({"_id": visited}, {"$inc": {"visits": 1}}, session=session)
                places.insert_one(place, session=session)

            self._database.transact(work)
            self.visits.append(visited)
            self.added.append(made)


def test_a_migration_that_is_killed_beside_writers_ends_the_next_time(
    places: Database, database: Server, prefix: str
) -> None:
    stored = places.collection("places")
    with Writers(places) as writers:
        writers.await_more()
        killed = subprocess.Popen(
            [sys.executable, "-m", "tests.support.migrating", "stuck"],
            cwd=ROOT,
            env=environ(database, prefix),
        )
        try:
            until(
                lambda: stored.count_documents({"names": {"$exists": True}}),
                "some of it",
                30,
                enough=lambda count: count >= 2 * BATCH,
            )
        finally:
            killed.send_signal(signal.SIGKILL)
            killed.wait()
        assert stored.count_documents(OLD_FORM) > 0
        # Another one is there at once, and waits for the lease of the dead one.
        done = run(database, prefix, "tests.support.migrating", "migrate")
        assert (done.returncode, done.stderr) == (0, "")
        assert "1 migrations ran." in done.stdout
        assert stored.count_documents({"_id": {"$regex": "^p"}, **OLD_FORM}) == 0
        writers.await_more()
    # The old processes have gone, and so has the old form with one more run.
    assert run(database, prefix, "tests.support.migrating", "migrate").returncode == 0
    again = run(database, prefix, "tests.support.migrating", "migrate")
    assert again.stdout.splitlines()[0] == "places.names: 0 documents changed."
    found = list(stored.find())
    assert len(found) == PLACES + len(writers.added)
    assert all(each["names"] == {"ar": each["name"]} for each in found)
    assert sum(each["visits"] for each in found) == len(writers.visits)


def test_two_that_start_at_once_run_one_after_the_other(places: Database) -> None:
    inside, most = [0], [0]
    lock = threading.Lock()

    def migrate(_database: Database, beat: Beat) -> int:
        with lock:
            inside[0] += 1
            most[0] = max(most[0], inside[0])
        beat()
        with lock:
            inside[0] -= 1
        return 0

    only = [Migration("one", DATA_VERSION, migrate)]
    threads = [threading.Thread(target=run_migrations, args=(places, only)) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert most == [1]
    (noted,) = places.collection(COLLECTION).find()
    assert noted["started_at"] <= noted["finished_at"]


def test_what_an_earlier_release_brought_is_finished_for_good(places: Database) -> None:
    ran: list[str] = []

    def named(name: str, version: int) -> Migration:
        def migrate(_database: Database, _beat: Beat) -> int:
            ran.append(name)
            return 0

        return Migration(name, version, migrate)

    both: Sequence[Migration] = [named("newer", 2), named("older", 1)]
    for _ in range(2):
        run_migrations(places, both, known=2)
    assert ran == ["older", "newer", "newer"]


def test_a_migration_that_fails_is_not_finished(places: Database) -> None:
    def migrate(_database: Database, _beat: Beat) -> int:
        raise RuntimeError("a defect")

    with pytest.raises(RuntimeError):
        run_migrations(places, [Migration("one", DATA_VERSION, migrate)])
    noted = places.collection(COLLECTION).find_one({"_id": "one"})
    assert noted is not None
    assert "finished_at" not in noted
    # The lease is free: the next one need not wait.
    assert run_migrations(places, MIGRATIONS, lease=timedelta(days=1))


def test_data_of_one_release_more_are_worked_with_and_of_two_are_not(places: Database) -> None:
    check_data_version(places)
    notes = places.collection(COLLECTION)
    notes.insert_one({"_id": "next", "data_version": DATA_VERSION + 1})
    check_data_version(places)
    notes.insert_one({"_id": "after that", "data_version": DATA_VERSION + 2})
    with pytest.raises(UnknownData, match=f"version {DATA_VERSION + 2}"):
        check_data_version(places)


@pytest.mark.parametrize(
    ("database_of", "words"),
    [
        ("bookings", ["services.bookings", "service"]),
        ("bookings", ["services.bookings", "worker"]),
        ("bookings", ["services.bookings", "migrate"]),
        ("gateway", ["gateway", "worker"]),
        ("gateway", ["gunicorn", "-c", "gateway/gunicorn.conf.py", "gateway.wsgi:app"]),
    ],
)
@pytest.mark.parametrize("what", ["too new", "being put back"])
def test_a_process_refuses_data_that_it_does_not_know_with_one_sentence(
    database: Server, prefix: str, database_of: str, words: list[str], what: str
) -> None:
    found = Database(database.uri, f"{prefix}_{database_of}")
    if what == "too new":
        notes = found.collection(COLLECTION)
        notes.insert_one({"_id": "later", "data_version": DATA_VERSION + 2})
    else:
        found.collection(RESTORING).insert_one({"_id": "since", "backup": "monday"})
    found.close()
    done = run(database, prefix, *words)
    # Gunicorn has an exit code of its own, and says more.
    assert done.returncode == (WRONG_SETTING if words[0] != "gunicorn" else 3), done.stderr
    said = [
        line for line in done.stderr.splitlines() if line.startswith(f"{prefix}_{database_of} ")
    ]
    assert len(said) == 1, done.stderr
    assert "Traceback" not in done.stderr
