"""RPC methods of ratings."""

from __future__ import annotations

from typing import Any

from services.common.messaging.rpc import rpc
from services.consultations.operations import ratings
from services.consultations.schemas import id_of
from services.consultations.schemas import ratings as schemas
from services.consultations.service.methods import Methods


class RatingMethods(Methods):
    @rpc
    def make_rating_link(self, request: dict[str, Any]) -> dict[str, Any]:
        return schemas.rating_link(*ratings.make_rating_link(self.app, self.call, id_of(request)))

    @rpc
    def get_rating(self, request: dict[str, Any]) -> dict[str, Any]:
        return schemas.rating(ratings.get_rating(self.app, self.call, id_of(request)))

    @rpc
    def open_rating(self, request: dict[str, Any]) -> dict[str, Any]:
        token = schemas.open_rating(request)
        return schemas.opened_rating(ratings.open_rating(self.app, self.call, token))

    @rpc
    def rate_by_link(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.rate_by_link(request)
        return schemas.opened_rating(ratings.rate_by_link(self.app, self.call, command))
