"""RPC methods of kinds of consultations."""

from __future__ import annotations

from typing import Any

from services.common.messaging.rpc import rpc
from services.consultations.operations import kinds
from services.consultations.schemas import id_of
from services.consultations.schemas import kinds as schemas
from services.consultations.service.methods import Methods


class KindMethods(Methods):
    @rpc
    def list_kinds(self, request: dict[str, Any]) -> dict[str, Any]:
        return {"items": [schemas.kind(each) for each in kinds.find_kinds(self.app)], "next": None}

    @rpc
    def get_kind(self, request: dict[str, Any]) -> dict[str, Any]:
        return schemas.kind_with_form(*kinds.get_kind(self.app, id_of(request)))

    @rpc
    def change_kind(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.change_kind(request)
        return schemas.kind(kinds.change_kind(self.app, self.call, command))
