"""Invitations into an organisation: for those who invite, and for those who are invited."""

from __future__ import annotations

from typing import Any

from flask import g

from gateway.identity.operations import invitations
from gateway.identity.operations.invitations import Invited
from gateway.web import membership_schemas, schemas
from gateway.web.endpoint import SIGNED_IN, Answer, Incoming, endpoint, gateway, page, position
from gateway.web.openapi import Blueprint
from services.common.clock import to_wire
from services.common.contracts.identity import errors
from services.common.lists import after_id

blueprint = Blueprint(
    "membership", __name__, description="Invitations into an organisation, and their answers"
)

_OF_ORGANISATION = "/v1/organisations/<id:organisation_id>/invitations"


@blueprint.route(_OF_ORGANISATION, methods=["POST"])
@endpoint(
    body=membership_schemas.InviteMember,
    answer=membership_schemas.MembershipInvitation,
    status=201,
    access=SIGNED_IN,
    creates=True,
    versioned=True,
    refuses=(
        403,
        404,
        503,
        errors.ALREADY_MEMBER,
        errors.ALREADY_INVITED,
        errors.ORGANISATION_STATE,
    ),
    example={"email": "member-other@masaha.example", "role": "member"},
)
def invite_member(incoming: Incoming, organisation_id: str) -> Answer:
    """Invite a person by their address (representatives and managers, once the organisation is
    approved). The membership begins when they accept; the invitation is open for two weeks. Counts
    as strictly as signing in; an organisation invites one address five times a day at most, and 200
    in all. No answer shows whether a person has the address."""
    parts = gateway()
    g.standing = parts.limiter.inviting(incoming.caller.id) or g.get("standing")
    invited = invitations.invite_member(
        parts.identity,
        incoming.call,
        organisation_id,
        incoming.body["email"],
        incoming.body["role"],
    )
    invitation = invited.invitation
    return Answer(
        _invitation(invited),
        version=invitation.version,
        location=f"/v1/organisations/{organisation_id}/invitations/{invitation.id}",
    )


@blueprint.route(_OF_ORGANISATION, methods=["GET"])
@endpoint(
    query=membership_schemas.MembershipInvitationsQuery,
    answer=membership_schemas.MembershipInvitationPage,
    access=SIGNED_IN,
    refuses=(403, 404, 503),
)
def list_member_invitations(incoming: Incoming, organisation_id: str) -> Answer:
    """The invitations into an organisation (representatives and managers)."""
    filters = {"status": incoming.query["status"]}
    after = position(incoming, filters)
    found = invitations.find_invitations(
        gateway().identity,
        incoming.call,
        organisation_id,
        open_only=filters["status"] is not None,
        after=after_id(after),
        limit=incoming.query["limit"],
    )
    items = [_invitation(each) for each in found.items]
    return page(incoming, items, found.next, filters)


@blueprint.route(f"{_OF_ORGANISATION}/<id:invitation_id>", methods=["GET"])
@endpoint(
    query=schemas.Selection,
    answer=membership_schemas.MembershipInvitation,
    access=SIGNED_IN,
    versioned=True,
    refuses=(403, 404, 503),
)
def get_member_invitation(incoming: Incoming, organisation_id: str, invitation_id: str) -> Answer:
    """One invitation into an organisation (representatives and managers)."""
    invited = invitations.get_invitation(
        gateway().identity, incoming.call, organisation_id, invitation_id
    )
    return Answer(_invitation(invited), version=invited.invitation.version, conditional=False)


@blueprint.route(f"{_OF_ORGANISATION}/<id:invitation_id>/withdraw", methods=["POST"])
@endpoint(
    body=schemas.Empty,
    answer=membership_schemas.MembershipInvitation,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, 503, errors.INVITATION_NOT_OPEN),
)
def withdraw_member_invitation(
    incoming: Incoming, organisation_id: str, invitation_id: str
) -> Answer:
    """Take an open invitation back (representatives and managers)."""
    invited = invitations.withdraw_invitation(
        gateway().identity, incoming.call, organisation_id, invitation_id, incoming.expected_version
    )
    return Answer(_invitation(invited), version=invited.invitation.version)


@blueprint.route("/v1/me/invitations", methods=["GET"])
@endpoint(
    query=schemas.ListQuery,
    answer=membership_schemas.MyInvitationPage,
    access=SIGNED_IN,
    refuses=(403, 503),
)
def list_my_invitations(incoming: Incoming) -> Answer:
    """The open invitations of the person who is signed in."""
    after = position(incoming, {})
    found = invitations.find_my_invitations(
        gateway().identity, incoming.call, after=after_id(after), limit=incoming.query["limit"]
    )
    items = [_my_invitation(each) for each in found.items]
    return page(incoming, items, found.next, {})


@blueprint.route("/v1/me/invitations/<id:invitation_id>", methods=["GET"])
@endpoint(
    query=schemas.Selection,
    answer=membership_schemas.MyInvitation,
    access=SIGNED_IN,
    versioned=True,
    refuses=(403, 404, 503),
)
def get_my_invitation(incoming: Incoming, invitation_id: str) -> Answer:
    """One invitation of the person who is signed in."""
    invited = invitations.get_my_invitation(gateway().identity, incoming.call, invitation_id)
    return Answer(_my_invitation(invited), version=invited.invitation.version, conditional=False)


@blueprint.route("/v1/me/invitations/<id:invitation_id>/accept", methods=["POST"])
@endpoint(
    body=schemas.Empty,
    answer=membership_schemas.MyInvitation,
    access=SIGNED_IN,
    changes=True,
    refuses=(
        403,
        404,
        503,
        errors.INVITATION_NOT_OPEN,
        errors.ALREADY_MEMBER,
        errors.ORGANISATION_STATE,
    ),
)
def accept_my_invitation(incoming: Incoming, invitation_id: str) -> Answer:
    """Accept an invitation: the membership begins. The next access token names it."""
    return _answer(incoming, invitation_id, "accept")


@blueprint.route("/v1/me/invitations/<id:invitation_id>/decline", methods=["POST"])
@endpoint(
    body=schemas.Empty,
    answer=membership_schemas.MyInvitation,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, 503, errors.INVITATION_NOT_OPEN),
)
def decline_my_invitation(incoming: Incoming, invitation_id: str) -> Answer:
    """Decline an invitation."""
    return _answer(incoming, invitation_id, "decline")


def _answer(incoming: Incoming, invitation_id: str, action: str) -> Answer:
    invited = invitations.answer_invitation(
        gateway().identity, incoming.call, invitation_id, action, incoming.expected_version
    )
    return Answer(_my_invitation(invited), version=invited.invitation.version)


def _invitation(invited: Invited) -> dict[str, Any]:
    invitation = invited.invitation
    return {
        "id": invitation.id,
        "organisation_id": invitation.organisation_id,
        "email": invitation.email,
        "role": invitation.role,
        "status": invited.status,
        "invited_by": invitation.invited_by,
        "version": invitation.version,
        "created_at": to_wire(invitation.created_at),
        "updated_at": to_wire(invitation.updated_at),
        "expires_at": to_wire(invitation.expires_at),
    }


def _my_invitation(invited: Invited) -> dict[str, Any]:
    whole = _invitation(invited)
    name = invited.organisation_name
    return {**whole, "organisation_name": None if name is None else dict(name)}
