"""The waitlist, over HTTP."""

from __future__ import annotations

from gateway.api import branch
from gateway.web import schemas
from gateway.web.endpoint import SIGNED_IN, Answer, Incoming, endpoint
from gateway.web.openapi import Blueprint
from services.common.contracts.bookings import errors, refusals
from services.common.contracts.bookings import waitlist as contract

blueprint = Blueprint("waitlist", __name__, description="Waiting for a time that is taken")

_BRANCH = "bookings"


@blueprint.route("/v1/waitlist-entries", methods=["POST"])
@endpoint(
    body=contract.JoinWaitlist,
    answer=contract.WaitlistEntry,
    status=201,
    access=SIGNED_IN,
    creates=True,
    versioned=True,
    refuses=(
        403,
        404,
        errors.PLACE_NEEDED,
        errors.UNKNOWN_CENTRE,
        errors.UNKNOWN_SPACE,
        errors.UNKNOWN_ORGANISATION,
        errors.UNKNOWN_EQUIPMENT,
        errors.OFF_RASTER,
        errors.WINDOW_TOO_SHORT,
        errors.WINDOW_TOO_LONG,
        errors.WINDOW_OVER,
        errors.TOO_FAR_AHEAD,
        errors.NOT_OF_ORGANISATION,
        errors.NOT_OF_CENTRE,
        errors.ORGANISATION_NOT_APPROVED,
        errors.SPACE_RETIRED,
        errors.TOO_MANY_PEOPLE,
        errors.NO_FITTING_SPACE,
        errors.EQUIPMENT_TOO_FEW,
    ),
    branch=_BRANCH,
    example={
        "centre_id": "raqqa",
        "organisation_id": "euphrates-development",
        "window_from": "2026-11-24T06:00:00Z",
        "window_to": "2026-11-26T14:00:00Z",
        "duration_minutes": 120,
        "title": "لقاء التخطيط",
        "purpose": "meeting",
        "people": 12,
        "features": ["whiteboard"],
        "equipment": [{"equipment_id": "raqqa-projector", "quantity": 1}],
    },
)
def join_waitlist(incoming: Incoming) -> Answer:
    """Wait for a time in a space, or in any of a centre's that fits, with the equipment named.

    When one becomes free it is held for a while for the entry that has waited longest: accept it or
    let it go. What is free already is offered within a moment.
    """
    path = "/v1/waitlist-entries"
    return branch.created(incoming, _BRANCH, "join_waitlist", path, **incoming.body)


@blueprint.route("/v1/waitlist-entries", methods=["GET"])
@endpoint(
    query=schemas.WaitlistQuery,
    answer=schemas.WaitlistEntryPage,
    access=SIGNED_IN,
    refuses=(403, 404),
    branch=_BRANCH,
)
def list_waitlist_entries(incoming: Incoming) -> Answer:
    """The entries that the caller may see, in the order in which they came."""
    return branch.listed(incoming, _BRANCH, "list_waitlist_entries")


@blueprint.route("/v1/waitlist-entries/<id:entry_id>", methods=["GET"])
@endpoint(
    query=schemas.Selection,
    answer=contract.WaitlistEntry,
    access=SIGNED_IN,
    versioned=True,
    refuses=(403, 404),
    branch=_BRANCH,
)
def get_waitlist_entry(incoming: Incoming, entry_id: str) -> Answer:
    """One entry, with what it is or was offered."""
    return branch.one(incoming, _BRANCH, "get_waitlist_entry", id=entry_id)


@blueprint.route("/v1/waitlist-entries/<id:entry_id>/accept", methods=["POST"])
@endpoint(
    body=schemas.Empty,
    answer=contract.WaitlistEntry,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, errors.NOT_ALLOWED_WHILE_WAITING, errors.HOLD_OVER, *refusals.OF_TAKING),
    branch=_BRANCH,
)
def accept_offer(incoming: Incoming, entry_id: str) -> Answer:
    """Take the offered time; pending where the space needs the front desk's approval."""
    return branch.changed(incoming, _BRANCH, "accept_offer", entry_id)


@blueprint.route("/v1/waitlist-entries/<id:entry_id>/decline", methods=["POST"])
@endpoint(
    body=schemas.Empty,
    answer=contract.WaitlistEntry,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, errors.NOT_ALLOWED_WHILE_WAITING),
    branch=_BRANCH,
)
def decline_offer(incoming: Incoming, entry_id: str) -> Answer:
    """Let the offered time go to the next, and leave the line."""
    return branch.changed(incoming, _BRANCH, "decline_offer", entry_id)


@blueprint.route("/v1/waitlist-entries/<id:entry_id>/cancel", methods=["POST"])
@endpoint(
    body=schemas.Empty,
    answer=contract.WaitlistEntry,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, errors.NOT_ALLOWED_WHILE_WAITING),
    branch=_BRANCH,
)
def cancel_waitlist_entry(incoming: Incoming, entry_id: str) -> Answer:
    """Wait no more; what is offered goes to the next."""
    return branch.changed(incoming, _BRANCH, "cancel_waitlist_entry", entry_id)
