"""What the invitations into an organisation accept and return."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from gateway.identity.domain.invitation import INVITATION_STATUSES, OPEN
from gateway.web.schemas import ListQuery, MemberRole, email, page_of
from services.common.contracts.fields import Choice, Id, Instant, LocalisedText, StrictSchema


class MembershipInvitationStatus(Choice):
    choices = INVITATION_STATUSES


class InviteMember(StrictSchema):
    email = email(required=True)
    role = MemberRole(required=True)


class MembershipInvitation(Schema):
    id = Id(required=True)
    organisation_id = Id(required=True)
    email = fields.String(required=True)
    role = MemberRole(required=True)
    status = MembershipInvitationStatus(required=True)
    invited_by = Id(required=True)
    version = fields.Integer(required=True)
    created_at = Instant(required=True)
    updated_at = Instant(required=True)
    expires_at = Instant(required=True)


class MyInvitation(MembershipInvitation):
    organisation_name = LocalisedText(required=True, allow_none=True)


class MembershipInvitationsQuery(ListQuery):
    status = fields.String(
        validate=validate.OneOf((OPEN,)),
        load_default=None,
        metadata={"description": "Only those that can still be answered."},
    )


MembershipInvitationPage = page_of(MembershipInvitation)
MyInvitationPage = page_of(MyInvitation)
