"""RPC methods of absences of advisers."""

from __future__ import annotations

from typing import Any

from services.common.messaging.rpc import rpc
from services.consultations.operations import absences
from services.consultations.schemas import absences as schemas
from services.consultations.schemas import id_of
from services.consultations.service.methods import Methods


class AbsenceMethods(Methods):
    @rpc
    def list_absences(self, request: dict[str, Any]) -> dict[str, Any]:
        query = schemas.list_absences(request)
        return schemas.absence_page(absences.find_absences(self.app, self.call, query), query.limit)

    @rpc
    def get_absence(self, request: dict[str, Any]) -> dict[str, Any]:
        return schemas.absence(absences.get_absence(self.app, self.call, id_of(request)))

    @rpc
    def enter_absence(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.enter_absence(request)
        return schemas.absence(absences.enter_absence(self.app, self.call, command))

    @rpc
    def change_absence(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.change_absence(request)
        return schemas.absence(absences.change_absence(self.app, self.call, command))

    @rpc
    def withdraw_absence(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.act_on_absence(request)
        return schemas.absence(absences.withdraw_absence(self.app, self.call, command))
