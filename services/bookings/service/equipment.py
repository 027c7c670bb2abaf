"""RPC methods of equipment."""

from __future__ import annotations

from typing import Any

from services.bookings.operations import equipment
from services.bookings.schemas import equipment as equipment_schemas
from services.bookings.schemas import id_of
from services.bookings.service.methods import Methods
from services.common.history.wire import history_page, list_history
from services.common.messaging.rpc import rpc


class EquipmentMethods(Methods):
    @rpc
    def list_equipment(self, request: dict[str, Any]) -> dict[str, Any]:
        query = equipment_schemas.list_equipment(request)
        return equipment_schemas.equipment_page(equipment.find(self.app, query), query.limit)

    @rpc
    def get_equipment(self, request: dict[str, Any]) -> dict[str, Any]:
        return equipment_schemas.equipment(equipment.get(self.app, id_of(request)))

    @rpc
    def add_equipment(self, request: dict[str, Any]) -> dict[str, Any]:
        command = equipment_schemas.add_equipment(request)
        return equipment_schemas.equipment(equipment.add(self.app, self.call, command))

    @rpc
    def change_equipment(self, request: dict[str, Any]) -> dict[str, Any]:
        command = equipment_schemas.change_equipment(request)
        return equipment_schemas.equipment(equipment.change(self.app, self.call, command))

    @rpc
    def equipment_history(self, request: dict[str, Any]) -> dict[str, Any]:
        query = list_history(request)
        found = equipment.history(self.app, self.call, query)
        return history_page(found, query.limit)
