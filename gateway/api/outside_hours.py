"""Bookings that lie outside the hours since these were changed, and what staff decide on them."""

from __future__ import annotations

from marshmallow import fields

from gateway.api import branch
from gateway.api.display_names import DisplayNames, add_display_names
from gateway.web import schemas
from gateway.web.endpoint import SIGNED_IN, Answer, Incoming, endpoint
from gateway.web.openapi import Blueprint
from services.common.contracts.bookings import outside_hours as contract

blueprint = Blueprint("outside hours", __name__, description="Bookings outside the opening hours")

_BRANCH = "bookings"


class NamedOutside(DisplayNames, contract.OutsideBooking):
    pass


class NamedChangedCentre(contract.ChangedCentre):
    outside = fields.List(fields.Nested(NamedOutside), required=True)


class NamedChangedSpace(contract.ChangedSpace):
    outside = fields.List(fields.Nested(NamedOutside), required=True)


class NamedOutsideResolution(contract.Resolution):
    outside = fields.List(fields.Nested(NamedOutside), required=True)


OutsidePage = schemas.page_of(NamedOutside)


def named_outside(answer: Answer) -> Answer:
    add_display_names(answer.data["outside"])
    return answer


@blueprint.route("/v1/centres/<id:centre_id>/outside-hours", methods=["GET"])
@endpoint(
    query=schemas.OutsideQuery,
    answer=OutsidePage,
    access=SIGNED_IN,
    refuses=(403, 404),
    branch=_BRANCH,
)
def list_outside_hours(incoming: Incoming, centre_id: str) -> Answer:
    """The bookings to come that lie outside the hours of a centre or its spaces, by start (its
    front desk, managers)."""
    answer = branch.listed(incoming, _BRANCH, "list_outside_hours", centre_id=centre_id)
    add_display_names(answer.data["items"])
    return answer


@blueprint.route("/v1/centres/<id:centre_id>/outside-hours/resolve", methods=["POST"])
@endpoint(
    body=contract.OutsideResolution,
    answer=NamedOutsideResolution,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404),
    branch=_BRANCH,
    example={"action": "move"},
)
def resolve_outside_hours(incoming: Incoming, centre_id: str) -> Answer:
    """Cancel, move or leave bookings outside the hours, with notice to their people.

    At most 25 at once; send it again while some wait. `refused` names those that could not be
    helped so. `If-Match` is the version of the centre; the answer brings the next one.
    """
    method = "resolve_outside_hours"
    return named_outside(branch.changed(incoming, _BRANCH, method, centre_id, **incoming.body))
