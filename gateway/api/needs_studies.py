"""Needs studies: what managers write, and campaigns ask."""

from __future__ import annotations

from gateway.api import branch
from gateway.web import campaign_schemas, schemas
from gateway.web.endpoint import SIGNED_IN, Answer, Incoming, endpoint
from gateway.web.openapi import Blueprint
from services.common.contracts.consultations import campaign_errors as errors
from services.common.contracts.consultations import needs_studies as contract
from services.common.contracts.consultations.campaign_limits import LARGEST_STUDY

blueprint = Blueprint("needs_studies", __name__, description="Needs studies")

_BRANCH = "consultations"


@blueprint.route("/v1/needs-studies", methods=["GET"])
@endpoint(
    query=schemas.ListQuery,
    answer=campaign_schemas.NeedsStudyPage,
    access=SIGNED_IN,
    refuses=(403,),
    branch=_BRANCH,
)
def list_needs_studies(incoming: Incoming) -> Answer:
    """The needs studies (staff, trainers and advisers)."""
    return branch.listed(incoming, _BRANCH, "list_needs_studies")


@blueprint.route("/v1/needs-studies/<id:study_id>", methods=["GET"])
@endpoint(
    query=schemas.Selection,
    answer=contract.NeedsStudy,
    access=SIGNED_IN,
    versioned=True,
    refuses=(403, 404),
    branch=_BRANCH,
)
def get_needs_study(incoming: Incoming, study_id: str) -> Answer:
    """A needs study with its questions (staff, trainers and advisers)."""
    answer = branch.one(incoming, _BRANCH, "get_needs_study", id=study_id)
    # A campaign that opens freezes the edition without another version.
    answer.conditional = False
    return answer


@blueprint.route("/v1/needs-studies", methods=["POST"])
@endpoint(
    body=contract.CreateNeedsStudy,
    longest_body=LARGEST_STUDY,
    answer=contract.NeedsStudy,
    status=201,
    access=SIGNED_IN,
    creates=True,
    versioned=True,
    refuses=(403, errors.STUDY_UNFIT),
    branch=_BRANCH,
    example=contract.EXAMPLE,
)
def create_needs_study(incoming: Incoming) -> Answer:
    """Write a needs study down: a form, and which of its questions are ranked (managers)."""
    path = "/v1/needs-studies"
    return branch.created(incoming, _BRANCH, "create_needs_study", path, **incoming.body)


@blueprint.route("/v1/needs-studies/<id:study_id>", methods=["PATCH"])
@endpoint(
    body=contract.NeedsStudyChanges,
    longest_body=LARGEST_STUDY,
    answer=contract.NeedsStudy,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, errors.STUDY_UNFIT),
    branch=_BRANCH,
    example={"needs": contract.EXAMPLE["needs"]},
)
def change_needs_study(incoming: Incoming, study_id: str) -> Answer:
    """Change a needs study (managers). What a campaign has asked stays as it was asked."""
    return branch.changed(incoming, _BRANCH, "change_needs_study", study_id, **incoming.body)
