"""Who has signed which edition of an action plan, and what becomes of its milestones."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from services.common import errors
from services.consultations.domain.action_plan_states import PlanStatus
from services.consultations.domain.action_plans import (
    MOST_EDITIONS,
    ActionPlan,
    Owner,
    PlanContent,
    PlannedMilestone,
    Side,
    check_content,
    make_edition,
)
from services.consultations.domain.milestone_states import MilestoneAction, MilestoneStatus
from services.consultations.domain.milestones import (
    Milestone,
    after_agreement,
    check_reached,
    overdue_at,
)

NOW = datetime(2026, 11, 30, 8, tzinfo=UTC)
TODAY = date(2026, 11, 30)
OWNER = Owner(Side.ORGANISATION, "المسؤولة المالية")


def planned(
    name: str = "m1", due_on: date = date(2027, 1, 31), **values: object
) -> PlannedMilestone:
    described = PlannedMilestone(name, "دليل مالي معتمد", OWNER, due_on, "نسخة موقّعة من الدليل")
    return replace(described, **values)  # type: ignore[arg-type]


def content(*milestones: PlannedMilestone) -> PlanContent:
    return PlanContent("إدارة مالية يمكن التحقق منها", milestones or (planned(),))


def new_plan() -> ActionPlan:
    edition = make_edition("p1", 1, content(), "adviser", NOW)
    return ActionPlan("p1", "case", "org", "raqqa", NOW, edition)


def sign(plan: ActionPlan, side: Side, by: str, of: ActionPlan | None = None) -> ActionPlan:
    """The plan after a person has signed what it says, or what an earlier state of it said."""
    read = (of or plan).current
    return plan.signed(side, by, NOW, edition=read.number, content_hash=read.content_hash)


def agreed(plan: ActionPlan) -> ActionPlan:
    return sign(sign(plan, Side.ORGANISATION, "nour"), Side.CENTRE, "adviser")


def test_a_plan_is_agreed_when_both_sides_have_signed_the_same_hash() -> None:
    first = sign(new_plan(), Side.ORGANISATION, "nour")
    assert (first.status, first.agreed_edition) == (PlanStatus.AWAITING_SIGNATURE, None)
    both = sign(first, Side.CENTRE, "adviser")
    assert (both.status, both.agreed_edition) == (PlanStatus.AGREED, 1)
    assert {each.content_hash for each in both.current.signatures} == {both.current.content_hash}
    assert both.current.agreed_at == NOW


def test_an_edit_after_a_signature_asks_both_sides_again() -> None:
    """CO13: the representative signs plan v2; the adviser moves a date (v3), then signs v2."""
    v2 = new_plan().changed(content(planned(due_on=date(2027, 2, 15))), "adviser", NOW)
    signed = sign(v2, Side.ORGANISATION, "nour")
    v3 = signed.changed(content(planned(due_on=date(2027, 3, 15))), "adviser", NOW)
    with pytest.raises(errors.Conflict) as refused:
        sign(v3, Side.CENTRE, "adviser", of=v2)
    assert (refused.value.code, refused.value.params) == (
        "consultations.plan_changed",
        {"edition": 3},
    )
    assert (v2.current.number, v3.current.number) == (2, 3)
    assert v3.current.signatures == () and v3.status is PlanStatus.DRAFT
    [old] = signed.current.signatures
    assert old.content_hash == v2.current.content_hash != v3.current.content_hash
    half = sign(v3, Side.CENTRE, "adviser")
    assert half.agreed_edition is None
    assert sign(half, Side.ORGANISATION, "nour").agreed_edition == 3


def test_an_agreed_edition_stays_in_force_until_the_next_is_agreed() -> None:
    changed = agreed(new_plan()).changed(content(planned(title="دليل آخر")), "nour", NOW)
    assert (changed.status, changed.agreed_edition) == (PlanStatus.DRAFT, 1)
    assert agreed(changed).agreed_edition == 2


def test_the_hash_of_another_text_under_the_same_number_is_no_signature() -> None:
    plan = new_plan()
    with pytest.raises(errors.Conflict, match="plan_changed"):
        plan.signed(Side.CENTRE, "adviser", NOW, edition=1, content_hash="0" * 64)


def test_a_hash_can_be_recomputed_from_what_is_shown() -> None:
    edition = new_plan().current
    shown = {"plan_id": "p1", "edition": 1, **edition.content.facts}
    text = json.dumps(shown, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert edition.content_hash == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    "other",
    [
        content(planned(title="دليل")),
        content(planned(due_on=date(2027, 1, 30))),
        content(planned(evidence="محضر")),
        content(planned(owner=Owner(Side.CENTRE, OWNER.name))),
        content(planned(item_ids=("finance-1",))),
        content(planned(document_id="d1")),
        content(planned(), planned("m2")),
        replace(content(), goal="هدف آخر"),
        replace(content(), assessment_id="a1"),
    ],
)
def test_every_part_of_a_plan_is_signed(other: PlanContent) -> None:
    assert new_plan().changed(other, "nour", NOW).current.content_hash != (
        new_plan().changed(content(planned("m9")), "nour", NOW).current.content_hash
    )
    assert make_edition("p1", 1, other, "nour", NOW).content_hash != new_plan().current.content_hash


def test_the_same_words_in_another_edition_have_another_hash() -> None:
    back = new_plan().changed(content(planned("m2")), "a", NOW).changed(content(), "a", NOW)
    assert back.current.content == new_plan().current.content
    assert back.current.content_hash != new_plan().current.content_hash


def test_a_side_signs_once_and_a_person_for_one_side() -> None:
    once = sign(new_plan(), Side.CENTRE, "adviser")
    assert sign(once, Side.CENTRE, "another") is once
    with pytest.raises(errors.Conflict, match="same_signer"):
        sign(once, Side.ORGANISATION, "adviser")


def test_a_change_that_changes_nothing_keeps_the_signatures() -> None:
    signed = sign(new_plan(), Side.ORGANISATION, "nour")
    assert signed.changed(content(), "adviser", NOW) is signed


def test_a_closed_plan_is_frozen() -> None:
    closed = agreed(new_plan()).closed(NOW)
    for act in (
        lambda: closed.changed(content(planned("m2")), "adviser", NOW),
        lambda: closed.closed(NOW),
        lambda: sign(closed, Side.CENTRE, "adviser"),
    ):
        with pytest.raises(errors.Conflict, match="plan_frozen"):
            act()


def test_editions_have_an_end() -> None:
    plan = new_plan()
    last = replace(plan, current=replace(plan.current, number=MOST_EDITIONS))
    with pytest.raises(errors.Conflict, match="editions_used_up"):
        last.changed(content(planned("m2")), "adviser", NOW)


@pytest.mark.parametrize(
    ("due_on", "refused"),
    [
        (TODAY, False),
        (TODAY - timedelta(days=1), True),
        (date(2029, 11, 28), False),
        (date(2030, 1, 1), True),
    ],
)
def test_a_milestone_is_due_between_today_and_three_years(due_on: date, refused: bool) -> None:
    said = content(planned(due_on=due_on))
    if refused:
        with pytest.raises(errors.Invalid) as raised:
            check_content(said, None, new_ids={"m1"}, today=TODAY)
        assert raised.value.errors[0].pointer == "/milestones/0/due_on"
    else:
        check_content(said, None, new_ids={"m1"}, today=TODAY)
    # A date that has passed since it was written does not keep the rest from being changed.
    check_content(said, content(planned(due_on=due_on)), new_ids=(), today=TODAY)


def test_a_milestone_that_the_edition_before_lacks_has_no_id_of_the_clients_own() -> None:
    with pytest.raises(errors.Invalid, match="unknown_milestone"):
        check_content(content(planned("m7")), content(), new_ids=(), today=TODAY)


# -- milestones ------------------------------------------------------------------------------------


def milestones_of(
    plan: ActionPlan, known: dict[str, Milestone] | None = None
) -> dict[str, Milestone]:
    """The milestones after an agreement, by id."""
    found = dict(known or {})
    found.update({after.id: after for _, after in after_agreement(plan, found)})
    return found


def test_an_agreement_begins_moves_and_drops_milestones() -> None:
    plan = agreed(new_plan().changed(content(planned("m1"), planned("m2")), "a", NOW))
    first = milestones_of(plan)
    assert {each.status for each in first.values()} == {MilestoneStatus.PLANNED}
    first["m1"] = first["m1"].acted(MilestoneAction.START, NOW)
    later = date(2027, 6, 1)
    moved = agreed(plan.changed(content(planned("m1", later), planned("m3")), "a", NOW))
    changes = {after.id: (before, after) for before, after in after_agreement(moved, first)}
    assert changes["m1"][1].status is MilestoneStatus.IN_PROGRESS
    assert changes["m1"][1].planned.due_on == later
    assert changes["m2"][1].status is MilestoneStatus.DROPPED
    assert changes["m3"] == (None, changes["m3"][1])
    second = milestones_of(moved, first)
    again = agreed(moved.changed(content(planned("m2")), "a", NOW))
    assert milestones_of(again, second)["m2"].status is MilestoneStatus.PLANNED


def test_an_agreement_leaves_a_reached_milestone_as_it_is() -> None:
    plan = agreed(new_plan())
    reached = (
        milestones_of(plan)["m1"]
        .acted(MilestoneAction.REPORT, NOW, evidence="الرابط")
        .acted(MilestoneAction.CONFIRM, NOW)
    )
    assert (reached.evidence, reached.reached_at) == ("الرابط", NOW)
    without = agreed(plan.changed(content(planned("m2")), "a", NOW))
    changes = after_agreement(without, {"m1": reached})
    assert [after.id for _, after in changes] == ["m2"]
    check_reached(content(), [reached])
    with pytest.raises(errors.Conflict) as refused:
        check_reached(content(planned(title="أسهل")), [reached])
    assert refused.value.errors[0].pointer == "/milestones/0"


def test_an_overdue_date_is_marked_once_and_a_new_one_again() -> None:
    milestone = milestones_of(agreed(new_plan()))["m1"]
    due_on = milestone.planned.due_on
    late = milestone.overdue_since(due_on)
    assert late.overdue and late.version == milestone.version + 1
    assert late.overdue_since(due_on) is late
    moved = late.replanned(planned(due_on=date(2027, 6, 1)), 2)
    assert not moved.overdue
    # The old deadline comes again after the date was moved.
    assert moved.overdue_since(due_on) is moved
    assert moved.overdue_since(date(2027, 6, 1)).overdue
    reported = late.acted(MilestoneAction.REPORT, NOW, evidence="محضر")
    assert not reported.overdue and reported.overdue_since(due_on) is reported
    assert reported.acted(MilestoneAction.RETURN, NOW).overdue


@pytest.mark.parametrize(
    ("done", "refused", "to"),
    [
        ((), MilestoneAction.CONFIRM, "reached"),
        ((MilestoneAction.START,), MilestoneAction.UNBLOCK, "in_progress"),
        ((MilestoneAction.REPORT, MilestoneAction.CONFIRM), MilestoneAction.REPORT, "reported"),
        ((MilestoneAction.BLOCK,), MilestoneAction.START, "in_progress"),
    ],
)
def test_a_refused_action_says_from_where_to_where(
    done: tuple[MilestoneAction, ...], refused: MilestoneAction, to: str
) -> None:
    milestone = milestones_of(agreed(new_plan()))["m1"]
    for action in done:
        milestone = milestone.acted(action, NOW, evidence="محضر", blocker="التمويل")
    with pytest.raises(errors.Conflict) as raised:
        milestone.acted(refused, NOW)
    assert raised.value.params == {"state": milestone.status.value, "to": to}


def test_a_blocker_is_gone_once_the_work_goes_on() -> None:
    milestone = milestones_of(agreed(new_plan()))["m1"]
    blocked = milestone.acted(MilestoneAction.BLOCK, NOW, blocker="لا كهرباء")
    assert blocked.blocker == "لا كهرباء"
    assert blocked.acted(MilestoneAction.UNBLOCK, NOW).blocker is None


@pytest.mark.parametrize(
    ("due_on", "instant"),
    [
        (date(2027, 1, 31), datetime(2027, 1, 31, 21, tzinfo=UTC)),
        # The summer time of 2022 began at the end of this day.
        (date(2022, 3, 24), datetime(2022, 3, 24, 22, tzinfo=UTC)),
    ],
)
def test_a_due_date_ends_with_its_day_at_the_centre(due_on: date, instant: datetime) -> None:
    assert overdue_at(due_on, "Asia/Damascus") == instant
