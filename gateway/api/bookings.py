"""Bookings: what the bookings branch decides, over HTTP."""

from __future__ import annotations

from gateway.api import branch
from gateway.api.display_names import add_organisation_names
from gateway.web import schemas
from gateway.web.endpoint import SIGNED_IN, Answer, Incoming, endpoint
from gateway.web.openapi import Blueprint
from services.common.contracts import history
from services.common.contracts.bookings import errors, refusals
from services.common.contracts.bookings import rpc as contract
from services.common.contracts.fields import Choice, Id, Instant

blueprint = Blueprint("bookings", __name__, description="Bookings of spaces")

_BRANCH = "bookings"


class Expansion(Choice):
    choices = ("names",)


def expansion() -> Expansion:
    """What an answer is to hold beside its own members."""
    return Expansion(
        load_default=None,
        metadata={
            "description": "`names`: the names of space, centre and organisation with each booking."
        },
    )


class BookingQuery(schemas.Selection):
    expand = expansion()


class BookingsQuery(schemas.ListQuery):
    """Named filters, combined with AND."""

    expand = expansion()

    organisation_id = Id(load_default=None)
    centre_id = Id(load_default=None)
    space_id = Id(load_default=None)
    status = contract.BookingStatus(load_default=None)
    ends_after = Instant(load_default=None)
    starts_before = Instant(load_default=None)


@blueprint.route("/v1/bookings", methods=["POST"])
@endpoint(
    body=contract.CreateBooking,
    answer=contract.Booking,
    status=201,
    access=SIGNED_IN,
    creates=True,
    versioned=True,
    refuses=(403, 404, *refusals.OF_BOOKING),
    branch=_BRANCH,
    example={
        "space_id": "raqqa-training-room",
        "organisation_id": "euphrates-development",
        "starts_at": "2026-11-24T09:00:00Z",
        "ends_at": "2026-11-24T11:00:00Z",
        "title": "لقاء التخطيط",
        "purpose": "meeting",
        "people": 12,
    },
)
def create_booking(incoming: Incoming) -> Answer:
    """Book a space for an organisation. A refusal offers `alternatives` where there are any."""
    return branch.created(incoming, _BRANCH, "create_booking", "/v1/bookings", **incoming.body)


@blueprint.route("/v1/bookings", methods=["GET"])
@endpoint(
    query=BookingsQuery,
    answer=schemas.BookingPage,
    access=SIGNED_IN,
    refuses=(403, 404),
    branch=_BRANCH,
)
def list_bookings(incoming: Incoming) -> Answer:
    """The bookings that the caller may see, by start."""
    names = incoming.query.pop("expand") == "names"
    answer = branch.listed(incoming, _BRANCH, "list_bookings", names=names or None)
    if names:
        add_organisation_names(answer.data["items"])
    return answer


@blueprint.route("/v1/bookings/<id:booking_id>", methods=["GET"])
@endpoint(
    query=BookingQuery,
    answer=contract.Booking,
    access=SIGNED_IN,
    versioned=True,
    refuses=(403, 404),
    branch=_BRANCH,
)
def get_booking(incoming: Incoming, booking_id: str) -> Answer:
    """One booking."""
    names = incoming.query["expand"] == "names"
    answer = branch.one(incoming, _BRANCH, "get_booking", id=booking_id, names=names or None)
    if names:
        add_organisation_names([answer.data])
        # A name changes without a new version of the booking.
        answer.conditional = False
    return answer


@blueprint.route("/v1/bookings/<id:booking_id>", methods=["PATCH"])
@endpoint(
    body=contract.BookingChanges,
    answer=contract.Booking,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, *refusals.OF_CHANGE, errors.EXTENSION_NOT_AGREED),
    branch=_BRANCH,
    example={"starts_at": "2026-11-25T09:00:00Z", "ends_at": "2026-11-25T11:00:00Z"},
)
def change_booking(incoming: Incoming, booking_id: str) -> Answer:
    """Move a booking to another time or space, or change what is said of it.

    While its people are checked in its `ends_at` alone can be changed: earlier, or later if the
    time is free.
    """
    return branch.changed(incoming, _BRANCH, "change_booking", booking_id, **incoming.body)


@blueprint.route("/v1/bookings/<id:booking_id>/cancel", methods=["POST"])
@endpoint(
    body=contract.Cancellation,
    body_optional=True,
    answer=contract.Booking,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, errors.IN_THE_PAST, errors.NOT_ALLOWED_NOW),
    branch=_BRANCH,
    example={"reason": "تأجّل اللقاء"},
)
def cancel_booking(incoming: Incoming, booking_id: str) -> Answer:
    """Cancel a booking; its time is free at once."""
    return branch.changed(incoming, _BRANCH, "cancel_booking", booking_id, **incoming.body)


@blueprint.route("/v1/bookings/<id:booking_id>/history", methods=["GET"])
@endpoint(answer=history.History, access=SIGNED_IN, refuses=(403, 404), branch=_BRANCH)
def booking_history(incoming: Incoming, booking_id: str) -> Answer:
    """Who changed what, when and why, from what to what."""
    return Answer(branch.ask(incoming, _BRANCH, "booking_history", id=booking_id))
