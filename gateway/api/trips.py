"""Trips: the visits of one adviser on one day, one after the other."""

from __future__ import annotations

from gateway.api import branch
from gateway.web import calendar_schemas, schemas
from gateway.web.endpoint import SIGNED_IN, Answer, Incoming, endpoint
from gateway.web.openapi import Blueprint
from services.common.contracts.consultations import adviser_errors, calendar_errors
from services.common.contracts.consultations import trips as contract

blueprint = Blueprint("trips", __name__, description="Trips of advisers")

_BRANCH = "consultations"
_TRIP = {"visit_ids": ["visit-1", "visit-2"], "ways_minutes": [30, 20, 30]}
_OF_TRIP = (
    calendar_errors.NOT_A_TRIP,
    calendar_errors.TIME_NOT_OFFERED,
    calendar_errors.VISIT_NOT_ALLOWED_NOW,
    adviser_errors.UNKNOWN_ADVISER,
)


@blueprint.route("/v1/trips", methods=["GET"])
@endpoint(
    query=calendar_schemas.TripsQuery,
    answer=calendar_schemas.TripPage,
    access=SIGNED_IN,
    branch=_BRANCH,
)
def list_trips(incoming: Incoming) -> Answer:
    """My trips as an adviser; staff see those of their centre too."""
    return branch.unstored(branch.listed(incoming, _BRANCH, "list_trips"))


@blueprint.route("/v1/trips/<id:trip_id>", methods=["GET"])
@endpoint(
    query=schemas.Selection,
    answer=contract.Trip,
    access=SIGNED_IN,
    versioned=True,
    refuses=(404,),
    branch=_BRANCH,
)
def get_trip(incoming: Incoming, trip_id: str) -> Answer:
    """One trip (its adviser, and staff of the centre)."""
    return branch.unstored(branch.one(incoming, _BRANCH, "get_trip", id=trip_id))


@blueprint.route("/v1/trips", methods=["POST"])
@endpoint(
    body=contract.TripDetails,
    answer=contract.Trip,
    status=201,
    access=SIGNED_IN,
    creates=True,
    versioned=True,
    refuses=(403, *_OF_TRIP),
    branch=_BRANCH,
    example=_TRIP,
)
def plan_trip(incoming: Incoming) -> Answer:
    """Join accepted visits of a day (their adviser, and staff of the centre). The adviser drives on
    from one to the next, in place of coming back between them."""
    return branch.unstored(
        branch.created(incoming, _BRANCH, "plan_trip", "/v1/trips", **incoming.body)
    )


@blueprint.route("/v1/trips/<id:trip_id>", methods=["PATCH"])
@endpoint(
    body=contract.TripDetails,
    answer=contract.Trip,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, *_OF_TRIP, calendar_errors.TRIP_NOT_ALLOWED_NOW),
    branch=_BRANCH,
    example=_TRIP,
)
def change_trip(incoming: Incoming, trip_id: str) -> Answer:
    """Let a trip have other visits or ways (its adviser, and staff of the centre)."""
    return branch.unstored(
        branch.changed(incoming, _BRANCH, "change_trip", trip_id, **incoming.body)
    )


@blueprint.route("/v1/trips/<id:trip_id>/dissolve", methods=["POST"])
@endpoint(
    body=schemas.Empty,
    answer=contract.Trip,
    access=SIGNED_IN,
    changes=True,
    refuses=(
        404,
        calendar_errors.TIME_NOT_OFFERED,
        calendar_errors.VISIT_NOT_ALLOWED_NOW,
        calendar_errors.TRIP_NOT_ALLOWED_NOW,
        adviser_errors.UNKNOWN_ADVISER,
    ),
    branch=_BRANCH,
)
def dissolve_trip(incoming: Incoming, trip_id: str) -> Answer:
    """Give a trip up (its adviser, and staff of the centre); its visits stay."""
    return branch.unstored(branch.changed(incoming, _BRANCH, "dissolve_trip", trip_id))
