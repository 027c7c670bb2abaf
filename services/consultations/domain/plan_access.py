"""Who may do what with the action plan of a case that the caller sees.

============================== ====== ========= ======= =======
caller                         write  sign for  report  confirm
============================== ====== ========= ======= =======
adviser of the case            yes    centre    yes     yes
representative                 yes    organ.    yes     no
others on the case             yes    nobody    yes     no
staff who see an open case     no     nobody    no      no
============================== ====== ========= ======= =======
"""

from __future__ import annotations

from services.common.context import Caller
from services.common.contracts.consultations.action_plans_errors import PLAN_FROZEN
from services.common.errors import Forbidden
from services.consultations.domain.action_plan_states import PlanStatus
from services.consultations.domain.action_plans import ActionPlan, Side
from services.consultations.domain.case_states import OVER
from services.consultations.domain.cases import Case
from services.consultations.domain.milestone_states import MilestoneAction
from services.consultations.domain.permissions import (
    check_supports,
    check_takes_part,
    is_adviser,
)

_OF_ADVISERS = frozenset({MilestoneAction.CONFIRM, MilestoneAction.RETURN, MilestoneAction.REOPEN})


def side_of(caller: Caller, case: Case) -> Side:
    """For whom the caller signs the plan of a case.

    Raises:
        errors.Forbidden: for anybody but advisers of the case and representatives of the
            organisation.
    """
    if is_adviser(caller) and caller.id in case.adviser_ids:
        return Side.CENTRE
    if caller.kind == "person" and caller.represents(case.organisation_id):
        return Side.ORGANISATION
    raise Forbidden()


def check_acts_on_milestone(caller: Caller, case: Case, action: MilestoneAction) -> None:
    """Whether the caller may do this with a milestone.

    Raises:
        errors.Forbidden: for anybody but advisers of the case where the action is theirs, and
            people of the case and representatives otherwise.
    """
    if action in _OF_ADVISERS:
        check_supports(caller, case)
    else:
        check_takes_part(caller, case)


def check_not_frozen(case: Case) -> None:
    """Whether the plan of a case may change.

    Raises:
        errors.Conflict: ``consultations.plan_frozen``, where the case has ended.
    """
    if case.status in OVER:
        raise PLAN_FROZEN()


def check_in_force(plan: ActionPlan) -> None:
    """Whether milestones of a plan are worked on. They are after the case has ended, too: a plan
    takes longer than the case that it came of.

    Raises:
        errors.Conflict: ``consultations.plan_frozen``, where the plan is closed.
    """
    if plan.status is PlanStatus.CLOSED:
        raise PLAN_FROZEN()
