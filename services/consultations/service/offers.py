"""RPC methods of offers after trainings."""

from __future__ import annotations

from typing import Any

from services.common.messaging.rpc import rpc
from services.consultations.operations import offers
from services.consultations.schemas import offers as schemas
from services.consultations.service.methods import Methods


class OfferMethods(Methods):
    @rpc
    def list_offers(self, request: dict[str, Any]) -> dict[str, Any]:
        query = schemas.list_offers(request)
        return schemas.offer_page(offers.find_offers(self.app, self.call, query), query.limit)
