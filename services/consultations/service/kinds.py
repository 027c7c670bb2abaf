"""RPC methods of kinds of consultations."""

from __future__ import annotations

from typing import Any

from services.common.history.wire import history_page, list_history
from services.common.messaging.rpc import rpc
from services.consultations.operations import kinds
from services.consultations.schemas import id_of
from services.consultations.schemas import kinds as schemas
from services.consultations.service.methods import Methods


class KindMethods(Methods):
    @rpc
    def list_kinds(self, request: dict[str, Any]) -> dict[str, Any]:
        query = schemas.list_kinds(request)
        return schemas.kind_page(kinds.find_kinds(self.app, query), query.limit)

    @rpc
    def get_kind(self, request: dict[str, Any]) -> dict[str, Any]:
        return schemas.kind_with_form(*kinds.get_kind(self.app, id_of(request)))

    @rpc
    def add_kind(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.add_kind(request)
        return schemas.kind_with_form(*kinds.add_kind(self.app, self.call, command))

    @rpc
    def change_kind(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.change_kind(request)
        return schemas.kind_with_form(*kinds.change_kind(self.app, self.call, command))

    @rpc
    def kind_history(self, request: dict[str, Any]) -> dict[str, Any]:
        query = list_history(request)
        return history_page(kinds.kind_history(self.app, self.call, query), query.limit)
