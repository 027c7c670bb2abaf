"""Recommendations: what would help an organisation most, and what came of it."""

from __future__ import annotations

from gateway.api import branch
from gateway.web import assessment_schemas, schemas
from gateway.web.endpoint import SIGNED_IN, Answer, Incoming, endpoint
from gateway.web.openapi import Blueprint
from services.common.contracts.consultations import case_errors
from services.common.contracts.consultations import recommendations as contract
from services.common.contracts.consultations import recommendations_errors as errors

blueprint = Blueprint("recommendations", __name__, description="Recommendations")

_BRANCH = "consultations"


@blueprint.route("/v1/recommendations", methods=["GET"])
@endpoint(
    query=assessment_schemas.RecommendationsQuery,
    answer=assessment_schemas.RecommendationPage,
    access=SIGNED_IN,
    branch=_BRANCH,
)
def list_recommendations(incoming: Incoming) -> Answer:
    """Recommendations to my organisations, the newest first; advisers and managers see all. Each
    shows the terms of its rank."""
    return branch.listed(incoming, _BRANCH, "list_recommendations")


@blueprint.route("/v1/recommendations/<id:recommendation_id>", methods=["GET"])
@endpoint(
    query=schemas.Selection,
    answer=contract.Recommendation,
    access=SIGNED_IN,
    versioned=True,
    refuses=(404,),
    branch=_BRANCH,
)
def get_recommendation(incoming: Incoming, recommendation_id: str) -> Answer:
    """One recommendation, with what has come of it."""
    return branch.one(incoming, _BRANCH, "get_recommendation", id=recommendation_id)


@blueprint.route("/v1/recommendations/from-needs", methods=["POST"])
@endpoint(
    body=contract.ProposeFromNeeds,
    answer=assessment_schemas.RecommendationPage,
    status=201,
    access=SIGNED_IN,
    creates=True,
    refuses=(
        403,
        404,
        case_errors.UNKNOWN_ORGANISATION,
        case_errors.ORGANISATION_NOT_APPROVED,
        errors.ALREADY_ASSESSED,
        errors.NO_NEEDS_KNOWN,
    ),
    branch=_BRANCH,
    example={"organisation_id": "euphrates-development"},
)
def propose_from_needs(incoming: Incoming) -> Answer:
    """Propose what the newest needs study found to an organisation that has no assessment yet
    (advisers and managers who do not belong to it)."""
    found = branch.ask(incoming, _BRANCH, "propose_from_needs", **incoming.body)
    path = f"/v1/recommendations?organisation_id={incoming.body['organisation_id']}"
    return Answer({"items": found["items"], "next_cursor": None}, location=path)


@blueprint.route("/v1/recommendations/<id:recommendation_id>/approve", methods=["POST"])
@endpoint(
    body=contract.DecisionReason,
    body_optional=True,
    answer=contract.Recommendation,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, errors.RECOMMENDATION_NOT_ALLOWED_NOW),
    branch=_BRANCH,
    example={"reason": "تبدأ المنظمة مشروعها الأول بعد شهرين"},
)
def approve_recommendation(incoming: Incoming, recommendation_id: str) -> Answer:
    """Approve a proposal (advisers and managers who do not belong to the organisation). What comes
    of it is counted from now on."""
    return branch.changed(
        incoming, _BRANCH, "approve_recommendation", recommendation_id, **incoming.body
    )


@blueprint.route("/v1/recommendations/<id:recommendation_id>/decline", methods=["POST"])
@endpoint(
    body=contract.RequiredDecisionReason,
    answer=contract.Recommendation,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, errors.RECOMMENDATION_NOT_ALLOWED_NOW),
    branch=_BRANCH,
    example={"reason": "تدرّب فريق المنظمة على هذا المحور لدى جهة أخرى"},
)
def decline_recommendation(incoming: Incoming, recommendation_id: str) -> Answer:
    """Decline a proposal, with the reason (advisers and managers who do not belong to the
    organisation)."""
    return branch.changed(
        incoming, _BRANCH, "decline_recommendation", recommendation_id, **incoming.body
    )


@blueprint.route("/v1/recommendations/<id:recommendation_id>/end", methods=["POST"])
@endpoint(
    body=contract.RequiredDecisionReason,
    answer=contract.Recommendation,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, errors.RECOMMENDATION_NOT_ALLOWED_NOW),
    branch=_BRANCH,
    example={"reason": "تغيّرت أولويات المنظمة"},
)
def end_recommendation(incoming: Incoming, recommendation_id: str) -> Answer:
    """End a recommendation that nothing will come of any more, with the reason (advisers and
    managers who do not belong to the organisation)."""
    return branch.changed(
        incoming, _BRANCH, "end_recommendation", recommendation_id, **incoming.body
    )


@blueprint.route("/v1/recommendations/<id:recommendation_id>/history", methods=["GET"])
@endpoint(
    query=schemas.ListQuery,
    answer=schemas.HistoryPage,
    access=SIGNED_IN,
    refuses=(404,),
    branch=_BRANCH,
)
def recommendation_history(incoming: Incoming, recommendation_id: str) -> Answer:
    """What became of the recommendation, when and why. Oldest first."""
    return branch.listed(incoming, _BRANCH, "recommendation_history", id=recommendation_id)
