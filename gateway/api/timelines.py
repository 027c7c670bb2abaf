"""Timelines of trainings: what people applied for, attended and earned."""

from __future__ import annotations

from gateway.api import branch
from gateway.web import schemas, training_schemas
from gateway.web.endpoint import SIGNED_IN, Answer, Incoming, endpoint
from gateway.web.openapi import Blueprint

blueprint = Blueprint("timelines", __name__, description="Timelines of trainings")

_BRANCH = "trainings"


@blueprint.route("/v1/me/timeline", methods=["GET"])
@endpoint(
    query=schemas.ListQuery,
    answer=training_schemas.TimelinePage,
    access=SIGNED_IN,
    branch=_BRANCH,
)
def my_timeline(incoming: Incoming) -> Answer:
    """What the caller has applied for, attended and earned in the last 200 cohorts, the earliest
    first."""
    return branch.listed(incoming, _BRANCH, "participant_timeline")


@blueprint.route("/v1/participants/<id:participant_id>/timeline", methods=["GET"])
@endpoint(
    query=schemas.ListQuery,
    answer=training_schemas.TimelinePage,
    access=SIGNED_IN,
    refuses=(404,),
    branch=_BRANCH,
)
def participant_timeline(incoming: Incoming, participant_id: str) -> Answer:
    """What a participant has applied for, attended and earned in the last 200 cohorts (staff, and
    the person).

    What the person did under a record that was merged is part of it.
    """
    return branch.listed(incoming, _BRANCH, "participant_timeline", id=participant_id)


@blueprint.route("/v1/organisations/<id:organisation_id>/timeline", methods=["GET"])
@endpoint(
    query=schemas.ListQuery,
    answer=training_schemas.TimelinePage,
    access=SIGNED_IN,
    refuses=(404,),
    branch=_BRANCH,
)
def organisation_timeline(incoming: Incoming, organisation_id: str) -> Answer:
    """What the people of an organisation have applied for, attended and earned in the last 200
    cohorts (its representatives, and staff)."""
    return branch.listed(incoming, _BRANCH, "organisation_timeline", id=organisation_id)
