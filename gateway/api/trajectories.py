"""The trajectory of an organisation from relief to development."""

from __future__ import annotations

from gateway.api import branch
from gateway.web import assessment_schemas, schemas
from gateway.web.endpoint import SIGNED_IN, Answer, Incoming, endpoint
from gateway.web.openapi import Blueprint
from gateway.web.problems import texts

blueprint = Blueprint("trajectories", __name__, description="Trajectories of organisations")

_BRANCH = "consultations"


@blueprint.route("/v1/organisations/<id:organisation_id>/trajectory", methods=["GET"])
@endpoint(
    query=schemas.Selection,
    answer=assessment_schemas.TrajectoryWithNote,
    access=SIGNED_IN,
    refuses=(404,),
    branch=_BRANCH,
)
def get_trajectory(incoming: Incoming, organisation_id: str) -> Answer:
    """Where an organisation stood at the end of each quarter, and stands now, with every term of
    the formula (its people, advisers and managers). It shows what went together, and proves no
    cause: see `docs/trajectory.md`."""
    found = branch.ask(incoming, _BRANCH, "get_trajectory", organisation_id=organisation_id)
    note = texts.text("trajectory.note", incoming.call.language)
    return Answer({**found, "note": note})
