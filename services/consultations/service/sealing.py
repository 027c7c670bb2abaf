"""RPC methods of sealing, break-glass access and the access log."""

from __future__ import annotations

from typing import Any

from services.common.messaging.rpc import rpc
from services.consultations.operations import access_log, break_glass, sealing
from services.consultations.schemas import sealing as schemas
from services.consultations.schemas.cases import case
from services.consultations.service.methods import Methods


class SealingMethods(Methods):
    @rpc
    def seal_case(self, request: dict[str, Any]) -> dict[str, Any]:
        return case(sealing.seal_case(self.app, self.call, schemas.seal_case(request)))

    @rpc
    def unseal_case(self, request: dict[str, Any]) -> dict[str, Any]:
        return case(sealing.unseal_case(self.app, self.call, schemas.seal_case(request)))

    @rpc
    def break_glass(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.break_glass(request)
        return schemas.access_grant(*break_glass.break_glass(self.app, self.call, command))

    @rpc
    def list_access(self, request: dict[str, Any]) -> dict[str, Any]:
        query = schemas.list_access(request)
        entries = access_log.list_access(self.app, self.call, query)
        return schemas.access_page(entries, query.limit)
