"""Approval: the front desk's decisions on bookings, over HTTP."""

from __future__ import annotations

from gateway.api import branch
from gateway.web import schemas
from gateway.web.endpoint import SIGNED_IN, Answer, Incoming, endpoint
from gateway.web.openapi import Blueprint
from services.common.contracts.bookings import approval as contract
from services.common.contracts.bookings import errors, refusals, rpc

blueprint = Blueprint("approval", __name__, description="Approval of bookings by the front desk")

_BRANCH = "bookings"


@blueprint.route("/v1/spaces/<id:space_id>/approval", methods=["PUT"])
@endpoint(
    body=contract.SpaceApproval,
    answer=rpc.Space,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404),
    branch=_BRANCH,
    example={"needs_approval": True},
)
def set_space_approval(incoming: Incoming, space_id: str) -> Answer:
    """Have the front desk decide on each booking of a space, or not any more (managers)."""
    return branch.changed(incoming, _BRANCH, "set_space_approval", space_id, **incoming.body)


@blueprint.route("/v1/bookings/<id:booking_id>/approve", methods=["POST"])
@endpoint(
    body=schemas.Empty,
    answer=rpc.Booking,
    access=SIGNED_IN,
    changes=True,
    refuses=(
        403,
        404,
        *refusals.OF_TAKING,
        errors.HOLD_OVER,
        errors.NOT_ALLOWED_NOW,
        errors.OF_REQUEST,
    ),
    branch=_BRANCH,
)
def approve_booking(incoming: Incoming, booking_id: str) -> Answer:
    """Approve a pending booking; hours, budget and time are looked at again."""
    return branch.changed(incoming, _BRANCH, "approve_booking", booking_id)


@blueprint.route("/v1/bookings/<id:booking_id>/reject", methods=["POST"])
@endpoint(
    body=contract.Rejection,
    answer=rpc.Booking,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, errors.NOT_ALLOWED_NOW, errors.OF_REQUEST),
    branch=_BRANCH,
    example={"reason": "القاعة مخصصة لتدريب في ذلك اليوم"},
)
def reject_booking(incoming: Incoming, booking_id: str) -> Answer:
    """Turn a pending booking down, with the reason; its time is free at once."""
    return branch.changed(incoming, _BRANCH, "reject_booking", booking_id, **incoming.body)
