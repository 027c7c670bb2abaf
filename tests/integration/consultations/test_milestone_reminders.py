"""Milestones whose due date is near: those who see to them are reminded, once for each date."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.common.storage.deadlines import Deadline
from services.common.storage.leases import LeaseLost
from services.consultations.app import App
from services.consultations.deadlines import handlers
from services.consultations.domain.action_plans import ActionPlan
from services.consultations.domain.deadlines import DeadlineKind
from services.consultations.operations import action_plans
from services.consultations.schemas.action_plans import CloseActionPlan
from tests.integration.consultations.test_action_plans import keep_hours, now_is, types_of
from tests.support.action_plans import (
    act,
    advised_case,
    agree,
    make_plan,
    milestone_of,
    milestone_request,
    revise,
    with_date,
)
from tests.support.bookings import MEMBER, REPRESENTATIVE, call
from tests.support.consultations import HUDA, advance

#: The milestone is due on Wednesday 2027-03-31, until midnight at the centre. A week before is
#: Wednesday 2027-03-24 at midnight; the centre opens on Thursday at nine.
WEEK_BEFORE = datetime(2027, 3, 24, 21, tzinfo=UTC)
OPENING = datetime(2027, 3, 25, 6, tzinfo=UTC)
REMINDED = "milestone.reminded"


def reminded(app: App) -> list[str]:
    """Who got a message that a milestone is due soon, in order of their ids."""
    found = app.database.collection("news").find({"what": "milestone_due_soon"})
    return sorted(each["recipient_id"] for each in found)


def reminders(app: App, plan: ActionPlan) -> int:
    return types_of(app, milestone_of(app, plan).id).count(REMINDED)


def test_people_of_the_case_and_representatives_are_reminded_when_the_centre_opens(
    app: App,
) -> None:
    keep_hours(app)
    plan = agree(app)
    for instant in (
        WEEK_BEFORE - timedelta(seconds=1),
        WEEK_BEFORE,
        OPENING - timedelta(seconds=1),
    ):
        now_is(app, instant)
        assert reminded(app) == []
    now_is(app, OPENING)
    case = app.cases.get(plan.case_id)
    assert reminded(app) == sorted(case.people | {REPRESENTATIVE.id})
    # Whatever runs again, nobody gets a second message.
    for later in (OPENING, OPENING + timedelta(days=1), WEEK_BEFORE + timedelta(days=6)):
        now_is(app, later)
    assert len(reminded(app)) == len(case.people | {REPRESENTATIVE.id})
    assert reminders(app, plan) == 1


def test_a_worker_that_died_in_the_middle_leaves_the_reminder_to_another(app: App) -> None:
    """The first has claimed it and stops; its claim is nobody's by the time it wakes."""
    keep_hours(app)
    plan = agree(app)
    advance(app, OPENING - app.clock.now())
    subject = milestone_of(app, plan).id
    kind = DeadlineKind.MILESTONE_REMINDER
    lost = Deadline(kind, subject, WEEK_BEFORE, {}, 1, "of a worker that died")
    with pytest.raises(LeaseLost):
        handlers(app)[kind](lost)
    assert reminded(app) == []
    now_is(app, OPENING + timedelta(minutes=1))
    assert reminders(app, plan) == 1


def test_of_a_sealed_case_its_people_alone_are_reminded_and_no_log_shows_it(app: App) -> None:
    keep_hours(app)
    case = advised_case(app, sealed=True)
    outside = case.people - {HUDA.id, REPRESENTATIVE.id}
    plan = agree(app, make_plan(app, case))
    now_is(app, OPENING)
    assert reminded(app) == sorted(case.people)
    assert outside <= set(reminded(app))
    assert types_of(app, milestone_of(app, plan).id) == []


def test_each_due_date_is_reminded_of_for_itself(app: App) -> None:
    keep_hours(app)
    plan = agree(app)
    now_is(app, OPENING)
    moved = agree(app, revise(app, plan, milestones=with_date(plan, "2027-05-31")))
    now_is(app, datetime(2027, 5, 23, 7, tzinfo=UTC))
    assert reminders(app, moved) == 1
    now_is(app, datetime(2027, 5, 25, 7, tzinfo=UTC))
    assert reminders(app, moved) == 2


def test_a_date_that_was_near_when_it_was_agreed_on_is_not_reminded_of(app: App) -> None:
    keep_hours(app)
    now_is(app, OPENING)
    plan = agree(app)
    now_is(app, OPENING + timedelta(days=3))
    assert reminders(app, plan) == 0


@pytest.mark.parametrize("over", ["reported", "closed", "dropped"])
def test_what_is_reported_or_over_is_not_reminded_of(app: App, over: str) -> None:
    keep_hours(app)
    plan = agree(app)
    subject = milestone_of(app, plan).id
    if over == "reported":
        act(app, milestone_of(app, plan), "report", MEMBER, evidence="محضر موقّع")
    elif over == "closed":
        command = CloseActionPlan(plan.id, plan.version, "انتهى العمل")
        action_plans.close_action_plan(app, call(HUDA), command)
    else:
        agree(app, revise(app, plan, milestones=[milestone_request(title="أخرى")]))
    now_is(app, OPENING)
    assert REMINDED not in types_of(app, subject)


def test_work_that_begins_while_the_reminder_waits_for_the_centre_keeps_it(app: App) -> None:
    keep_hours(app)
    plan = agree(app)
    now_is(app, WEEK_BEFORE)
    act(app, milestone_of(app, plan), "start", MEMBER)
    now_is(app, OPENING)
    assert reminders(app, plan) == 1


def test_a_worker_that_was_away_past_the_due_date_reminds_nobody(app: App) -> None:
    keep_hours(app)
    plan = agree(app)
    now_is(app, datetime(2027, 4, 1, 6, tzinfo=UTC))
    assert reminders(app, plan) == 0
    assert milestone_of(app, plan).overdue
