"""Action plans: both sides sign the same edition; milestones come into force, and fall due."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.common import errors
from services.common.storage.mongo import Session
from services.consultations.app import App
from services.consultations.domain.action_plan_states import PlanStatus
from services.consultations.domain.case_states import CaseStatus
from services.consultations.domain.cases import Case
from services.consultations.domain.milestone_states import MilestoneStatus
from services.consultations.operations import action_plans
from services.consultations.schemas.action_plans import (
    CloseActionPlan,
    OfPlan,
    OfPlanEdition,
    SignActionPlan,
    create_action_plan,
)
from services.consultations.seeding import first_hours
from tests.support.action_plans import (
    act,
    advised_case,
    agree,
    make_plan,
    milestone_of,
    milestone_request,
    plan_request,
    revise,
    sign,
    with_date,
)
from tests.support.assessments import agree as agree_assessment
from tests.support.assessments import seed_instrument
from tests.support.bookings import (
    MANAGER,
    MEMBER,
    REPRESENTATIVE,
    STRANGER,
    WORKING_WEEK,
    call,
)
from tests.support.consultations import HUDA, JAMAL, events_of, run_due_deadlines

#: Nine in the morning at the centre on the day after the milestone is due, a Thursday.
MORNING_AFTER = datetime(2027, 4, 1, 6, tzinfo=UTC)


def types_of(app: App, subject: str) -> list[str]:
    """The types of the events of an aggregate, in order."""
    return [each["type"].removeprefix("consultations.") for each in events_of(app, subject)]


def test_a_signature_is_for_the_edition_that_was_read(app: App) -> None:
    """CO13: the representative signs plan v2, the adviser moves a date (v3), then signs v2."""
    v1 = make_plan(app)
    v2 = revise(app, v1, milestones=with_date(v1, "2027-04-15"))
    signed = sign(app, v2, REPRESENTATIVE)
    v3 = revise(app, signed, milestones=with_date(signed, "2027-05-01"))
    with pytest.raises(errors.Conflict) as refused:
        sign(app, v2, HUDA)
    assert (refused.value.code, refused.value.params) == (
        "consultations.plan_changed",
        {"edition": 3},
    )
    now = app.action_plans.get(v1.id)
    assert (now, now.status, now.current.signatures) == (v3, PlanStatus.DRAFT, ())
    # What was signed stays on the edition that it was signed on.
    old = action_plans.get_plan_edition(app, call(HUDA), OfPlanEdition(v1.id, 2))
    assert [each.content_hash for each in old.signatures] == [v2.current.content_hash]
    half = sign(app, v3, HUDA)
    assert (half.status, half.agreed_edition) == (PlanStatus.AWAITING_SIGNATURE, None)
    assert app.milestones.of_plan(v1.id) == {}
    whole = sign(app, v3, REPRESENTATIVE)
    assert (whole.status, whole.agreed_edition) == (PlanStatus.AGREED, 3)
    [edition, second, first] = action_plans.find_plan_editions(
        app, call(HUDA), OfPlan(v1.id, 20, None)
    )
    assert [each.number for each in (edition, second, first)] == [3, 2, 1]
    assert types_of(app, v1.id) == [
        "plan.made",
        "plan.revised",
        "plan.signed",
        "plan.revised",
        "plan.signed",
        "plan.agreed",
    ]


def test_a_case_has_one_plan(app: App) -> None:
    case = advised_case(app)
    plan = make_plan(app, case)
    with pytest.raises(errors.Conflict) as refused:
        make_plan(app, case)
    assert (refused.value.code, refused.value.extra) == (
        "consultations.plan_exists",
        {"plan_id": plan.id},
    )


def test_a_request_that_comes_twice_makes_one_plan_and_one_signature(app: App) -> None:
    case = advised_case(app)
    once, command = call(HUDA), create_action_plan(plan_request(case))
    plan = action_plans.create_action_plan(app, once, command)
    assert action_plans.create_action_plan(app, once, command) == plan
    signing = SignActionPlan(plan.id, 1, plan.current.content_hash)
    again = call(REPRESENTATIVE)
    signed = action_plans.sign_action_plan(app, again, signing)
    assert action_plans.sign_action_plan(app, again, signing) == signed
    # Under another key, too: a side signs an edition once.
    assert sign(app, plan, REPRESENTATIVE) == signed
    assert len(app.action_plans.get(plan.id).current.signatures) == 1


@pytest.mark.parametrize(
    ("caller", "kind"),
    [(MEMBER, errors.Forbidden), (MANAGER, errors.Forbidden), (JAMAL, errors.NotFound)],
    ids=lambda each: getattr(each, "id", None),
)
def test_only_the_two_sides_sign(app: App, caller: object, kind: type[Exception]) -> None:
    plan = make_plan(app)
    with pytest.raises(kind):
        sign(app, plan, caller)  # type: ignore[arg-type]
    assert app.action_plans.get(plan.id) == plan


def test_one_person_does_not_sign_for_both_sides(app: App) -> None:
    both = replace(HUDA, organisations={"amal": "representative"})
    plan = make_plan(app)
    sign(app, plan, both)
    elsewhere = replace(both, roles=frozenset())
    with pytest.raises(errors.Conflict, match="same_signer"):
        sign(app, plan, elsewhere)


def end(app: App, case: Case, status: CaseStatus) -> None:
    """Have the case be over."""

    def work(session: Session) -> None:
        before = app.cases.get(case.id, session)
        after = replace(before, status=status, version=before.version + 1)
        app.cases.save(session, after, before.version)

    app.database.transact(work)


def test_a_plan_is_frozen_with_its_case_and_its_milestones_go_on(app: App) -> None:
    plan = agree(app)
    end(app, app.cases.get(plan.case_id), CaseStatus.CLOSED)
    with pytest.raises(errors.Conflict, match="plan_frozen"):
        revise(app, plan, milestones=[*with_date(plan, "2027-03-31"), milestone_request()])
    with pytest.raises(errors.Conflict, match="plan_frozen"):
        sign(app, plan, HUDA)
    assert app.action_plans.get(plan.id) == plan
    begun = act(app, milestone_of(app, plan), "start", MEMBER)
    assert begun.status is MilestoneStatus.IN_PROGRESS


def test_a_closed_plan_takes_no_milestone_and_raises_none(app: App) -> None:
    plan = agree(app)
    command = CloseActionPlan(plan.id, plan.version, "أُنجزت")
    closed = action_plans.close_action_plan(app, call(HUDA), command)
    with pytest.raises(errors.Conflict, match="plan_frozen"):
        revise(app, closed, milestones=[*with_date(plan, "2027-03-31"), milestone_request()])
    with pytest.raises(errors.Conflict, match="plan_frozen"):
        act(app, milestone_of(app, plan), "start", MEMBER)
    now_is(app, MORNING_AFTER)
    assert not milestone_of(app, plan).overdue


def test_a_stale_change_and_a_stale_close_change_nothing(app: App) -> None:
    plan = make_plan(app)
    revise(app, plan, goal="هدف آخر")
    with pytest.raises(errors.Stale):
        revise(app, plan, goal="هدف ثالث")
    with pytest.raises(errors.Stale):
        command = CloseActionPlan(plan.id, plan.version, "خطأ")
        action_plans.close_action_plan(app, call(HUDA), command)


def test_a_milestone_names_a_working_document_of_the_organisation_only(app: App) -> None:
    case = advised_case(app)
    with pytest.raises(errors.Invalid) as refused:
        make_plan(app, case, milestones=[milestone_request(document_id="of-another")])
    assert refused.value.errors[0].pointer == "/milestones/0/document_id"


def test_nothing_of_a_sealed_case_is_in_the_open_log(app: App) -> None:
    plan = agree(app, make_plan(app, advised_case(app, sealed=True)))
    milestone = milestone_of(app, plan)
    act(app, milestone, "start", REPRESENTATIVE)
    now_is(app, MORNING_AFTER)
    assert milestone_of(app, plan).overdue
    assert events_of(app, plan.id) == events_of(app, milestone.id) == []
    [task] = app.tasks.page({"subject": milestone.id})
    assert (task.sealed, task.people) == (True, frozenset({HUDA.id}))
    for outsider in (
        MANAGER,
        MEMBER.__class__("other", organisations={"amal": "member"}),
        STRANGER,
    ):
        with pytest.raises(errors.NotFound):
            action_plans.get_action_plan(app, call(outsider), plan.id)


# -- milestones ------------------------------------------------------------------------------------


def now_is(app: App, instant: datetime) -> None:
    """Move the app's clock forward to an instant, and let the worker do what is due by then."""
    app.clock.advance(instant - app.clock.now())  # type: ignore[attr-defined]
    run_due_deadlines(app)


def test_the_organisation_reports_and_the_adviser_confirms(app: App) -> None:
    milestone = milestone_of(app, agree(app))
    act(app, milestone, "block", MEMBER, blocker="لم يجتمع المجلس")
    reported = act(app, milestone, "report", MEMBER, evidence="محضر الاجتماع")
    assert (reported.status, reported.blocker) == (MilestoneStatus.REPORTED, None)
    for caller in (MEMBER, REPRESENTATIVE, MANAGER):
        with pytest.raises(errors.Forbidden):
            act(app, milestone, "confirm", caller)
    returned = act(app, milestone, "return", HUDA, reason="المحضر غير موقّع")
    assert returned.evidence is None
    act(app, milestone, "report", MEMBER, evidence="محضر موقّع")
    reached = act(app, milestone, "confirm", HUDA)
    assert (reached.status, reached.evidence) == (MilestoneStatus.REACHED, "محضر موقّع")
    assert types_of(app, milestone.id) == [
        "milestone.planned",
        "milestone.blocked",
        "milestone.reported",
        "milestone.changed",
        "milestone.reported",
        "milestone.reached",
    ]
    data = events_of(app, milestone.id)[-1]["data"]
    assert (data["status"], data["organisation_id"]) == ("reached", "amal")
    assert "محضر" not in str(events_of(app, milestone.id))


@pytest.mark.parametrize(
    ("action", "missing"), [("block", "blocker"), ("report", "evidence"), ("reopen", "reason")]
)
def test_an_action_says_what_it_needs(app: App, action: str, missing: str) -> None:
    milestone = milestone_of(app, agree(app))
    with pytest.raises(errors.Invalid) as refused:
        act(app, milestone, action, HUDA)
    assert refused.value.errors[0].pointer == f"/{missing}"


def keep_hours(app: App) -> None:
    """Have the centre keep the hours of a working week, from Sunday to Thursday."""
    app.centre_hours.seed([first_hours("raqqa", WORKING_WEEK, "Asia/Damascus", app.clock.now())])


def test_an_overdue_milestone_is_raised_once_for_each_due_date(app: App) -> None:
    keep_hours(app)
    plan = agree(app)
    milestone = milestone_of(app, plan)
    # Its day ends at midnight at the centre, which opens at nine.
    for instant in (datetime(2027, 3, 31, 21, tzinfo=UTC), MORNING_AFTER - timedelta(seconds=1)):
        now_is(app, instant)
        assert not milestone_of(app, plan).overdue
    now_is(app, MORNING_AFTER)
    assert milestone_of(app, plan).overdue
    now_is(app, datetime(2027, 4, 4, 7, tzinfo=UTC))
    assert types_of(app, milestone.id) == ["milestone.planned", "milestone.overdue"]
    [task] = app.tasks.page({"subject": milestone.id})
    assert (task.what.value, task.open, task.people) == (
        "milestone_overdue",
        True,
        frozenset({HUDA.id}),
    )
    moved = agree(app, revise(app, plan, milestones=with_date(plan, "2027-05-31")))
    assert not milestone_of(app, moved).overdue
    assert [each.open for each in app.tasks.page({"subject": milestone.id})] == [False]
    now_is(app, datetime(2027, 6, 1, 7, tzinfo=UTC))
    assert types_of(app, milestone.id)[2:] == ["milestone.changed", "milestone.overdue"]


def test_a_milestone_that_is_due_before_the_weekend_is_raised_on_sunday(app: App) -> None:
    keep_hours(app)
    plan = agree(app, milestones=[milestone_request(due_on="2027-04-01")])
    now_is(app, datetime(2027, 4, 2, 8, tzinfo=UTC))
    assert not milestone_of(app, plan).overdue
    now_is(app, datetime(2027, 4, 4, 6, tzinfo=UTC))
    assert milestone_of(app, plan).overdue


def test_the_other_people_of_the_case_get_news_of_what_a_person_does(app: App) -> None:
    plan = agree(app)
    act(app, milestone_of(app, plan), "report", MEMBER, evidence="محضر")
    now_is(app, MORNING_AFTER)
    # Of one moment, and so in no order.
    news = {each["what"] for each in app.database.collection("news").find({"recipient_id": "huda"})}
    assert {"plan_signed", "milestone_reported"} <= news


def test_what_a_plan_says_is_not_to_be_read_in_the_database(app: App) -> None:
    plan = agree(app)
    act(app, milestone_of(app, plan), "report", MEMBER, evidence="محضر الاجتماع")
    revise(app, plan, goal="هدف آخر")
    for name in ("action_plans", "action_plan_editions", "milestones"):
        stored = str(list(app.database.collection(name).find()))
        assert "دليل" not in stored and "محضر" not in stored and "هدف" not in stored


def test_items_are_those_of_the_assessment(app: App) -> None:
    seed_instrument(app)
    assessment = agree_assessment(app)
    case = advised_case(app)
    wrong = milestone_request(item_ids=["no-such-item"])
    for milestones, assessment_id, pointer in (
        ([wrong], assessment.id, "/milestones/0/item_ids/0"),
        ([wrong], None, "/milestones/0/item_ids/0"),
        ([milestone_request()], "of-another", "/assessment_id"),
    ):
        with pytest.raises(errors.Invalid) as refused:
            make_plan(app, case, milestones=milestones, assessment_id=assessment_id)
        assert refused.value.errors[0].pointer == pointer
    items = [milestone_request(item_ids=["cash"])]
    assert make_plan(app, case, milestones=items, assessment_id=assessment.id)


def test_an_agreed_date_holds_until_the_new_one_is_agreed(app: App) -> None:
    plan = agree(app)
    revise(app, plan, milestones=with_date(plan, "2027-09-30"))
    now_is(app, MORNING_AFTER)
    assert milestone_of(app, plan).overdue


def test_a_reported_milestone_is_not_overdue_and_one_given_back_is_raised(app: App) -> None:
    plan = agree(app)
    milestone = milestone_of(app, plan)
    act(app, milestone, "report", MEMBER, evidence="محضر")
    now_is(app, MORNING_AFTER)
    assert not milestone_of(app, plan).overdue
    act(app, milestone, "return", HUDA, reason="غير موقّع")
    now_is(app, app.clock.now() + timedelta(minutes=1))
    assert milestone_of(app, plan).overdue


def test_a_milestone_that_is_reached_is_worded_anew_by_nobody(app: App) -> None:
    plan = agree(app)
    milestone = milestone_of(app, plan)
    easier = revise(app, plan, milestones=[{**with_date(plan, "2027-03-31")[0], "title": "أسهل"}])
    sign(app, easier, REPRESENTATIVE)
    act(app, milestone, "report", MEMBER, evidence="محضر")
    act(app, milestone, "confirm", HUDA)
    with pytest.raises(errors.Conflict, match="milestone_reached"):
        sign(app, easier, HUDA)
    assert app.action_plans.get(plan.id).agreed_edition == 1
    assert milestone_of(app, plan).planned.title == "دليل مالي معتمد"
