"""Check-in at the door, and correcting what was missed there, over HTTP."""

from __future__ import annotations

from gateway.api import branch
from gateway.web import schemas
from gateway.web.endpoint import SIGNED_IN, Answer, Incoming, endpoint
from gateway.web.openapi import Blueprint
from services.common.contracts.bookings import check_in as contract
from services.common.contracts.bookings import errors, refusals, rpc

blueprint = Blueprint("check-in", __name__, description="Check-in at the door")

_BRANCH = "bookings"


@blueprint.route("/v1/bookings/<id:booking_id>/check-in", methods=["POST"])
@endpoint(
    body=contract.AtTheDoor,
    body_optional=True,
    answer=rpc.Booking,
    access=SIGNED_IN,
    changes=True,
    refuses=(
        403,
        404,
        errors.CHECK_IN_CLOSED,
        errors.DOOR_CODE_NEEDED,
        errors.WRONG_DOOR_CODE,
        errors.TOO_MANY_DOOR_CODES,
        errors.NOT_ALLOWED_NOW,
        errors.OF_REQUEST,
    ),
    branch=_BRANCH,
    example={"code": "042137"},
)
def check_in(incoming: Incoming, booking_id: str) -> Answer:
    """Say that the people are there: the front desk as it is, members with the door code.

    From half an hour before the start until the end; who is not checked in a quarter of an hour
    after the start gives the room back.
    """
    return branch.changed(incoming, _BRANCH, "check_in", booking_id, **incoming.body)


@blueprint.route("/v1/bookings/<id:booking_id>/undo-check-in", methods=["POST"])
@endpoint(
    body=contract.Undoing,
    body_optional=True,
    answer=rpc.Booking,
    access=SIGNED_IN,
    changes=True,
    refuses=(
        403,
        404,
        errors.UNDO_CLOSED,
        errors.NOT_ALLOWED_NOW,
        errors.OF_REQUEST,
        errors.IN_THE_PAST,
        errors.TOO_MANY_CHANGES,
    ),
    branch=_BRANCH,
    example={"reason": "سُجّل حضور منظمة أخرى"},
)
def undo_check_in(incoming: Incoming, booking_id: str) -> Answer:
    """Take back a check-in that was a mistake, within half an hour (who may change the booking).

    The people are waited for again: until a quarter of an hour after the start, or after this.
    """
    return branch.changed(incoming, _BRANCH, "undo_check_in", booking_id, **incoming.body)


@blueprint.route("/v1/bookings/<id:booking_id>/end", methods=["POST"])
@endpoint(
    body=schemas.Empty,
    answer=rpc.Booking,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, errors.NOT_ALLOWED_NOW, errors.OF_REQUEST, errors.IN_THE_PAST),
    branch=_BRANCH,
)
def end_booking(incoming: Incoming, booking_id: str) -> Answer:
    """End a meeting now, because its people have left (who may change the booking).

    The rest of its time is free at once, from the next quarter of an hour on. To end it at another
    time, earlier or later, change its `ends_at` (`PATCH`).
    """
    return branch.changed(incoming, _BRANCH, "end_booking", booking_id)


@blueprint.route("/v1/bookings/<id:booking_id>/correct-no-show", methods=["POST"])
@endpoint(
    body=contract.Correction,
    answer=rpc.Booking,
    access=SIGNED_IN,
    changes=True,
    refuses=(
        403,
        404,
        errors.CORRECTION_CLOSED,
        errors.NOT_ALLOWED_NOW,
        errors.OF_REQUEST,
        *refusals.OF_PLACE,
    ),
    branch=_BRANCH,
    example={"reason": "انقطعت الكهرباء، وكانوا في القاعة"},
)
def correct_no_show(incoming: Incoming, booking_id: str) -> Answer:
    """Say that the people of a no-show were there, and why it was not noted. For the front desk,
    within a week; nothing counts against the organisation then."""
    return branch.changed(incoming, _BRANCH, "correct_no_show", booking_id, **incoming.body)
