"""What every service builds alike, on the real database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from services.common import errors
from services.common.app import Infrastructure, infrastructure, with_indexes
from services.common.storage import mongo
from services.common.storage.mongo import Database
from tests.support.mongo import empty_database
from tests.support.ports import free_port
from tests.support.stack import Server


class ThingStore:
    """A store of some service."""

    def __init__(self, database: Database) -> None:
        self.things = database.collection("things")

    def ensure_indexes(self) -> None:
        self.things.create_index("name", unique=True)


@dataclass(frozen=True, slots=True)
class App(Infrastructure):
    things: ThingStore
    greeting: str = "hello"


def app_on(database: Database) -> App:
    return App(**infrastructure(database, "things"), things=ThingStore(database))


@pytest.fixture
def store(database: Server) -> Iterator[Database]:
    yield from empty_database(database.uri)


def test_the_indexes_of_all_that_have_some_are_made(store: Database) -> None:
    app = with_indexes(app_on(store))
    with_indexes(app)
    assert "name_1" in app.things.things.index_information()
    for name in ("inbox_events", "outbox", "idempotency_keys", "deadlines"):
        assert len(store.collection(name).index_information()) > 1, name


def test_an_app_without_its_database_is_closed_and_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(mongo, "SELECTION_TIMEOUT_MS", 200)
    closed: list[Database] = []

    def close(database: Database) -> None:
        closed.append(database)

    monkeypatch.setattr(Database, "close", close)
    database = Database(f"mongodb://127.0.0.1:{free_port()}/?replicaSet=rs0", "away")
    with pytest.raises(errors.Unavailable):
        with_indexes(app_on(database))
    assert closed == [database]
    database.client.close()
