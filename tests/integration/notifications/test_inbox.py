"""A person's inbox on the real database: own messages only, newest first, changed once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from services.common import errors
from services.common.context import VISITOR, Call
from services.common.contracts.notifications import rpc
from services.common.lists import Position, after_time
from services.notifications import schemas
from services.notifications.app import App
from services.notifications.domain.inbox import State
from services.notifications.operations import inbox
from services.notifications.schemas import ChangeNotification, ListInbox
from tests.support.notifications import (
    NOW,
    an_app,
    arrive,
    confirmed,
    signed_in,
    two_members_of_hope,
)
from tests.support.stack import Server

SARA = Call(signed_in("sara"))
OMAR = Call(signed_in("omar"))


@pytest.fixture
def app(database: Server) -> Iterator[App]:
    with an_app(database.uri) as built:
        arrive(built, *two_members_of_hope())
        yield built


def some_messages(app: App, count: int) -> None:
    """As many bookings, three to each instant."""
    arrive(app, *(confirmed(at=NOW + timedelta(seconds=n // 3)) for n in range(count)))


def listed(app: App, state: State | None = None, after: Position | None = None) -> inbox.Inbox:
    return inbox.find(app, SARA, ListInbox(state, 4, after_time(after)))


def test_pages_are_newest_first_and_meet_without_gap_or_overlap(app: App) -> None:
    some_messages(app, 10)
    seen = []
    after: Position | None = None
    while True:
        found = listed(app, after=after)
        seen += found.page.items
        if found.page.next is None:
            break
        after = schemas.inbox(found)["next"]
    assert len({n.id for n in seen}) == len(seen) == 10
    assert [(n.created_at, n.id) for n in seen] == sorted(
        ((n.created_at, n.id) for n in seen), reverse=True
    )


def test_a_page_that_is_just_full_has_no_next(app: App) -> None:
    some_messages(app, 4)
    assert listed(app).page.next is None


def test_unread_is_counted_and_falls_when_read(app: App) -> None:
    some_messages(app, 6)
    first = listed(app)
    assert first.unread == 6
    read = inbox.mark_read(app, SARA, ChangeNotification(first.page.items[0].id, 1))
    assert (read.state, read.version) == (State.READ, 2)
    assert listed(app).unread == 5
    assert inbox.find(app, OMAR, ListInbox(None, 10, None)).unread == 6


def test_archived_messages_are_listed_only_when_asked_for(app: App) -> None:
    some_messages(app, 3)
    newest = listed(app).page.items[0]
    inbox.archive(app, SARA, ChangeNotification(newest.id, 1))
    assert newest.id not in [n.id for n in listed(app).page.items]
    assert [n.id for n in listed(app, State.ARCHIVED).page.items] == [newest.id]
    assert len(listed(app, State.UNREAD).page.items) == 2
    assert listed(app, State.READ).page.items == []


def test_a_stale_version_changes_nothing(app: App) -> None:
    some_messages(app, 1)
    [notice] = listed(app).page.items
    inbox.mark_read(app, SARA, ChangeNotification(notice.id, 1))
    with pytest.raises(errors.Stale):
        inbox.archive(app, SARA, ChangeNotification(notice.id, 1))
    assert inbox.get(app, SARA, notice.id).state is State.READ


def test_a_change_between_look_and_write_is_stale(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    some_messages(app, 1)
    [notice] = listed(app).page.items
    inbox.mark_read(app, SARA, ChangeNotification(notice.id, 1))
    monkeypatch.setattr(type(app.notifications), "get", lambda *_: notice)
    with pytest.raises(errors.Stale):
        inbox.archive(app, SARA, ChangeNotification(notice.id, 1))


def test_doing_it_again_is_no_error_and_no_change(app: App) -> None:
    some_messages(app, 1)
    [notice] = listed(app).page.items
    archived = inbox.archive(app, SARA, ChangeNotification(notice.id, 1))
    assert inbox.archive(app, SARA, ChangeNotification(notice.id, 2)) == archived
    assert inbox.mark_read(app, SARA, ChangeNotification(notice.id, 2)) == archived


def test_someone_elses_message_is_not_there(app: App) -> None:
    some_messages(app, 1)
    [notice] = listed(app).page.items
    with pytest.raises(errors.NotFound):
        inbox.get(app, OMAR, notice.id)
    with pytest.raises(errors.NotFound):
        inbox.mark_read(app, OMAR, ChangeNotification(notice.id, 1))
    with pytest.raises(errors.NotFound):
        inbox.get(app, SARA, "no-such-message")
    assert inbox.get(app, SARA, notice.id).version == 1


def test_a_visitor_has_no_inbox(app: App) -> None:
    with pytest.raises(errors.Unauthenticated):
        inbox.find(app, Call(VISITOR), ListInbox(None, 1, None))


def test_what_goes_out_is_what_the_contract_says(app: App) -> None:
    some_messages(app, 5)
    wire = schemas.inbox(listed(app))
    assert rpc.NotificationList().validate(wire) == {}
    assert not set(wire["items"][0]) ^ set(rpc.Notification().fields)


@pytest.mark.parametrize("states", [["unread"], ["unread", "read"], ["archived"]])
def test_lists_are_read_from_an_index_in_its_order(app: App, states: list[str]) -> None:
    some_messages(app, 9)
    position = listed(app).page.next
    assert position is not None
    plan = (
        app.database.collection("notifications")
        .find(
            {
                "recipient_id": "sara",
                "state": {"$in": states},
                "created_at": {"$lte": position[0]},
                "$or": [{"created_at": {"$lt": position[0]}}, {"_id": {"$lt": position[1]}}],
            }
        )
        .sort([("created_at", -1), ("_id", -1)])
        .limit(5)
        .explain()["queryPlanner"]["winningPlan"]
    )
    stages = set(_stages(plan))
    assert "COLLSCAN" not in stages
    assert "SORT" not in stages


def _stages(plan: dict[str, Any]) -> Iterator[str]:
    yield plan.get("stage", "")
    for below in [plan.get("inputStage"), *plan.get("inputStages", ()), plan.get("queryPlan")]:
        if below:
            yield from _stages(below)
