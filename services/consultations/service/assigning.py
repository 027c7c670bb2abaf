"""RPC methods of assigning a case."""

from __future__ import annotations

from typing import Any

from services.common.messaging.rpc import rpc
from services.consultations.operations import assigning
from services.consultations.schemas import assigning as schemas
from services.consultations.schemas.cases import case
from services.consultations.service.methods import Methods


class AssigningMethods(Methods):
    @rpc
    def suggest_advisers(self, request: dict[str, Any]) -> dict[str, Any]:
        query = schemas.suggest_advisers(request)
        found = assigning.suggest_advisers(self.app, self.call, query)
        return {
            "items": [
                schemas.suggestion(each, found.names.get(each.adviser_id))
                for each in found.suggestions
            ]
        }

    @rpc
    def assign_adviser(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.assign_adviser(request)
        return case(assigning.assign_adviser(self.app, self.call, command))
