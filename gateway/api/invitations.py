"""Joint meetings: invitations, answers by link, and who was there."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from gateway.api import branch
from gateway.identity.operations.organisations import organisation_names
from gateway.web import schemas
from gateway.web.endpoint import OPEN, SIGNED_IN, Answer, Incoming, endpoint, gateway
from gateway.web.openapi import Blueprint
from services.common.context import Call
from services.common.contracts.bookings import errors, refusals, rpc
from services.common.contracts.bookings import invitations as contract
from services.common.languages import in_language

BRANCH = "bookings"

blueprint = Blueprint("invitations", __name__, description="Guests of joint meetings")

InvitationPage = schemas.page_of(contract.Invitation, room=fields.Integer(required=True))


class MeetingToGuests(contract.Meeting):
    """What the holder of the link sees, in the caller's language."""

    class Meta:
        exclude = ("host_id", "language")

    host = fields.String(
        required=True, metadata={"description": "The name of the organisation that invites."}
    )


@blueprint.route("/v1/bookings/<id:booking_id>/invitations", methods=["POST"])
@endpoint(
    body=contract.InvitationDetails,
    answer=contract.Invitation,
    status=201,
    access=SIGNED_IN,
    creates=True,
    versioned=True,
    refuses=(
        403,
        404,
        errors.NOT_A_JOINT_MEETING,
        errors.NOT_ALLOWED_NOW,
        errors.ALREADY_INVITED,
        errors.TOO_MANY_INVITATIONS,
        errors.GUEST_MAIL_LIMITED,
        errors.INVITATION_OVER,
        errors.ORGANISATION_NOT_APPROVED,
        errors.UNKNOWN_ORGANISATION,
    ),
    branch=BRANCH,
    example={"guest": {"name": "سلمى", "email": "salma@example.org", "language": "ar"}},
)
def invite(incoming: Incoming, booking_id: str) -> Answer:
    """Ask an organisation, or an outside guest, to a joint meeting. The link to answer by goes to
    them by e-mail."""
    path = f"/v1/bookings/{booking_id}/invitations"
    whom = {"booking_id": booking_id, **incoming.body}
    return branch.created(incoming, BRANCH, "invite", path, **whom)


@blueprint.route("/v1/bookings/<id:booking_id>/invitations", methods=["GET"])
@endpoint(answer=InvitationPage, access=SIGNED_IN, refuses=(403, 404), branch=BRANCH)
def list_invitations(incoming: Incoming, booking_id: str) -> Answer:
    """All invitations to a meeting, and how many guests may still accept (host, staff)."""
    found = branch.ask(incoming, BRANCH, "list_invitations", booking_id=booking_id)
    return Answer({"items": found["items"], "next_cursor": None, "room": found["room"]})


@blueprint.route(
    "/v1/bookings/<id:booking_id>/invitations/<id:invitation_id>/revoke", methods=["POST"]
)
@endpoint(
    body=schemas.Empty,
    answer=contract.Invitation,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, *refusals.OF_INVITATION),
    branch=BRANCH,
)
def revoke_invitation(incoming: Incoming, booking_id: str, invitation_id: str) -> Answer:
    """Take an invitation back. Its link is void at once, and its places are free."""
    return branch.changed(
        incoming, BRANCH, "revoke_invitation", invitation_id, booking_id=booking_id
    )


@blueprint.route("/v1/invitations/<id:token>", methods=["GET"])
@endpoint(
    answer=MeetingToGuests,
    access=OPEN,
    refuses=(404, errors.INVITATION_UNKNOWN, *refusals.OF_INVITATION),
    branch=BRANCH,
)
def get_meeting(incoming: Incoming, token: str) -> Answer:
    """The meeting behind the link of an invitation. Nobody needs to sign in."""
    found = meeting_of(incoming.call, token)
    # In which the page is written; a program chooses by Accept-Language.
    found.pop("language", None)
    return Answer(found, cache_control="private, no-store")


@blueprint.route("/v1/invitations/<id:token>/reply", methods=["POST"])
@endpoint(
    body=contract.Reply,
    answer=contract.Replied,
    access=OPEN,
    refuses=(404, errors.INVITATION_UNKNOWN, *refusals.OF_INVITATION, errors.NO_ROOM_FOR_GUESTS),
    branch=BRANCH,
    example={"answer": "yes", "people": 2},
)
def reply_to_invitation(incoming: Incoming, token: str) -> Answer:
    """Answer an invitation. Another answer takes the place of this one, until the meeting begins;
    the same answer again changes nothing."""
    found = branch.ask(incoming, BRANCH, "reply_to_invitation", token=token, **incoming.body)
    return Answer(found, cache_control="private, no-store")


@blueprint.route("/v1/bookings/<id:booking_id>/headcount", methods=["POST"])
@endpoint(
    body=rpc.Headcount,
    answer=rpc.Booking,
    access=SIGNED_IN,
    changes=True,
    refuses=(
        403,
        404,
        errors.HEADCOUNT_TOO_LARGE,
        errors.NOT_ALLOWED_NOW,
        errors.OF_REQUEST,
        errors.TOO_MANY_CHANGES,
    ),
    branch=BRANCH,
    example={"women": 7, "men": 5},
)
def count_heads(incoming: Incoming, booking_id: str) -> Answer:
    """Note how many women and men were there, once the people are checked in (host, staff)."""
    return branch.changed(incoming, BRANCH, "count_heads", booking_id, **incoming.body)


def meeting_of(call: Call, token: str) -> dict[str, Any]:
    """The meeting behind a link as its guest is shown it: with the host's name, in their language.

    Raises:
        errors.NotFound, errors.Conflict, errors.Unavailable: as the branch answers.
    """
    found: dict[str, Any] = gateway().rpc.call(BRANCH, "get_meeting", {"token": token}, call)
    host = found.pop("host_id")
    name = organisation_names(gateway().identity, [host]).get(host, {})
    # A meeting contains only what its guests may know.
    return {**found, "host": in_language(name, call.language) or host}
