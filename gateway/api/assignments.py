"""Assignments of trainers: staff ask, trainers answer."""

from __future__ import annotations

from gateway.api import branch
from gateway.web import schemas, training_schemas
from gateway.web.endpoint import SIGNED_IN, Answer, Incoming, endpoint
from gateway.web.openapi import Blueprint
from services.common.contracts.trainings import assignment_errors, roster_errors
from services.common.contracts.trainings import assignments as contract
from services.common.contracts.trainings.cohorts import GivenReason

blueprint = Blueprint("assignments", __name__, description="Trainers of cohorts")

_BRANCH = "trainings"


@blueprint.route("/v1/assignments", methods=["GET"])
@endpoint(
    query=training_schemas.AssignmentsQuery,
    answer=training_schemas.AssignmentPage,
    access=SIGNED_IN,
    branch=_BRANCH,
)
def list_assignments(incoming: Incoming) -> Answer:
    """My assignments as a trainer; staff see those of their centre too."""
    return branch.listed(incoming, _BRANCH, "list_assignments")


@blueprint.route("/v1/assignments/<id:assignment_id>", methods=["GET"])
@endpoint(
    query=schemas.Selection,
    answer=contract.Assignment,
    access=SIGNED_IN,
    versioned=True,
    refuses=(404,),
    branch=_BRANCH,
)
def get_assignment(incoming: Incoming, assignment_id: str) -> Answer:
    """One assignment (its trainer, and staff of the centre)."""
    return branch.one(incoming, _BRANCH, "get_assignment", id=assignment_id)


@blueprint.route("/v1/cohorts/<id:cohort_id>/assignments", methods=["POST"])
@endpoint(
    body=contract.Assigned,
    answer=contract.Assignment,
    status=201,
    access=SIGNED_IN,
    creates=True,
    versioned=True,
    refuses=(
        403,
        404,
        assignment_errors.UNKNOWN_SESSION,
        assignment_errors.UNKNOWN_TRAINER,
        assignment_errors.TRAINER_TAKEN,
        assignment_errors.ALREADY_ASSIGNED,
        roster_errors.ALREADY_ON_ROSTER,
        roster_errors.COHORT_NOT_ALLOWED_NOW,
    ),
    branch=_BRANCH,
    example={"trainer_id": "person-17"},
)
def assign_trainer(incoming: Incoming, cohort_id: str) -> Answer:
    """Ask a trainer to teach a cohort, or some of its sessions (staff of the centre).

    The trainer is taken at those times from now on, until the assignment is declined or withdrawn.
    """
    answer = branch.one(incoming, _BRANCH, "assign_trainer", cohort_id=cohort_id, **incoming.body)
    answer.location = f"/v1/assignments/{answer.data['id']}"
    return answer


@blueprint.route("/v1/assignments/<id:assignment_id>/accept", methods=["POST"])
@endpoint(
    body=schemas.Empty,
    answer=contract.Assignment,
    access=SIGNED_IN,
    changes=True,
    refuses=(
        403,
        404,
        assignment_errors.ASSIGNMENT_NOT_ALLOWED_NOW,
        roster_errors.ALREADY_ON_ROSTER,
        roster_errors.COHORT_NOT_ALLOWED_NOW,
    ),
    branch=_BRANCH,
)
def accept_assignment(incoming: Incoming, assignment_id: str) -> Answer:
    """Come and teach (the trainer)."""
    return branch.changed(incoming, _BRANCH, "accept_assignment", assignment_id)


@blueprint.route("/v1/assignments/<id:assignment_id>/decline", methods=["POST"])
@endpoint(
    body=GivenReason,
    body_optional=True,
    answer=contract.Assignment,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, assignment_errors.ASSIGNMENT_NOT_ALLOWED_NOW),
    branch=_BRANCH,
    example={"reason": "ظرف عائلي"},
)
def decline_assignment(incoming: Incoming, assignment_id: str) -> Answer:
    """Not come, or not any more (the trainer). Staff of the centre find another trainer."""
    return branch.changed(incoming, _BRANCH, "decline_assignment", assignment_id, **incoming.body)


@blueprint.route("/v1/assignments/<id:assignment_id>/withdraw", methods=["POST"])
@endpoint(
    body=GivenReason,
    body_optional=True,
    answer=contract.Assignment,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, assignment_errors.ASSIGNMENT_NOT_ALLOWED_NOW),
    branch=_BRANCH,
    example={"reason": "دُمجت الجلستان"},
)
def withdraw_assignment(incoming: Incoming, assignment_id: str) -> Answer:
    """Need the trainer no more (staff of the centre)."""
    return branch.changed(incoming, _BRANCH, "withdraw_assignment", assignment_id, **incoming.body)
