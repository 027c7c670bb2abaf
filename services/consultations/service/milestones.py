"""RPC methods of milestones."""

from __future__ import annotations

from typing import Any

from services.common.history.wire import history_page, list_history
from services.common.messaging.rpc import rpc
from services.consultations.operations import milestones
from services.consultations.schemas import id_of
from services.consultations.schemas import milestones as schemas
from services.consultations.service.methods import Methods


class MilestoneMethods(Methods):
    @rpc
    def list_milestones(self, request: dict[str, Any]) -> dict[str, Any]:
        query = schemas.list_milestones(request)
        found = milestones.find_milestones(self.app, self.call, query)
        return schemas.milestone_page(found, query.limit)

    @rpc
    def get_milestone(self, request: dict[str, Any]) -> dict[str, Any]:
        return schemas.milestone(milestones.get_milestone(self.app, self.call, id_of(request)))

    @rpc
    def act_on_milestone(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.act_on_milestone(request)
        return schemas.milestone(milestones.act_on_milestone(self.app, self.call, command))

    @rpc
    def milestone_history(self, request: dict[str, Any]) -> dict[str, Any]:
        query = list_history(request)
        found = milestones.milestone_history(self.app, self.call, query)
        return history_page(found, query.limit)
