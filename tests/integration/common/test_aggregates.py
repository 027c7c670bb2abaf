"""Aggregates on the real database: one is read, added, saved; a list goes on after a position."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import pytest

from services.common import errors
from services.common.storage import mongo
from services.common.storage.aggregates import Aggregates
from services.common.storage.mongo import Database
from tests.support.mongo import empty_database
from tests.support.ports import free_port
from tests.support.stack import Server


@dataclass(frozen=True)
class Thing:
    id: str
    rank: int = 0
    version: int = 1


def things_in(database: Database) -> Aggregates[Thing]:
    return Aggregates(database.collection("things"), Thing)


@pytest.fixture
def store(database: Server) -> Iterator[Database]:
    yield from empty_database(database.uri)


@pytest.fixture
def things(store: Database) -> Aggregates[Thing]:
    return things_in(store)


def add(store: Database, things: Aggregates[Thing], *new: Thing) -> None:
    def work(session: mongo.Session) -> None:
        for each in new:
            things.add(session, each)

    store.transact(work)


def test_what_was_added_is_read(store: Database, things: Aggregates[Thing]) -> None:
    add(store, things, Thing("a", 3))
    assert things.get("a") == Thing("a", 3)
    assert store.transact(lambda session: things.get("a", session)) == Thing("a", 3)
    assert things.first({"rank": 3}, fields={"rank": 0}) == Thing("a", 0)


def test_what_there_is_not_is_not_found(store: Database, things: Aggregates[Thing]) -> None:
    assert things.look_up("b") is None
    for session in (None, "transaction"):
        with pytest.raises(errors.NotFound):
            if session is None:
                things.get("b")
            else:
                store.transact(lambda s: things.get("b", s))


def test_a_change_takes_the_place_of_the_version_it_was_made_from(
    store: Database, things: Aggregates[Thing]
) -> None:
    add(store, things, Thing("a"))
    after = replace(Thing("a"), rank=1, version=2)
    store.transact(lambda session: things.save(session, after, 1))
    assert things.page() == [after]


@pytest.mark.parametrize("changed", ["a", "nothing"])
def test_of_another_version_or_of_nothing_it_is_stale(
    store: Database, things: Aggregates[Thing], changed: str
) -> None:
    before = Thing("a", version=2)
    add(store, things, before)
    with pytest.raises(errors.Stale):
        store.transact(lambda session: things.save(session, Thing(changed, 1, 2), 1))
    assert things.page() == [before]


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("limit", [1, 2, 3, 4])
def test_pages_hold_all_of_a_list_once_though_ranks_are_equal(
    store: Database, things: Aggregates[Thing], limit: int, descending: bool
) -> None:
    ranks = {"a": 2, "b": 1, "c": 2, "d": 1, "e": 2, "f": 3, "g": 1}
    add(store, things, *(Thing(key, rank) for key, rank in ranks.items()))
    found: list[Thing] = []
    after = None
    while page := things.page(
        {"rank": {"$lt": 3}},
        None,
        order=("rank", "_id"),
        descending=descending,
        after=after,
        limit=limit,
    ):
        assert len(page) <= limit
        found += page
        after = (page[-1].rank, page[-1].id)
    positions = [(each.rank, each.id) for each in found]
    assert len(found) == 6
    assert all((one > two) is descending for one, two in pairwise(positions))


def test_a_list_by_id_goes_on_after_an_id(store: Database, things: Aggregates[Thing]) -> None:
    add(store, things, *map(Thing, "cab"))
    assert [each.id for each in things.page(after="a", limit=5)] == ["b", "c"]
    assert [each.id for each in things.page(after="c", descending=True)] == ["b", "a"]


def test_a_database_that_is_away_is_told_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mongo, "SELECTION_TIMEOUT_MS", 200)
    database = Database(f"mongodb://127.0.0.1:{free_port()}/?replicaSet=rs0", "away")
    things = things_in(database)
    for read in (lambda: things.get("a"), things.page):
        with pytest.raises(errors.Unavailable):
            read()
    database.close()
