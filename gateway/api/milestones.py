"""Milestones of agreed plans: the organisation reports, the adviser confirms."""

from __future__ import annotations

from typing import Any

from gateway.api import branch
from gateway.web import plan_schemas, schemas
from gateway.web.endpoint import SIGNED_IN, Answer, Incoming, endpoint
from gateway.web.openapi import Blueprint
from services.common.contracts.consultations import milestones as contract
from services.common.contracts.consultations.action_plans_errors import (
    MILESTONE_NOT_ALLOWED_NOW,
    PLAN_FROZEN,
)

blueprint = Blueprint("milestones", __name__, description="Milestones of action plans")

_BRANCH = "consultations"
_MILESTONE = "/v1/milestones/<id:milestone_id>"
_REFUSES = (403, 404, MILESTONE_NOT_ALLOWED_NOW, PLAN_FROZEN)


@blueprint.route("/v1/milestones", methods=["GET"])
@endpoint(
    query=plan_schemas.MilestonesQuery,
    answer=plan_schemas.MilestonePage,
    access=SIGNED_IN,
    refuses=(404,),
    branch=_BRANCH,
)
def list_milestones(incoming: Incoming) -> Answer:
    """The milestones of a case that both sides have agreed on (all who may know of the case)."""
    return branch.unstored(branch.listed(incoming, _BRANCH, "list_milestones"))


@blueprint.route(_MILESTONE, methods=["GET"])
@endpoint(
    query=schemas.Selection,
    answer=contract.Milestone,
    access=SIGNED_IN,
    versioned=True,
    refuses=(404,),
    branch=_BRANCH,
)
def get_milestone(incoming: Incoming, milestone_id: str) -> Answer:
    """One milestone, and how far it has come (all who may know of the case)."""
    return branch.unstored(branch.one(incoming, _BRANCH, "get_milestone", id=milestone_id))


@blueprint.route(f"{_MILESTONE}/history", methods=["GET"])
@endpoint(
    query=schemas.ListQuery,
    answer=schemas.HistoryPage,
    access=SIGNED_IN,
    refuses=(404,),
    branch=_BRANCH,
)
def milestone_history(incoming: Incoming, milestone_id: str) -> Answer:
    """Who did what to a milestone, when and why; no text of it."""
    return branch.unstored(branch.listed(incoming, _BRANCH, "milestone_history", id=milestone_id))


@blueprint.route(f"{_MILESTONE}/start", methods=["POST"])
@endpoint(
    body=schemas.Empty,
    answer=contract.Milestone,
    access=SIGNED_IN,
    changes=True,
    refuses=_REFUSES,
    branch=_BRANCH,
)
def start_milestone(incoming: Incoming, milestone_id: str) -> Answer:
    """Begin to work on a milestone (people of the case, representatives)."""
    return _act(incoming, milestone_id, "start")


@blueprint.route(f"{_MILESTONE}/block", methods=["POST"])
@endpoint(
    body=contract.MilestoneBlocker,
    answer=contract.Milestone,
    access=SIGNED_IN,
    changes=True,
    refuses=_REFUSES,
    branch=_BRANCH,
    example={"blocker": "لم يجتمع مجلس الإدارة بعد."},
)
def block_milestone(incoming: Incoming, milestone_id: str) -> Answer:
    """Say what keeps a milestone from going on (people of the case, representatives)."""
    return _act(incoming, milestone_id, "block")


@blueprint.route(f"{_MILESTONE}/unblock", methods=["POST"])
@endpoint(
    body=schemas.Empty,
    answer=contract.Milestone,
    access=SIGNED_IN,
    changes=True,
    refuses=_REFUSES,
    branch=_BRANCH,
)
def unblock_milestone(incoming: Incoming, milestone_id: str) -> Answer:
    """Go on with a milestone (people of the case, representatives)."""
    return _act(incoming, milestone_id, "unblock")


@blueprint.route(f"{_MILESTONE}/report", methods=["POST"])
@endpoint(
    body=contract.MilestoneReport,
    answer=contract.Milestone,
    access=SIGNED_IN,
    changes=True,
    refuses=_REFUSES,
    branch=_BRANCH,
    example={"evidence": "محضر الاجتماع ونسخة من الدليل في مرفقات الملف."},
)
def report_milestone(incoming: Incoming, milestone_id: str) -> Answer:
    """Show that a milestone is reached; an adviser of the case is asked to confirm it (people of
    the case, representatives)."""
    return _act(incoming, milestone_id, "report")


@blueprint.route(f"{_MILESTONE}/confirm", methods=["POST"])
@endpoint(
    body=schemas.Empty,
    answer=contract.Milestone,
    access=SIGNED_IN,
    changes=True,
    refuses=_REFUSES,
    branch=_BRANCH,
)
def confirm_milestone(incoming: Incoming, milestone_id: str) -> Answer:
    """Confirm the evidence: the milestone is reached (advisers of the case)."""
    return _act(incoming, milestone_id, "confirm")


@blueprint.route(f"{_MILESTONE}/return", methods=["POST"])
@endpoint(
    body=contract.MilestoneReason,
    answer=contract.Milestone,
    access=SIGNED_IN,
    changes=True,
    refuses=_REFUSES,
    branch=_BRANCH,
    example={"reason": "المحضر غير موقّع."},
)
def return_milestone(incoming: Incoming, milestone_id: str) -> Answer:
    """Ask for more evidence than was reported (advisers of the case)."""
    return _act(incoming, milestone_id, "return")


@blueprint.route(f"{_MILESTONE}/reopen", methods=["POST"])
@endpoint(
    body=contract.MilestoneReason,
    answer=contract.Milestone,
    access=SIGNED_IN,
    changes=True,
    refuses=_REFUSES,
    branch=_BRANCH,
    example={"reason": "لم يُطبَّق الدليل."},
)
def reopen_milestone(incoming: Incoming, milestone_id: str) -> Answer:
    """Take back that a milestone is reached (advisers of the case)."""
    return _act(incoming, milestone_id, "reopen")


def _act(incoming: Incoming, milestone_id: str, action: str) -> Answer:
    said: dict[str, Any] = {**incoming.body, "action": action}
    return branch.unstored(
        branch.changed(incoming, _BRANCH, "act_on_milestone", milestone_id, **said)
    )
