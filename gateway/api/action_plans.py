"""Action plans: both sides write them and sign the same edition."""

from __future__ import annotations

from gateway.api import branch
from gateway.web import plan_schemas, schemas
from gateway.web.endpoint import SIGNED_IN, Answer, Incoming, endpoint
from gateway.web.openapi import Blueprint
from services.common.contracts.consultations import action_plans as contract
from services.common.contracts.consultations import action_plans_errors as errors
from services.common.contracts.consultations.assessments_errors import UNKNOWN_ITEM
from services.common.contracts.consultations.working_documents_errors import UNKNOWN_DOCUMENT
from services.common.files.checking import TYPES

blueprint = Blueprint("action_plans", __name__, description="Action plans of cases")

_BRANCH = "consultations"
_PLAN = "/v1/action-plans/<id:plan_id>"
_OF_CONTENT = (
    errors.UNKNOWN_MILESTONE,
    errors.UNFIT_DUE_DATE,
    errors.UNFIT_OWNER,
    errors.UNKNOWN_ASSESSMENT,
    UNKNOWN_ITEM,
    errors.PLAN_FROZEN,
    UNKNOWN_DOCUMENT,
)


@blueprint.route("/v1/action-plans", methods=["GET"])
@endpoint(
    query=plan_schemas.ActionPlansQuery,
    answer=plan_schemas.ActionPlanPage,
    access=SIGNED_IN,
    refuses=(404,),
    branch=_BRANCH,
)
def list_action_plans(incoming: Incoming) -> Answer:
    """The plan of a case, if it has one (all who may know of the case)."""
    return branch.unstored(branch.listed(incoming, _BRANCH, "list_action_plans"))


@blueprint.route("/v1/action-plans", methods=["POST"])
@endpoint(
    body=contract.CreateActionPlan,
    answer=contract.ActionPlan,
    status=201,
    access=SIGNED_IN,
    creates=True,
    versioned=True,
    refuses=(403, 404, errors.PLAN_EXISTS, *_OF_CONTENT),
    branch=_BRANCH,
    example={
        "case_id": "0199a1",
        "goal": "إدارة مالية يمكن التحقّق منها قبل منحتنا الأولى.",
        "milestones": [
            {
                "title": "دليل مالي يعتمده مجلس الإدارة",
                "owner": {"side": "organisation", "name": "المسؤولة المالية"},
                "due_on": "2027-03-31",
                "evidence": "محضر اجتماع المجلس ونسخة من الدليل",
            }
        ],
    },
)
def create_action_plan(incoming: Incoming) -> Answer:
    """Write the plan of a case (its people, representatives of the organisation)."""
    return branch.unstored(
        branch.created(incoming, _BRANCH, "create_action_plan", "/v1/action-plans", **incoming.body)
    )


@blueprint.route(_PLAN, methods=["GET"])
@endpoint(
    query=schemas.Selection,
    answer=contract.ActionPlan,
    access=SIGNED_IN,
    versioned=True,
    refuses=(404,),
    branch=_BRANCH,
)
def get_action_plan(incoming: Incoming, plan_id: str) -> Answer:
    """A plan in its newest edition, and who has signed that (all who may know of the case)."""
    return branch.unstored(branch.one(incoming, _BRANCH, "get_action_plan", id=plan_id))


@blueprint.route(_PLAN, methods=["PATCH"])
@endpoint(
    body=contract.PlanChanges,
    answer=contract.ActionPlan,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, *_OF_CONTENT, errors.MILESTONE_REACHED, errors.EDITIONS_USED_UP),
    branch=_BRANCH,
    example={"goal": "إدارة مالية يمكن التحقّق منها.", "reason": "بعد زيارة المستشارة"},
)
def change_action_plan(incoming: Incoming, plan_id: str) -> Answer:
    """Write one more edition, which both sides are asked to sign (people of the case,
    representatives). What was signed stays on the edition before; what was agreed last stays in
    force until this one is agreed.

    A list of milestones takes the place of the one before: one that goes on keeps its id, a new one
    has none.
    """
    return branch.unstored(
        branch.changed(incoming, _BRANCH, "change_action_plan", plan_id, **incoming.body)
    )


@blueprint.route(f"{_PLAN}/signatures", methods=["POST"])
@endpoint(
    body=contract.PlanSigning,
    answer=contract.ActionPlan,
    status=201,
    access=SIGNED_IN,
    creates=True,
    versioned=True,
    refuses=(
        403,
        404,
        errors.PLAN_CHANGED,
        errors.PLAN_FROZEN,
        errors.SAME_SIGNER,
        errors.MILESTONE_REACHED,
    ),
    branch=_BRANCH,
    example={"edition": 2, "content_hash": "3b" * 32},
)
def sign_action_plan(incoming: Incoming, plan_id: str) -> Answer:
    """Sign the newest edition: advisers of the case for the centre, representatives for the
    organisation. With the second signature its milestones are in force.

    The hash says what the person has read, in place of `If-Match`: the other side may sign in the
    same moment, but nobody signs what was changed meanwhile.
    """
    answer = branch.one(incoming, _BRANCH, "sign_action_plan", id=plan_id, **incoming.body)
    answer.location = f"/v1/action-plans/{plan_id}"
    return branch.unstored(answer)


@blueprint.route(f"{_PLAN}/close", methods=["POST"])
@endpoint(
    body=contract.PlanClosing,
    answer=contract.ActionPlan,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, errors.PLAN_FROZEN),
    branch=_BRANCH,
    example={"reason": "أُنجزت جميع محطات الخطة."},
)
def close_action_plan(incoming: Incoming, plan_id: str) -> Answer:
    """End the work on a plan (advisers of the case, representatives). It is frozen then."""
    return branch.unstored(
        branch.changed(incoming, _BRANCH, "close_action_plan", plan_id, **incoming.body)
    )


@blueprint.route(f"{_PLAN}/editions", methods=["GET"])
@endpoint(
    query=schemas.ListQuery,
    answer=plan_schemas.PlanEditionPage,
    access=SIGNED_IN,
    refuses=(404,),
    branch=_BRANCH,
)
def list_plan_editions(incoming: Incoming, plan_id: str) -> Answer:
    """All editions of a plan with their signatures, the newest first (all who may know of the
    case)."""
    return branch.unstored(branch.listed(incoming, _BRANCH, "list_plan_editions", id=plan_id))


@blueprint.route(f"{_PLAN}/editions/<id:number>", methods=["GET"])
@endpoint(answer=contract.PlanEdition, access=SIGNED_IN, refuses=(404,), branch=_BRANCH)
def get_plan_edition(incoming: Incoming, plan_id: str, number: str) -> Answer:
    """One edition with its signatures (all who may know of the case)."""
    asked = {"id": plan_id, "number": branch.number_in_path(number)}
    return branch.unstored(Answer(branch.ask(incoming, _BRANCH, "get_plan_edition", **asked)))


@blueprint.route(f"{_PLAN}/editions/<id:number>/pdf", methods=["GET"])
@endpoint(
    query=schemas.PdfQuery,
    media=(TYPES[".pdf"],),
    access=SIGNED_IN,
    refuses=(404,),
    branch=_BRANCH,
)
def print_plan_edition(incoming: Incoming, plan_id: str, number: str) -> Answer:
    """An edition to print and keep, as PDF: milestones with owners and due dates, signatures and
    the hash that they are for (all who may know of the case).

    It is made for each request and kept nowhere.
    """
    asked = {
        "id": plan_id,
        "number": branch.number_in_path(number),
        "language": incoming.query["language"] or incoming.call.language,
    }
    return branch.unstored(branch.file(incoming, _BRANCH, "print_plan_edition", **asked))


@blueprint.route(f"{_PLAN}/history", methods=["GET"])
@endpoint(
    query=schemas.ListQuery,
    answer=schemas.HistoryPage,
    access=SIGNED_IN,
    refuses=(404,),
    branch=_BRANCH,
)
def action_plan_history(incoming: Incoming, plan_id: str) -> Answer:
    """Who changed, signed and closed a plan, when and why; no text of it."""
    return branch.unstored(branch.listed(incoming, _BRANCH, "action_plan_history", id=plan_id))
