"""Who sees to a milestone: a person who may read it, and is reminded of it."""

from __future__ import annotations

from typing import Any

import pytest

from services.common.errors import Invalid
from services.consultations.app import App
from services.consultations.domain.cases import Case
from tests.integration.consultations.test_action_plans import keep_hours, now_is
from tests.integration.consultations.test_leaving import leave
from tests.integration.consultations.test_milestone_reminders import OPENING, reminded
from tests.support.action_plans import (
    advised_case,
    agree,
    make_plan,
    milestone_request,
    revise,
    with_date,
)
from tests.support.bookings import OTHER_MEMBER, REPRESENTATIVE, STRANGER
from tests.support.consultations import HUDA, JAMAL, know_adviser


def owned_by(person_id: str, side: str = "organisation") -> list[dict[str, Any]]:
    """The milestones of a plan: one, which a person sees to."""
    owner = {"side": side, "name": "المسؤولة المالية", "person_id": person_id}
    return [milestone_request(owner=owner)]


def seal(app: App, case: Case) -> None:
    """The case is sealed from now on, as its document says."""
    app.database.collection("cases").update_one({"_id": case.id}, {"$set": {"sealed": True}})


def test_a_member_who_is_not_on_the_case_is_reminded_of_what_the_member_sees_to(app: App) -> None:
    keep_hours(app)
    case = advised_case(app)
    assert OTHER_MEMBER.id not in case.people
    agree(app, make_plan(app, case, milestones=owned_by(OTHER_MEMBER.id)))
    now_is(app, OPENING)
    assert reminded(app) == sorted(case.people | {REPRESENTATIVE.id, OTHER_MEMBER.id})


@pytest.mark.parametrize(
    ("person_id", "values"),
    [
        ("samer", {"roles": frozenset({"front_desk"}), "centres": frozenset({"raqqa"})}),
        ("hala", {"roles": frozenset({"manager"})}),
    ],
    ids=["front desk of the centre", "manager"],
)
def test_staff_who_may_read_an_open_case_see_to_its_milestones(
    app: App, person_id: str, values: dict[str, Any]
) -> None:
    keep_hours(app)
    know_adviser(app, person_id, **values)
    agree(app, make_plan(app, milestones=owned_by(person_id, "centre")))
    now_is(app, OPENING)
    assert person_id in reminded(app)


@pytest.mark.parametrize("person_id", [STRANGER.id, JAMAL.id, "nobody"])
def test_who_may_not_read_the_plan_sees_to_no_milestone(app: App, person_id: str) -> None:
    with pytest.raises(Invalid) as refused:
        make_plan(app, milestones=owned_by(person_id))
    assert refused.value.code == "consultations.unfit_owner"
    assert [each.pointer for each in refused.value.errors] == ["/milestones/0/owner/person_id"]


def test_of_a_sealed_case_one_of_its_people_sees_to_a_milestone(app: App) -> None:
    keep_hours(app)
    case = advised_case(app, sealed=True)
    with pytest.raises(Invalid, match="unfit_owner"):
        make_plan(app, case, milestones=owned_by(OTHER_MEMBER.id))
    agree(app, make_plan(app, case, milestones=owned_by(HUDA.id, "centre")))
    now_is(app, OPENING)
    assert reminded(app) == sorted(case.people)


def test_when_the_case_is_sealed_later_who_is_not_on_it_is_reminded_no_more(app: App) -> None:
    keep_hours(app)
    case = advised_case(app)
    agree(app, make_plan(app, case, milestones=owned_by(OTHER_MEMBER.id)))
    seal(app, case)
    now_is(app, OPENING)
    assert reminded(app) == sorted(case.people)


def test_who_has_left_is_not_reminded_and_does_not_hold_up_a_change(app: App) -> None:
    keep_hours(app)
    case = advised_case(app)
    plan = agree(app, make_plan(app, case, milestones=owned_by(OTHER_MEMBER.id)))
    leave(app, OTHER_MEMBER)
    agree(app, revise(app, plan, milestones=with_date(plan, "2027-04-01")))
    now_is(app, OPENING)
    now_is(app, OPENING.replace(day=28))
    assert OTHER_MEMBER.id not in reminded(app)
    assert REPRESENTATIVE.id in reminded(app)
