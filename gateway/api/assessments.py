"""Assessments of organisations: scored, agreed, verified and compared."""

from __future__ import annotations

from gateway.api import branch
from gateway.web import assessment_schemas, schemas
from gateway.web.endpoint import SIGNED_IN, Answer, Incoming, endpoint
from gateway.web.openapi import Blueprint
from services.common.contracts.consultations import assessments as contract
from services.common.contracts.consultations import assessments_errors as errors
from services.common.contracts.consultations import case_errors, instruments_errors
from services.common.contracts.consultations.instruments_limits import LONGEST_BODY

blueprint = Blueprint("assessments", __name__, description="Assessments of organisations")

_BRANCH = "consultations"


@blueprint.route("/v1/assessments", methods=["GET"])
@endpoint(
    query=assessment_schemas.AssessmentsQuery,
    answer=assessment_schemas.AssessmentPage,
    access=SIGNED_IN,
    branch=_BRANCH,
)
def list_assessments(incoming: Incoming) -> Answer:
    """Assessments of my organisations, the newest first; advisers and managers see all."""
    return branch.listed(incoming, _BRANCH, "list_assessments")


@blueprint.route("/v1/assessments/<id:assessment_id>", methods=["GET"])
@endpoint(
    query=schemas.Selection,
    answer=contract.Assessment,
    access=SIGNED_IN,
    versioned=True,
    refuses=(404,),
    branch=_BRANCH,
)
def get_assessment(incoming: Incoming, assessment_id: str) -> Answer:
    """One assessment, with its scores and what they come to."""
    return branch.one(incoming, _BRANCH, "get_assessment", id=assessment_id)


@blueprint.route("/v1/assessments", methods=["POST"])
@endpoint(
    body=contract.StartAssessment,
    answer=contract.Assessment,
    status=201,
    access=SIGNED_IN,
    creates=True,
    versioned=True,
    refuses=(
        403,
        404,
        case_errors.UNKNOWN_ORGANISATION,
        case_errors.ORGANISATION_NOT_APPROVED,
        instruments_errors.UNKNOWN_INSTRUMENT,
        errors.INSTRUMENT_NOT_OFFERED,
        errors.ASSESSMENT_OPEN,
        errors.HELD_IN_THE_FUTURE,
    ),
    branch=_BRANCH,
    example={
        "organisation_id": "euphrates-development",
        "instrument_id": "capacity-1",
        "held_on": "2027-03-01",
        "people": 7,
    },
)
def start_assessment(incoming: Incoming) -> Answer:
    """Begin an assessment (who represents the organisation, advisers, managers). Its edition of
    the instrument is frozen from now on."""
    return branch.created(incoming, _BRANCH, "start_assessment", "/v1/assessments", **incoming.body)


@blueprint.route("/v1/assessments/<id:assessment_id>", methods=["PATCH"])
@endpoint(
    body=contract.AssessmentChanges,
    answer=contract.Assessment,
    access=SIGNED_IN,
    changes=True,
    longest_body=LONGEST_BODY,
    refuses=(
        403,
        404,
        errors.ASSESSMENT_NOT_ALLOWED_NOW,
        errors.UNKNOWN_ITEM,
        errors.UNKNOWN_DOMAIN,
        errors.ITEM_APPLIES,
        errors.SCORE_OR_NOT_APPLICABLE,
        errors.HELD_IN_THE_FUTURE,
    ),
    branch=_BRANCH,
    example={
        "scores": [{"item_id": "finance-budget", "score": 2, "remark": "خطة لكل مشروع"}],
        "priorities": [{"domain_id": "finance", "urgency": 4, "readiness": 3}],
    },
)
def change_assessment(incoming: Incoming, assessment_id: str) -> Answer:
    """Enter scores of a draft, and what the organisation says of domains: as many at a time as is
    convenient."""
    return branch.changed(incoming, _BRANCH, "change_assessment", assessment_id, **incoming.body)


@blueprint.route("/v1/assessments/<id:assessment_id>/agree", methods=["POST"])
@endpoint(
    body=schemas.Empty,
    answer=contract.Assessment,
    access=SIGNED_IN,
    changes=True,
    refuses=(
        403,
        404,
        errors.ASSESSMENT_NOT_ALLOWED_NOW,
        errors.SCORES_MISSING,
        errors.NOTHING_SCORED,
    ),
    branch=_BRANCH,
)
def agree_assessment(incoming: Incoming, assessment_id: str) -> Answer:
    """Agree on the scores, which count from now on. Recommendations are proposed by them."""
    return branch.changed(incoming, _BRANCH, "agree_assessment", assessment_id)


@blueprint.route("/v1/assessments/<id:assessment_id>/evidence", methods=["POST"])
@endpoint(
    body=contract.SeenScores,
    answer=contract.Assessment,
    access=SIGNED_IN,
    changes=True,
    longest_body=LONGEST_BODY,
    refuses=(
        403,
        404,
        errors.ASSESSMENT_NOT_ALLOWED_NOW,
        errors.UNKNOWN_ITEM,
        errors.EVIDENCE_MISSING,
    ),
    branch=_BRANCH,
    example={
        "scores": [{"item_id": "finance-budget", "score": 2, "evidence": "الخطط المالية لعام 2026"}]
    },
)
def note_evidence(incoming: Incoming, assessment_id: str) -> Answer:
    """Note what was seen of items whose scores are agreed (advisers and managers who do not belong
    to the organisation)."""
    return branch.changed(incoming, _BRANCH, "note_evidence", assessment_id, **incoming.body)


@blueprint.route("/v1/assessments/<id:assessment_id>/verify", methods=["POST"])
@endpoint(
    body=schemas.Empty,
    answer=contract.Assessment,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, errors.ASSESSMENT_NOT_ALLOWED_NOW, errors.SCORES_MISSING),
    branch=_BRANCH,
)
def verify_assessment(incoming: Incoming, assessment_id: str) -> Answer:
    """Let the verified scores count (advisers and managers who do not belong to the organisation).
    Recommendations are proposed anew by them."""
    return branch.changed(incoming, _BRANCH, "verify_assessment", assessment_id)


@blueprint.route("/v1/assessments/<id:assessment_id>/withdraw", methods=["POST"])
@endpoint(
    body=contract.WithdrawalReason,
    answer=contract.Assessment,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, errors.ASSESSMENT_NOT_ALLOWED_NOW),
    branch=_BRANCH,
    example={"reason": "أُدخلت درجات منظمة أخرى"},
)
def withdraw_assessment(incoming: Incoming, assessment_id: str) -> Answer:
    """Take an assessment back that is not verified."""
    return branch.changed(incoming, _BRANCH, "withdraw_assessment", assessment_id, **incoming.body)


@blueprint.route("/v1/assessments/<id:assessment_id>/comparison", methods=["GET"])
@endpoint(
    query=assessment_schemas.ComparisonQuery,
    answer=contract.ComparedAssessments,
    access=SIGNED_IN,
    refuses=(
        404,
        errors.ASSESSMENT_NOT_ALLOWED_NOW,
        errors.NOT_EARLIER,
        errors.NOT_COMPARABLE,
    ),
    branch=_BRANCH,
)
def compare_assessments(incoming: Incoming, assessment_id: str) -> Answer:
    """The assessment beside an earlier one of the same organisation, over the items that stand for
    each other and have a score in both."""
    earlier_id = incoming.query["earlier_id"]
    return Answer(
        branch.ask(
            incoming, _BRANCH, "compare_assessments", id=assessment_id, earlier_id=earlier_id
        )
    )


@blueprint.route("/v1/assessments/<id:assessment_id>/history", methods=["GET"])
@endpoint(
    query=schemas.ListQuery,
    answer=schemas.HistoryPage,
    access=SIGNED_IN,
    refuses=(404,),
    branch=_BRANCH,
)
def assessment_history(incoming: Incoming, assessment_id: str) -> Answer:
    """Who changed what of the assessment, when and why. Oldest first."""
    return branch.listed(incoming, _BRANCH, "assessment_history", id=assessment_id)
