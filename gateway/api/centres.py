"""Centres, spaces and free times: the public catalogue, and the hours that a manager sets."""

from __future__ import annotations

from gateway.api import branch
from gateway.api.outside_hours import NamedChangedCentre, NamedChangedSpace, named_outside
from gateway.web import schemas
from gateway.web.endpoint import PUBLIC, SIGNED_IN, Answer, Incoming, endpoint
from gateway.web.openapi import Blueprint
from services.common.clock import to_wire
from services.common.contracts import hours_errors
from services.common.contracts.bookings import errors, hours
from services.common.contracts.bookings import rpc as contract

blueprint = Blueprint("centres", __name__, description="Centres, spaces and free times")

_BRANCH = "bookings"
_PARAMETERS = {"/starts_at": "/from", "/ends_at": "/to"}


@blueprint.route("/v1/centres", methods=["GET"])
@endpoint(query=schemas.CentresQuery, answer=schemas.CentrePage, access=PUBLIC, branch=_BRANCH)
def list_centres(incoming: Incoming) -> Answer:
    """The centres, with their opening hours."""
    found, age = branch.public(incoming, _BRANCH, "list_centres")
    return Answer({"items": found["items"], "next_cursor": None}, age=age)


@blueprint.route("/v1/centres/<id:centre_id>", methods=["GET"])
@endpoint(
    query=schemas.Selection,
    answer=contract.Centre,
    access=PUBLIC,
    versioned=True,
    refuses=(404,),
    branch=_BRANCH,
)
def get_centre(incoming: Incoming, centre_id: str) -> Answer:
    """One centre."""
    return branch.public_one(incoming, _BRANCH, "get_centre", id=centre_id)


@blueprint.route("/v1/centres/<id:centre_id>/hours", methods=["PUT"])
@endpoint(
    body=hours.HoursChange,
    answer=NamedChangedCentre,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, *hours_errors.ALL),
    branch=_BRANCH,
    example={"weekly_hours": {"sunday": [["09:00", "13:00"], ["14:00", "17:00"]]}},
)
def set_hours(incoming: Incoming, centre_id: str) -> Answer:
    """Set the weekly opening hours of a centre (managers).

    Bookings to come that lie outside them are listed under `outside`, and stay until staff decide
    on them (`outside-hours/resolve`). With `dry_run` they are only listed.
    """
    return named_outside(branch.changed(incoming, _BRANCH, "set_hours", centre_id, **incoming.body))


@blueprint.route("/v1/spaces", methods=["GET"])
@endpoint(query=schemas.SpacesQuery, answer=schemas.SpacePage, access=PUBLIC, branch=_BRANCH)
def list_spaces(incoming: Incoming) -> Answer:
    """The spaces that can be booked."""
    return branch.public_listed(incoming, _BRANCH, "list_spaces")


@blueprint.route("/v1/spaces/<id:space_id>", methods=["GET"])
@endpoint(
    query=schemas.Selection,
    answer=contract.Space,
    access=PUBLIC,
    versioned=True,
    refuses=(404,),
    branch=_BRANCH,
)
def get_space(incoming: Incoming, space_id: str) -> Answer:
    """One space."""
    return branch.public_one(incoming, _BRANCH, "get_space", id=space_id)


@blueprint.route("/v1/spaces/<id:space_id>/hours", methods=["PUT"])
@endpoint(
    body=hours.SpaceHoursChange,
    answer=NamedChangedSpace,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, *hours_errors.ALL),
    branch=_BRANCH,
    example={"weekly_hours": {"sunday": [["09:00", "13:00"]]}},
)
def set_space_hours(incoming: Incoming, space_id: str) -> Answer:
    """Give a space hours of its own, or take them away with null (managers).

    Its bookings to come that lie outside are listed under `outside`; with `dry_run` they are only
    listed.
    """
    sent = incoming.body
    return named_outside(branch.changed(incoming, _BRANCH, "set_space_hours", space_id, **sent))


@blueprint.route("/v1/availability", methods=["GET"])
@endpoint(
    query=schemas.AvailabilityQuery,
    answer=contract.Availability,
    access=PUBLIC,
    refuses=(
        errors.END_BEFORE_START,
        errors.PERIOD_TOO_LONG,
        errors.UNKNOWN_CENTRE,
        errors.UNKNOWN_SPACE,
        errors.UNKNOWN_EQUIPMENT,
    ),
    branch=_BRANCH,
)
def find_availability(incoming: Incoming) -> Answer:
    """Free times of spaces in a period. Only free times: who has the others is nobody's business.

    Never from the cache: a free time of yesterday is no free time.
    """
    query = incoming.query
    with branch.pointing_at(_parameter):
        found = branch.ask(
            incoming,
            _BRANCH,
            "find_availability",
            starts_at=to_wire(query["from_"]),
            ends_at=to_wire(query["to"]),
            centre_id=query["centre_id"],
            space_id=query["space_id"],
            duration_minutes=query["duration_minutes"],
            minimum_capacity=query["minimum_capacity"],
            features=query["features"],
            equipment=query["equipment"],
        )
    return Answer(found)


def _parameter(pointer: str) -> str:
    if pointer.startswith("/equipment/"):
        return "/equipment"
    return _PARAMETERS.get(pointer, pointer)
