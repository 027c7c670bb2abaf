"""RPC methods of consulting hours."""

from __future__ import annotations

from typing import Any

from services.common.messaging.rpc import rpc
from services.consultations.domain.consulting_hours import ConsultingHours
from services.consultations.operations import consulting_hours
from services.consultations.schemas import consulting_hours as schemas
from services.consultations.schemas import id_of
from services.consultations.service.methods import Methods


class ConsultingHoursMethods(Methods):
    @rpc
    def list_consulting_hours(self, request: dict[str, Any]) -> dict[str, Any]:
        query = schemas.list_consulting_hours(request)
        found = consulting_hours.find_consulting_hours(self.app, self.call, query)
        requests = self.app.rooms.of_many([each.id for each in found])
        return schemas.consulting_hours_page(found, requests, query.limit)

    @rpc
    def get_consulting_hours(self, request: dict[str, Any]) -> dict[str, Any]:
        month_id = id_of(request)
        return self._month(consulting_hours.get_consulting_hours(self.app, self.call, month_id))

    @rpc
    def set_up_consulting_hours(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.set_up_consulting_hours(request)
        return self._month(consulting_hours.set_up_consulting_hours(self.app, self.call, command))

    @rpc
    def change_consulting_hours(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.change_consulting_hours(request)
        return self._month(consulting_hours.change_consulting_hours(self.app, self.call, command))

    def _month(self, value: ConsultingHours) -> dict[str, Any]:
        return schemas.consulting_hours(value, self.app.rooms.of(value.id))
