"""Events of trainings become messages to the people whom they concern, on the real database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from services.common.contracts.trainings import events as trainings
from services.common.events.envelope import CloudEvent
from services.common.ids import new_id
from services.notifications.app import App
from services.notifications.domain.inbox import VISIBLE
from tests.support.notifications import (
    NOW,
    an_app,
    arrive,
    person,
    send_due,
    two_members_of_hope,
    waiting,
)
from tests.support.stack import Server
from tests.support.training_events import (
    APPLICATION,
    application,
    assignment,
    declined,
    enrolled,
    feedback_asked,
    nominee,
    off,
    offer_shortened,
    offered,
    review_assigned,
    session_moved,
    submitted,
    task_opened,
    waitlisted,
)


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


def test_a_trainer_hears_of_another_room_at_the_same_time(app: App) -> None:
    arrive(app, session_moved(people=["sara"], trainers=["omar"]))
    assert len(titles(app, "omar")) == len(titles(app, "sara")) == 1


def test_an_event_that_comes_twice_makes_one_message(app: App) -> None:
    moved = session_moved()
    for _ in range(2):
        arrive(app, moved)
    assert len(titles(app, "sara")) == 1


def test_nobody_with_a_seat_is_no_reason_to_wait(app: App) -> None:
    assert arrive(app, session_moved(people=[])) == {}
    assert waiting(app) == 0


def test_an_applicant_hears_of_each_step_in_the_order_of_the_facts(app: App) -> None:
    for minute, step in enumerate((submitted(), waitlisted(), offered(), enrolled())):
        assert arrive(app, replace(step, time=NOW + timedelta(minutes=minute))) == {}
    assert titles(app, "sara") == [
        "تم الالتحاق بالدورة: إدارة المشاريع",
        "عرض مقعد: إدارة المشاريع",
        "طلبكم في قائمة الانتظار: إدارة المشاريع",
        "وصل طلب المشاركة: إدارة المشاريع",
    ]
    assert titles(app, "omar") == []


@pytest.mark.parametrize(
    "end",
    [
        enrolled(),
        application(trainings.APPLICATION_OFFER_EXPIRED, 4, actor_kind="system"),
        application(trainings.APPLICATION_OFFER_DECLINED, 4),
        application(trainings.APPLICATION_WITHDRAWN, 4),
        application(trainings.APPLICATION_ERASED, 4),
        off(),
    ],
    ids=lambda event: event.type.rpartition(".")[2],
)
@pytest.mark.parametrize("late", [False, True])
def test_no_offer_is_sent_once_it_has_ended(app: App, end: CloudEvent, late: bool) -> None:
    """Whichever of the two events comes first."""
    for each in (end, offered()) if late else (offered(), end):
        arrive(app, each)
    send_due(app)
    assert "عرض مقعد: إدارة المشاريع" not in texts_that_wait(app)
    skipped = app.database.collection("deliveries").find_one({"event_type": offered().type})
    assert skipped is not None
    assert skipped["state"] == "skipped"


def test_the_newest_end_of_an_offer_is_the_one_that_is_sent(app: App) -> None:
    arrive(app, offered(), offer_shortened())
    send_due(app)
    assert texts_that_wait(app) == ["تغيّرت مهلة قبول المقعد: إدارة المشاريع"]


def test_who_nominated_hears_what_became_of_a_person_without_an_account(app: App) -> None:
    for minute, step in enumerate((submitted(), waitlisted(), offered())):
        assert arrive(app, replace(nominee(step), time=NOW + timedelta(minutes=minute))) == {}
    assert titles(app, "omar") == [
        "A seat is offered to your nominee: Project management",
        "Your nominee is on the waitlist: Project management",
    ]
    assert app.database.collection("notifications").count_documents({}) == 2


def test_a_person_who_was_nominated_and_has_an_account_hears_it_too(app: App) -> None:
    arrive(app, nominee(declined(), person_id="sara"))
    assert titles(app, "sara") == ["لم يُقبل طلب المشاركة: إدارة المشاريع"]
    assert titles(app, "omar") == [
        "The application of your nominee was not accepted: Project management"
    ]


def test_a_trainer_is_asked_and_the_front_desk_hears_the_answer(app: App) -> None:
    desk = person("desk", "en", roles=["front_desk"], centres=["raqqa"])
    elsewhere = person("tabqa-desk", "en", roles=["front_desk"], centres=["tabqa"])
    arrive(app, desk, elsewhere)
    arrive(app, assignment(trainings.ASSIGNMENT_OFFERED, 1))
    assert titles(app, "omar") == ["You are asked to teach: Project management"]
    assert waiting(app) == 1
    arrive(app, assignment(trainings.ASSIGNMENT_DECLINED))
    assert titles(app, "desk") == ["The trainer has declined: Project management"]
    assert titles(app, "tabqa-desk") == []
    # The trainer has answered; the question is sent no more.
    send_due(app)
    assert waiting(app) == 0


def test_reviewers_are_asked_and_the_desk_learns_of_more_sessions_without_a_room(app: App) -> None:
    arrive(app, person("desk", "en", roles=["front_desk"], centres=["raqqa"]))
    arrive(app, review_assigned(), task_opened())
    assert titles(app, "omar") == ["Applications to review: Project management"]
    assert titles(app, "sara") == []
    changed = task_opened(sessions=3)
    arrive(
        app, replace(changed, id=new_id(), type=trainings.TASK_CHANGED.name, aggregate_version=2)
    )
    assert titles(app, "desk") == ["Sessions without a room: Project management"] * 2


def test_feedback_is_asked_for_by_a_link_of_the_persons_own(app: App) -> None:
    arrive(app, feedback_asked("follow_up_3"))
    [queued] = app.database.collection("deliveries").find()
    path = queued["text"]["link"]
    link = app.links.read(path.removeprefix("/form-links/"), "form.follow_up_3")
    assert link is not None
    assert link.subject == APPLICATION
    assert app.links.read(path.removeprefix("/form-links/"), "form.feedback") is None
    [message] = app.notifications.page("sara", VISIBLE, limit=9, after=None)
    assert message.body.endswith("نسأل الآن عمّا تغيّر في عملكم منذ انتهاء الدورة.")
