"""Tasks about consultations: what nobody else can see to."""

from __future__ import annotations

from gateway.api import branch
from gateway.web import consultation_schemas, schemas
from gateway.web.endpoint import SIGNED_IN, Answer, Incoming, endpoint
from gateway.web.openapi import Blueprint
from services.common.contracts.consultations import tasks as contract

blueprint = Blueprint("consultation_tasks", __name__, description="Tasks about consultations")

_BRANCH = "consultations"


@blueprint.route("/v1/consultation-tasks", methods=["GET"])
@endpoint(
    query=consultation_schemas.ConsultationTasksQuery,
    answer=consultation_schemas.ConsultationTaskPage,
    access=SIGNED_IN,
    branch=_BRANCH,
)
def list_consultation_tasks(incoming: Incoming) -> Answer:
    """What I have to see to, and for staff what there is to do at their centre."""
    return branch.unstored(branch.listed(incoming, _BRANCH, "list_tasks"))


@blueprint.route("/v1/consultation-tasks/<id:task_id>/close", methods=["POST"])
@endpoint(
    body=schemas.Empty,
    answer=contract.ConsultationTask,
    access=SIGNED_IN,
    changes=True,
    refuses=(404,),
    branch=_BRANCH,
)
def close_consultation_task(incoming: Incoming, task_id: str) -> Answer:
    """Say that a task is done. It closes by itself when its cause is gone."""
    return branch.unstored(branch.changed(incoming, _BRANCH, "close_task", task_id))
