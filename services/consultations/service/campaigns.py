"""RPC methods of campaigns, of answers to them, and of what they have found."""

from __future__ import annotations

from typing import Any

from services.common.history.wire import history_page, list_history
from services.common.messaging.rpc import rpc
from services.consultations.domain.campaigns import Campaign
from services.consultations.operations import campaign_answers, campaigns, needs
from services.consultations.schemas import campaigns as schemas
from services.consultations.schemas import id_of
from services.consultations.schemas import needs as needs_schemas
from services.consultations.service.methods import Methods


class CampaignMethods(Methods):
    @rpc
    def list_campaigns(self, request: dict[str, Any]) -> dict[str, Any]:
        query = schemas.list_campaigns(request)
        found = campaigns.find_campaigns(self.app, self.call, query)
        shown = campaigns.show_campaigns(self.app, self.call, found)
        return schemas.campaign_page(shown, query.limit)

    @rpc
    def get_campaign(self, request: dict[str, Any]) -> dict[str, Any]:
        return self._shown(campaigns.get_campaign(self.app, self.call, id_of(request)))

    @rpc
    def create_campaign(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.create_campaign(request)
        return self._shown(campaigns.create_campaign(self.app, self.call, command))

    @rpc
    def change_campaign(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.change_campaign(request)
        return self._shown(campaigns.change_campaign(self.app, self.call, command))

    @rpc
    def open_campaign(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.open_campaign(request)
        return self._shown(campaigns.open_campaign(self.app, self.call, command))

    @rpc
    def stop_campaign(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.act_on_campaign(request)
        return self._shown(campaigns.stop_answers(self.app, self.call, command))

    @rpc
    def close_campaign(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.act_on_campaign(request)
        return self._shown(campaigns.close(self.app, self.call, command))

    @rpc
    def cancel_campaign(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.cancel_campaign(request)
        return self._shown(campaigns.cancel_campaign(self.app, self.call, command))

    @rpc
    def set_campaign_link(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.set_campaign_link(request)
        return self._shown(campaigns.set_campaign_link(self.app, self.call, command))

    @rpc
    def campaign_history(self, request: dict[str, Any]) -> dict[str, Any]:
        query = list_history(request)
        found = campaigns.campaign_history(self.app, self.call, query)
        return history_page(found, query.limit)

    @rpc
    def get_campaign_form(self, request: dict[str, Any]) -> dict[str, Any]:
        found = campaign_answers.get_campaign_form(self.app, self.call, id_of(request))
        return schemas.campaign_form(found)

    @rpc
    def answer_campaign(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.answer_campaign(request)
        return schemas.submission(campaign_answers.answer_campaign(self.app, self.call, command))

    @rpc
    def open_campaign_link(self, request: dict[str, Any]) -> dict[str, Any]:
        token = schemas.open_campaign_link(request)
        found = campaign_answers.open_campaign_link(self.app, self.call, token)
        return schemas.campaign_form(found)

    @rpc
    def answer_campaign_link(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.answer_campaign_link(request)
        taken = campaign_answers.answer_campaign_link(self.app, self.call, command)
        return schemas.submission(taken)

    @rpc
    def ranked_needs(self, request: dict[str, Any]) -> dict[str, Any]:
        found = needs.get_ranked_needs(self.app, self.call, id_of(request))
        return needs_schemas.campaign_needs(*found)

    @rpc
    def compare_needs(self, request: dict[str, Any]) -> dict[str, Any]:
        query = needs_schemas.compare_needs(request)
        return needs_schemas.comparison(needs.compare(self.app, self.call, query))

    @rpc
    def needs_picture(self, request: dict[str, Any]) -> dict[str, Any]:
        query = needs_schemas.draw_needs(request)
        return {"svg": needs.draw(self.app, self.call, query)}

    @rpc
    def list_said(self, request: dict[str, Any]) -> dict[str, Any]:
        query = needs_schemas.list_said(request)
        return needs_schemas.said_page(needs.find_said(self.app, self.call, query), query.limit)

    def _shown(self, campaign: Campaign) -> dict[str, Any]:
        return schemas.campaign(campaigns.show_campaigns(self.app, self.call, [campaign])[0])
