"""The selection of applicants: criteria and reviewers, reviews, ranking and shortlist."""

from __future__ import annotations

from gateway.api import branch
from gateway.web import schemas, selection_schemas
from gateway.web.endpoint import SIGNED_IN, Answer, Incoming, endpoint
from gateway.web.openapi import Blueprint
from services.common.contracts.trainings import applications, roster_errors
from services.common.contracts.trainings import selection as contract
from services.common.contracts.trainings import selection_errors as errors

blueprint = Blueprint("selection", __name__, description="Selection of applicants")

_BRANCH = "trainings"


@blueprint.route("/v1/cohorts/<id:cohort_id>/selection", methods=["GET"])
@endpoint(
    query=schemas.Selection,
    answer=contract.Selection,
    access=SIGNED_IN,
    versioned=True,
    refuses=(403, 404),
    branch=_BRANCH,
)
def get_selection(incoming: Incoming, cohort_id: str) -> Answer:
    """How applications are scored (staff of the centre, reviewers of the cohort)."""
    return branch.one(incoming, _BRANCH, "get_selection", id=cohort_id)


@blueprint.route("/v1/cohorts/<id:cohort_id>/selection", methods=["PUT"])
@endpoint(
    body=contract.SelectionRules,
    answer=contract.Selection,
    access=SIGNED_IN,
    changes=True,
    refuses=(
        403,
        404,
        errors.NO_CRITERIA,
        errors.REVIEWS_BEGUN,
        roster_errors.COHORT_NOT_ALLOWED_NOW,
    ),
    branch=_BRANCH,
    example={
        "criteria": [
            {"id": "need", "label": {"ar": "الحاجة", "en": "Need"}, "weight": 3},
            {"id": "plan", "label": {"ar": "خطة التطبيق", "en": "Plan to apply it"}, "weight": 1},
        ],
        "reviews": 2,
        "blind": True,
    },
)
def set_selection(incoming: Incoming, cohort_id: str) -> Answer:
    """Say what reviewers score, with which weights and scales (staff of the centre).

    If it is blind, reviewers are shown no names, organisations or sexes before the decision; staff
    of the centre, who see them, cannot review then. `If-Match` is the version of the cohort.
    """
    return branch.changed(incoming, _BRANCH, "set_selection", cohort_id, **incoming.body)


@blueprint.route("/v1/cohorts/<id:cohort_id>/reviewers", methods=["PUT"])
@endpoint(
    body=contract.Reviewers,
    answer=contract.Selection,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, errors.UNKNOWN_REVIEWER, roster_errors.COHORT_NOT_ALLOWED_NOW),
    branch=_BRANCH,
    example={"person_ids": ["omar", "trainer"]},
)
def set_reviewers(incoming: Incoming, cohort_id: str) -> Answer:
    """Say who reviews the applications (staff of the centre). `If-Match` is the version of the
    cohort."""
    return branch.changed(incoming, _BRANCH, "set_reviewers", cohort_id, **incoming.body)


@blueprint.route("/v1/cohorts/<id:cohort_id>/reviews", methods=["GET"])
@endpoint(
    query=selection_schemas.ReviewTasksQuery,
    answer=selection_schemas.ReviewTaskPage,
    access=SIGNED_IN,
    refuses=(403, 404, errors.REVIEWER_SEES_NAMES),
    branch=_BRANCH,
)
def list_review_tasks(incoming: Incoming, cohort_id: str) -> Answer:
    """The applications that I still have to review, or have reviewed (reviewers of the cohort).

    Those of my own organisation are left out.
    """
    return branch.listed(incoming, _BRANCH, "list_review_tasks", cohort_id=cohort_id)


@blueprint.route("/v1/applications/<id:application_id>/review", methods=["GET"])
@endpoint(
    query=schemas.Selection,
    answer=contract.Review,
    access=SIGNED_IN,
    refuses=(403, 404, errors.CONFLICT_OF_INTEREST, errors.REVIEWER_SEES_NAMES),
    branch=_BRANCH,
)
def get_review(incoming: Incoming, application_id: str) -> Answer:
    """An application as I review it, with my scores (reviewers of the cohort)."""
    return Answer(branch.ask(incoming, _BRANCH, "get_review", id=application_id))


@blueprint.route("/v1/applications/<id:application_id>/review", methods=["PUT"])
@endpoint(
    body=contract.GivenScores,
    answer=contract.Review,
    access=SIGNED_IN,
    refuses=(
        403,
        404,
        errors.CONFLICT_OF_INTEREST,
        errors.REVIEWER_SEES_NAMES,
        errors.NO_SELECTION,
        errors.UNKNOWN_CRITERION,
        errors.SCORE_OFF_SCALE,
        roster_errors.APPLICATION_NOT_ALLOWED_NOW,
    ),
    branch=_BRANCH,
    example={"scores": {"need": 4, "plan": 3}, "remark": "خطة واضحة"},
)
def put_review(incoming: Incoming, application_id: str) -> Answer:
    """Score an application (reviewers of the cohort). My scores take the place of my earlier ones,
    until the application is decided."""
    found = branch.ask(incoming, _BRANCH, "put_review", id=application_id, **incoming.body)
    return Answer(found)


@blueprint.route("/v1/cohorts/<id:cohort_id>/ranking", methods=["GET"])
@endpoint(
    query=schemas.Selection,
    answer=contract.Ranking,
    access=SIGNED_IN,
    refuses=(403, 404, errors.NO_SELECTION),
    branch=_BRANCH,
)
def cohort_ranking(incoming: Incoming, cohort_id: str) -> Answer:
    """The undecided applications, the best first, with what each score is made of (staff of the
    centre)."""
    return Answer(branch.ask(incoming, _BRANCH, "cohort_ranking", id=cohort_id))


@blueprint.route("/v1/cohorts/<id:cohort_id>/shortlist", methods=["POST"])
@endpoint(
    body=contract.Shortlisting,
    answer=applications.Applications,
    status=201,
    access=SIGNED_IN,
    creates=True,
    refuses=(403, 404),
    branch=_BRANCH,
    example={"most": 30, "least_score": 50},
)
def shortlist_best(incoming: Incoming, cohort_id: str) -> Answer:
    """Put the best onto the shortlist (staff of the centre); seats are offered from it by rank."""
    sent = {**incoming.body, "cohort_id": cohort_id}
    answer = Answer(branch.ask(incoming, _BRANCH, "shortlist_best", **sent))
    answer.location = f"/v1/cohorts/{cohort_id}/applications"
    return answer
