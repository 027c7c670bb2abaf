"""Situations of action plans: a case with its adviser, a plan, its signatures."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from services.common.context import Caller
from services.common.storage.mongo import Session
from services.consultations.app import App
from services.consultations.domain.action_plans import ActionPlan
from services.consultations.domain.case_states import CaseStatus
from services.consultations.domain.cases import Case
from services.consultations.domain.milestones import Milestone, after_agreement
from services.consultations.operations import action_plans, milestones
from services.consultations.schemas.action_plans import (
    SignActionPlan,
    change_action_plan,
    create_action_plan,
)
from services.consultations.schemas.milestones import act_on_milestone
from tests.support.bookings import REPRESENTATIVE, call
from tests.support.consultations import HUDA, submit, submit_confidential


def advised_case(app: App, *, sealed: bool = False, **values: Any) -> Case:
    """A case of the organisation ``amal`` that ``huda`` works on; ``rana`` represents it."""
    case = (submit_confidential if sealed else submit)(app, **values)
    advised = replace(
        case,
        adviser_id=HUDA.id,
        adviser_ids=frozenset({HUDA.id}),
        people=case.people | {HUDA.id, REPRESENTATIVE.id},
        status=CaseStatus.IN_PROGRESS,
        version=case.version + 1,
    )

    def work(session: Session) -> None:
        app.cases.save(session, advised, case.version)

    app.database.transact(work)
    return app.cases.get(case.id)


def milestone_request(**values: Any) -> dict[str, Any]:
    """What people write of a milestone."""
    return {
        "title": "دليل مالي معتمد",
        "owner": {"side": "organisation", "name": "المسؤولة المالية"},
        "due_on": "2027-03-31",
        "evidence": "محضر المجلس ونسخة من الدليل",
        **values,
    }


def plan_request(case: Case, **values: Any) -> dict[str, Any]:
    """What people send to write a plan."""
    return {
        "case_id": case.id,
        "goal": "إدارة مالية يمكن التحقق منها",
        "milestones": [milestone_request()],
        **values,
    }


def make_plan(
    app: App, case: Case | None = None, caller: Caller = HUDA, **values: Any
) -> ActionPlan:
    """A plan that nobody has signed."""
    command = create_action_plan(plan_request(case or advised_case(app), **values))
    return action_plans.create_action_plan(app, call(caller), command)


def revise(app: App, plan: ActionPlan, caller: Caller = HUDA, **changes: Any) -> ActionPlan:
    """The plan with one more edition."""
    said = {"id": plan.id, "expected_version": plan.version, **changes}
    return action_plans.change_action_plan(app, call(caller), change_action_plan(said))


def with_date(plan: ActionPlan, due_on: str) -> list[dict[str, Any]]:
    """The milestones of a plan as a person sends them, the first with another date."""
    first, *rest = [each.facts for each in plan.current.content.milestones]
    return [{**first, "due_on": due_on}, *rest]


def sign(app: App, plan: ActionPlan, caller: Caller) -> ActionPlan:
    """The plan after the caller has signed what the caller read."""
    read = plan.current
    command = SignActionPlan(plan.id, read.number, read.content_hash)
    return action_plans.sign_action_plan(app, call(caller), command)


def agree(app: App, plan: ActionPlan | None = None, **values: Any) -> ActionPlan:
    """A plan that both sides have signed."""
    written = plan or make_plan(app, **values)
    sign(app, written, REPRESENTATIVE)
    return sign(app, written, HUDA)


def milestone_of(app: App, plan: ActionPlan) -> Milestone:
    """The only milestone of a plan."""
    [milestone] = app.milestones.of_plan(plan.id).values()
    return milestone


def act(app: App, milestone: Milestone, action: str, caller: Caller, **said: Any) -> Milestone:
    """The milestone after an action of the caller."""
    version = app.milestones.get(milestone.id).version
    command = {"id": milestone.id, "expected_version": version, "action": action, **said}
    return milestones.act_on_milestone(app, call(caller), act_on_milestone(command))


def put_milestone(app: App, plan: ActionPlan) -> Milestone:
    """A milestone of a plan, as if both sides had signed it."""
    [(_, milestone)] = after_agreement(plan, {})
    app.database.transact(lambda session: app.milestones.add(session, milestone))
    return milestone
