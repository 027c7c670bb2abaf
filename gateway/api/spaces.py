"""What a manager says of the spaces; everybody reads them beside the centres."""

from __future__ import annotations

from gateway.api import branch
from gateway.web import schemas
from gateway.web.endpoint import SIGNED_IN, Answer, Incoming, endpoint
from gateway.web.openapi import Blueprint
from services.common.contracts.bookings import errors, rpc
from services.common.contracts.bookings import spaces as contract

blueprint = Blueprint("spaces", __name__, description="Adding and changing spaces")

_BRANCH = "bookings"


@blueprint.route("/v1/spaces", methods=["POST"])
@endpoint(
    body=contract.AddSpace,
    answer=rpc.Space,
    status=201,
    access=SIGNED_IN,
    creates=True,
    versioned=True,
    refuses=(403, errors.NO_SUCH_PARTS, errors.UNKNOWN_CENTRE),
    branch=_BRANCH,
    example={
        "centre_id": "tabqa",
        "name": {"ar": "غرفة الحاسوب", "en": "Computer room"},
        "capacity": 14,
        "features": ["internet", "projector"],
        "buffer_after_minutes": 15,
    },
)
def add_space(incoming: Incoming) -> Answer:
    """Add a space to a centre, or a hall that is made of some of its spaces (managers)."""
    return branch.created(incoming, _BRANCH, "add_space", "/v1/spaces", **incoming.body)


@blueprint.route("/v1/spaces/<id:space_id>", methods=["PATCH"])
@endpoint(
    body=contract.SpaceChanges,
    answer=contract.ChangedSpace,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, errors.SPACE_BOOKED, errors.PART_IN_USE, errors.PARTS_RETIRED),
    branch=_BRANCH,
    example={"capacity": 20, "buffer_after_minutes": 30, "reason": "مقاعد أقل"},
)
def change_space(incoming: Incoming, space_id: str) -> Answer:
    """Change the name, capacity, features or buffers of a space, or retire it (managers).

    Bookings made before stay as they are, with the buffers of then; those of more people than a
    lower capacity are in `too_large`. A space with bookings to come cannot be retired: that is a
    409, and they are in `bookings`. Nor can a part of a hall that is in use: the halls are in
    `halls`; a hall comes back after its parts, which are in `parts` until then.
    """
    return branch.changed(incoming, _BRANCH, "change_space", space_id, **incoming.body)


@blueprint.route("/v1/spaces/<id:space_id>/history", methods=["GET"])
@endpoint(
    query=schemas.ListQuery,
    answer=schemas.HistoryPage,
    access=SIGNED_IN,
    refuses=(403, 404),
    branch=_BRANCH,
)
def space_history(incoming: Incoming, space_id: str) -> Answer:
    """Who changed what of the space, when and why, its hours among it (staff of its centre).

    Oldest first.
    """
    return branch.listed(incoming, _BRANCH, "space_history", id=space_id)
