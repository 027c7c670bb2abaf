"""Files of sessions: materials, and the sheet that people sign."""

from __future__ import annotations

from gateway.api import branch
from gateway.web import training_schemas
from gateway.web.endpoint import SIGNED_IN, Answer, Incoming, endpoint
from gateway.web.openapi import Blueprint
from services.common.contracts import files_errors
from services.common.contracts.files import LARGEST
from services.common.contracts.trainings import materials as contract
from services.common.contracts.trainings import materials_errors
from services.common.files.wire import content_to_wire

blueprint = Blueprint("materials", __name__, description="Files of sessions")

_BRANCH = "trainings"
_SESSION = "/v1/cohorts/<id:cohort_id>/sessions/<id:session_id>"
_MATERIAL = "/v1/cohorts/<id:cohort_id>/materials/<id:material_id>"


@blueprint.route("/v1/cohorts/<id:cohort_id>/materials", methods=["GET"])
@endpoint(answer=contract.MaterialList, access=SIGNED_IN, refuses=(403, 404), branch=_BRANCH)
def list_materials(incoming: Incoming, cohort_id: str) -> Answer:
    """The files of all sessions (people with a seat, trainers of the cohort, staff of the
    centre)."""
    return Answer(branch.ask(incoming, _BRANCH, "list_materials", cohort_id=cohort_id))


@blueprint.route(f"{_SESSION}/materials", methods=["POST"])
@endpoint(
    query=training_schemas.FileQuery,
    largest_file=LARGEST,
    answer=contract.Material,
    status=201,
    access=SIGNED_IN,
    creates=True,
    versioned=True,
    refuses=(403, 404, *files_errors.ALL, *materials_errors.ALL),
    branch=_BRANCH,
)
def add_material(incoming: Incoming, cohort_id: str, session_id: str) -> Answer:
    """Give a session a file of at most 5 MiB (trainers of the cohort, staff of the centre).

    The body is the file as it is. What it is, its content says; one that is not what its name says
    is refused.
    """
    answer = branch.one(
        incoming,
        _BRANCH,
        "add_material",
        cohort_id=cohort_id,
        session_id=session_id,
        name=incoming.query["name"],
        content=content_to_wire(incoming.file),
    )
    answer.location = f"/v1/cohorts/{cohort_id}/materials/{answer.data['id']}"
    return answer


@blueprint.route(_MATERIAL, methods=["GET"])
@endpoint(media=("*/*",), access=SIGNED_IN, refuses=(403, 404), branch=_BRANCH)
def read_material(incoming: Incoming, cohort_id: str, material_id: str) -> Answer:
    """A file, to be saved (people with a seat, trainers of the cohort, staff of the centre)."""
    asked = {"cohort_id": cohort_id, "id": material_id}
    return branch.file(incoming, _BRANCH, "read_material", **asked)


@blueprint.route(_MATERIAL, methods=["DELETE"])
@endpoint(status=204, access=SIGNED_IN, refuses=(403, 404), branch=_BRANCH)
def remove_material(incoming: Incoming, cohort_id: str, material_id: str) -> Answer:
    """Take a file away (trainers of the cohort, staff of the centre)."""
    branch.ask(incoming, _BRANCH, "remove_material", cohort_id=cohort_id, id=material_id)
    return Answer(None)


@blueprint.route(f"{_SESSION}/sign-in-sheet", methods=["GET"])
@endpoint(media=("application/pdf",), access=SIGNED_IN, refuses=(403, 404), branch=_BRANCH)
def sign_in_sheet(incoming: Incoming, cohort_id: str, session_id: str) -> Answer:
    """The sheet that people sign, as PDF in the language of `Accept-Language` (trainers of the
    cohort, staff of the centre)."""
    asked = {"cohort_id": cohort_id, "session_id": session_id}
    return branch.file(incoming, _BRANCH, "sign_in_sheet", **asked)
