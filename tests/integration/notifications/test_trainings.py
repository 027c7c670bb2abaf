"""Events of trainings become messages to the people whom they concern, on the real database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from services.notifications.app import App
from services.notifications.domain.inbox import VISIBLE
from tests.support.notifications import an_app, arrive, two_members_of_hope, waiting
from tests.support.stack import Server
from tests.support.training_events import session_moved


@pytest.fixture
def app(database: Server) -> Iterator[App]:
    """The application when Sara, who reads Arabic, and Omar, who reads English, are known."""
    with an_app(database.uri) as built:
        arrive(built, *two_members_of_hope())
        yield built


def titles(app: App, person_id: str) -> list[str]:
    return [each.title for each in app.notifications.page(person_id, VISIBLE, limit=9, after=None)]


def texts_that_wait(app: App) -> list[str]:
    found = app.database.collection("deliveries").find({"due_at": {"$exists": True}})
    return sorted(each["text"]["title"] for each in found)


def test_everybody_with_a_seat_hears_of_a_session_that_moves(app: App) -> None:
    assert arrive(app, session_moved()) == {}
    assert titles(app, "sara") == ["تغيّر موعد جلسة أو مكانها: إدارة المشاريع، 24 تشرين الثاني 2026"]
    assert titles(app, "omar") == [
        "A session has another time or place: Project management, 24 November 2026"
    ]
    assert waiting(app) == 2


def test_an_event_that_comes_twice_makes_one_message(app: App) -> None:
    moved = session_moved()
    for _ in range(2):
        arrive(app, moved)
    assert len(titles(app, "sara")) == 1


def test_nobody_with_a_seat_is_no_reason_to_wait(app: App) -> None:
    assert arrive(app, session_moved(people=[])) == {}
    assert waiting(app) == 0
