"""Histories on the real database: recorded with the change, read page by page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import bson
import pytest

from services.common import errors
from services.common.clock import FixedClock
from services.common.context import Caller
from services.common.encryption import Cipher, new_key
from services.common.history.changes import Change, differing
from services.common.history.steps import record_change
from services.common.history.store import HistoryStore
from services.common.history.wire import history_page, list_history
from services.common.lists import one_more
from services.common.storage.mongo import Database, Session
from tests.support.mongo import empty_database
from tests.support.stack import Server

NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)
TRAINER = Caller(id="trainer")


@dataclass(frozen=True)
class Course:
    id: str
    places: int
    version: int = 1
    kind: str = "course"

    @property
    def facts(self) -> dict[str, Any]:
        return {"places": self.places}


@dataclass(frozen=True)
class App:
    clock: FixedClock
    history: HistoryStore


@pytest.fixture
def store(database: Server) -> Iterator[Database]:
    yield from empty_database(database.uri)


@pytest.fixture
def app(store: Database) -> App:
    history = HistoryStore(store)
    history.ensure_indexes()
    return App(FixedClock(NOW), history)


def change_often(store: Database, app: App, times: int) -> None:
    def record(before: Course | None, after: Course) -> None:
        was = None if before is None else before.facts
        reason = None if before is None else "More people came"
        store.transact(lambda s: record_change(app, TRAINER, s, after, was, after.facts, reason))

    before = None
    for version in range(1, times + 1):
        after = Course("c", 9 + version, version)
        record(before, after)
        before = after


def test_an_entry_says_who_what_when_why_and_from_what_to_what(store: Database, app: App) -> None:
    change_often(store, app, 2)
    assert app.history.of("course/c", after=None, limit=10) == [
        Change(NOW, "trainer", "add", None, {"places": (None, 10)}, 1),
        Change(NOW, "trainer", "change", "More people came", {"places": (10, 11)}, 2),
    ]
    assert app.history.of("course/d", after=None, limit=10) == []


def test_a_change_that_fails_leaves_no_entry(store: Database, app: App) -> None:
    course = Course("c", 10)

    def fail(session: Session) -> None:
        record_change(app, TRAINER, session, course, None, course.facts, action="import")
        raise errors.Stale()

    with pytest.raises(errors.Stale):
        store.transact(fail)
    assert app.history.of("course/c", after=None, limit=10) == []


def test_it_is_read_page_by_page_in_wire_form(store: Database, app: App) -> None:
    change_often(store, app, 5)
    seen: list[int] = []
    after: list[Any] | None = None
    while True:
        query = list_history({"id": "c", "limit": 2, "after": after})
        found = app.history.of("course/c", after=query.after, limit=one_more(query.limit))
        page = history_page(found, query.limit)
        seen += [each["version"] for each in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert seen == [1, 2, 3, 4, 5]
    assert page["items"] == [
        {
            "at": "2027-03-01T09:00:00Z",
            "by": "trainer",
            "action": "change",
            "reason": "More people came",
            "changes": {"places": {"from": 13, "to": 14}},
            "version": 5,
        }
    ]


@pytest.mark.parametrize("after", [[], ["2"], [1, 2]])
def test_what_is_no_position_of_a_history_is_refused(after: list[Any]) -> None:
    with pytest.raises(errors.Malformed):
        list_history({"id": "c", "after": after})


def test_what_a_person_has_changed_is_found_by_an_index(store: Database, app: App) -> None:
    change_often(store, app, 2)
    (first, second) = app.history.changes_by("trainer")
    assert (first["subject"], first["action"], second["reason"]) == (
        "course/c",
        "add",
        "More people came",
    )
    assert app.history.changes_by("somebody") == []
    plan = store.collection("history").find({"by": "trainer"}).explain()
    assert "COLLSCAN" not in str(plan["queryPlanner"]["winningPlan"])


def test_only_what_differs_is_named() -> None:
    assert differing({"a": 1, "b": 2}, {"a": 1, "b": 3}) == {"b": (2, 3)}
    assert differing(None, {"a": 1, "b": None}) == {"a": (None, 1)}


def test_of_a_secret_subject_neither_values_nor_reasons_are_stored_as_they_are(
    store: Database, app: App
) -> None:
    cipher = Cipher(new_key())
    secret = App(
        app.clock, HistoryStore(store, lambda subject: cipher if "/c" in subject else None)
    )
    change_often(store, secret, 2)
    (stored, changed) = store.collection("history").find().sort("version")
    assert stored.keys().isdisjoint({"changes", "reason"})
    assert b"More people came" not in bson.encode(changed)
    assert [each.reason for each in secret.history.of("course/c", after=None, limit=9)] == [
        None,
        "More people came",
    ]
    assert [each["reason"] for each in secret.history.changes_by("trainer")] == [
        None,
        "More people came",
    ]
    store.transact(lambda session: secret.history.erase(session, "course/c"))
    (first, _) = secret.history.of("course/c", after=None, limit=9)
    assert (first.changes, first.reason) == ({}, None)
