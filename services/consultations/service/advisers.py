"""RPC methods of advisers."""

from __future__ import annotations

from typing import Any

from services.common.messaging.rpc import rpc
from services.consultations.operations import advisers
from services.consultations.schemas import advisers as schemas
from services.consultations.schemas import id_of
from services.consultations.service.methods import Methods


class AdviserMethods(Methods):
    @rpc
    def list_advisers(self, request: dict[str, Any]) -> dict[str, Any]:
        query = schemas.list_advisers(request)
        found = advisers.find_advisers(self.app, self.call, query)
        return schemas.adviser_page(found, advisers.names_of(self.app, found), query.limit)

    @rpc
    def get_adviser(self, request: dict[str, Any]) -> dict[str, Any]:
        found = advisers.get_adviser(self.app, self.call, id_of(request))
        return schemas.adviser(found, advisers.names_of(self.app, [found]))

    @rpc
    def add_adviser(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.add_adviser(request)
        made = advisers.add_adviser(self.app, self.call, command)
        return schemas.adviser(made, advisers.names_of(self.app, [made]))

    @rpc
    def change_adviser(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.change_adviser(request)
        changed = advisers.change_adviser(self.app, self.call, command)
        return schemas.adviser(changed, advisers.names_of(self.app, [changed]))

    @rpc
    def list_slots(self, request: dict[str, Any]) -> dict[str, Any]:
        query = schemas.list_slots(request)
        found, zone = advisers.find_slots(self.app, self.call, query)
        return schemas.slot_page(found, zone, query.limit)
