"""RPC methods of recommendations."""

from __future__ import annotations

from typing import Any

from services.common.history.wire import history_page, list_history
from services.common.messaging.rpc import rpc
from services.consultations.operations import recommendations
from services.consultations.schemas import id_of
from services.consultations.schemas import recommendations as recommendation_schemas
from services.consultations.service.methods import Methods


class RecommendationMethods(Methods):
    @rpc
    def list_recommendations(self, request: dict[str, Any]) -> dict[str, Any]:
        query = recommendation_schemas.list_recommendations(request)
        found = recommendations.find_recommendations(self.app, self.call, query)
        return recommendation_schemas.recommendation_page(found, query.limit)

    @rpc
    def get_recommendation(self, request: dict[str, Any]) -> dict[str, Any]:
        found = recommendations.get_recommendation(self.app, self.call, id_of(request))
        return recommendation_schemas.recommendation(found)

    @rpc
    def propose_from_needs(self, request: dict[str, Any]) -> dict[str, Any]:
        command = recommendation_schemas.propose_from_needs(request)
        found = recommendations.propose_from_study(self.app, self.call, command)
        return recommendation_schemas.recommendations(found)

    @rpc
    def approve_recommendation(self, request: dict[str, Any]) -> dict[str, Any]:
        command = recommendation_schemas.decide_recommendation(request)
        return recommendation_schemas.recommendation(
            recommendations.approve_recommendation(self.app, self.call, command)
        )

    @rpc
    def decline_recommendation(self, request: dict[str, Any]) -> dict[str, Any]:
        command = recommendation_schemas.refuse_recommendation(request)
        return recommendation_schemas.recommendation(
            recommendations.decline_recommendation(self.app, self.call, command)
        )

    @rpc
    def end_recommendation(self, request: dict[str, Any]) -> dict[str, Any]:
        command = recommendation_schemas.refuse_recommendation(request)
        return recommendation_schemas.recommendation(
            recommendations.end_recommendation(self.app, self.call, command)
        )

    @rpc
    def recommendation_history(self, request: dict[str, Any]) -> dict[str, Any]:
        query = list_history(request)
        found = recommendations.recommendation_history(self.app, self.call, query)
        return history_page(found, query.limit)
