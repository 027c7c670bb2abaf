"""The password of a service's user at the database is changed while its process works."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from pymongo import MongoClient

from deploy.database import roles_of
from deploy.local import mongodb, processes
from services.common import errors
from services.common.ids import new_id
from services.common.storage.mongo import Database, Session, reason_away
from tests.support.awaiting import until
from tests.support.stack import Server


@pytest.fixture
def operator(database: Server) -> Iterator[MongoClient[dict[str, Any]]]:
    """Who changes it; the user is as before when the test has ended."""
    with MongoClient[dict[str, Any]](database.uri) as client:
        yield client
        client.admin.command("dropUser", "bookings")
        assert mongodb.why_not_ready(database.stack.settings) is None
        roles = client.admin.command("usersInfo", "bookings")["users"][0]["roles"]
        assert sorted(roles, key=str) == sorted(roles_of("bookings"), key=str)


@pytest.fixture
def store(database: Server) -> Iterator[Database]:
    found = Database(processes.mongo_uri(database.stack.settings, "bookings"), "masaha_bookings")
    yield found
    found.close()


def test_open_connections_stay_and_a_new_one_is_refused_as_unavailable(
    database: Server, operator: MongoClient[dict[str, Any]], store: Database
) -> None:
    things = store.collection(f"things_{new_id()[-12:]}")

    def save(session: Session) -> None:
        things.insert_one({"_id": new_id()}, session=session)

    store.transact(save)
    operator.admin.command("updateUser", "bookings", pwd="another")
    store.transact(save)
    assert things.count_documents({}) == 2

    # While one connection is at work, a second piece of work needs another one, which the old
    # password does not open any more.
    slow = {"$where": "for (const began = Date.now(); Date.now() < began + 1000; ); return true"}

    def ask_slowly() -> None:
        # The driver gives up all its connections when a new one is refused.
        with contextlib.suppress(errors.Unavailable):
            store.transact(lambda session: things.find_one(slow, session=session))

    holder = threading.Thread(target=ask_slowly)
    holder.start()
    try:
        running = {"ns": f"masaha_bookings.{things.name}", "op": "query"}
        until(
            lambda: list(
                operator.admin.aggregate([{"$currentOp": {"allUsers": True}}, {"$match": running}])
            ),
            "the slow question to run",
        )
        with pytest.raises(errors.Unavailable):
            store.transact(save)
    finally:
        holder.join()
    kept = operator["masaha_bookings"][things.name]
    assert kept.count_documents({}) == 2
    kept.drop()


def test_a_process_that_starts_with_the_old_password_says_so_and_waits(
    database: Server, operator: MongoClient[dict[str, Any]], store: Database
) -> None:
    operator.admin.command("updateUser", "bookings", pwd="another")
    reason = reason_away(store)
    assert reason is not None
    assert "another" not in reason
    with pytest.raises(errors.Unavailable):
        store.transact(lambda session: store.collection("things").find_one({}, session=session))
    # With the new one everything is there.
    other = Database(
        f"mongodb://bookings:another@127.0.0.1:{database.stack.settings.port(mongodb.PORT)}"
        f"/?replicaSet={mongodb.REPLICA_SET}&authSource=admin",
        "masaha_bookings",
    )
    try:
        assert reason_away(other) is None
    finally:
        other.close()
