"""RPC methods of referrals."""

from __future__ import annotations

from typing import Any

from services.common.messaging.rpc import rpc
from services.consultations.operations import referrals
from services.consultations.schemas import id_of
from services.consultations.schemas import referrals as schemas
from services.consultations.service.methods import Methods


class ReferralMethods(Methods):
    @rpc
    def make_referral(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.make_referral(request)
        return schemas.referral(referrals.make_referral(self.app, self.call, command))

    @rpc
    def list_referrals(self, request: dict[str, Any]) -> dict[str, Any]:
        query = schemas.list_referrals(request)
        found = referrals.find_referrals(self.app, self.call, query)
        return schemas.referral_page(found, query.limit)

    @rpc
    def get_referral(self, request: dict[str, Any]) -> dict[str, Any]:
        return schemas.referral(referrals.get_referral(self.app, self.call, id_of(request)))

    @rpc
    def accept_referral(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.act_on_referral(request)
        return schemas.referral(referrals.accept_referral(self.app, self.call, command))

    @rpc
    def decline_referral(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.act_on_referral(request)
        return schemas.referral(referrals.decline_referral(self.app, self.call, command))

    @rpc
    def return_referral(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.return_referral(request)
        return schemas.referral(referrals.return_referral(self.app, self.call, command))

    @rpc
    def withdraw_referral(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.act_on_referral(request)
        return schemas.referral(referrals.withdraw_referral(self.app, self.call, command))
