"""RPC methods of news of cases."""

from __future__ import annotations

from typing import Any

from services.common.messaging.rpc import rpc
from services.consultations.operations import news
from services.consultations.schemas import id_of
from services.consultations.schemas.news import case_news
from services.consultations.service.methods import Methods


class NewsMethods(Methods):
    @rpc
    def get_news(self, request: dict[str, Any]) -> dict[str, Any]:
        return case_news(*news.get_news(self.app, self.call, id_of(request)))
