"""RPC methods of invitations to joint meetings."""

from __future__ import annotations

from typing import Any

from services.bookings.operations import invitations
from services.bookings.schemas import invitations as invitation_schemas
from services.bookings.service.methods import Methods
from services.common.messaging.rpc import rpc


class InvitationMethods(Methods):
    @rpc
    def invite(self, request: dict[str, Any]) -> dict[str, Any]:
        command = invitation_schemas.invite(request)
        return invitation_schemas.invitation(invitations.invite(self.app, self.call, command))

    @rpc
    def list_invitations(self, request: dict[str, Any]) -> dict[str, Any]:
        booking_id = invitation_schemas.booking_id_of(request)
        found, room = invitations.find(self.app, self.call, booking_id)
        return invitation_schemas.invitation_list(found, room)

    @rpc
    def revoke_invitation(self, request: dict[str, Any]) -> dict[str, Any]:
        command = invitation_schemas.revoke(request)
        return invitation_schemas.invitation(invitations.revoke(self.app, self.call, command))

    @rpc
    def get_meeting(self, request: dict[str, Any]) -> dict[str, Any]:
        found = invitations.meeting(self.app, invitation_schemas.token_of(request))
        return invitation_schemas.meeting(found, self.call.language)

    @rpc
    def reply_to_invitation(self, request: dict[str, Any]) -> dict[str, Any]:
        command = invitation_schemas.reply(request)
        return invitation_schemas.replied(invitations.reply(self.app, self.call, command))
