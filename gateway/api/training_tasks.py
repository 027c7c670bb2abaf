"""Tasks of staff about trainings: what nobody else can see to."""

from __future__ import annotations

from gateway.api import branch
from gateway.web import schemas, training_schemas
from gateway.web.endpoint import SIGNED_IN, Answer, Incoming, endpoint
from gateway.web.openapi import Blueprint
from services.common.contracts.trainings import tasks as contract

blueprint = Blueprint("training_tasks", __name__, description="Tasks of staff about trainings")

_BRANCH = "trainings"


@blueprint.route("/v1/training-tasks", methods=["GET"])
@endpoint(
    query=training_schemas.TasksQuery,
    answer=training_schemas.TaskPage,
    access=SIGNED_IN,
    refuses=(403,),
    branch=_BRANCH,
)
def list_tasks(incoming: Incoming) -> Answer:
    """What there is to do at my centre (staff): rooms that are refused, lost, or not answered."""
    return branch.listed(incoming, _BRANCH, "list_tasks")


@blueprint.route("/v1/training-tasks/<id:task_id>/close", methods=["POST"])
@endpoint(
    body=schemas.Empty,
    answer=contract.Task,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404),
    branch=_BRANCH,
)
def close_task(incoming: Incoming, task_id: str) -> Answer:
    """Say that a task is done (staff of the centre). It closes by itself when its cause is gone."""
    return branch.changed(incoming, _BRANCH, "close_task", task_id)
