"""RPC methods of closures."""

from __future__ import annotations

from typing import Any

from services.bookings.operations import closures
from services.bookings.schemas import closures as closure_schemas
from services.bookings.schemas import id_of
from services.bookings.service.methods import Methods
from services.common.messaging.rpc import rpc


class ClosureMethods(Methods):
    @rpc
    def preview_closure(self, request: dict[str, Any]) -> dict[str, Any]:
        return closures.preview(self.app, self.call, closure_schemas.plan_closure(request))

    @rpc
    def create_closure(self, request: dict[str, Any]) -> dict[str, Any]:
        return closures.close(self.app, self.call, closure_schemas.plan_closure(request))

    @rpc
    def list_closures(self, request: dict[str, Any]) -> dict[str, Any]:
        query = closure_schemas.list_closures(request)
        return closure_schemas.closure_page(closures.find(self.app, self.call, query), query.limit)

    @rpc
    def get_closure(self, request: dict[str, Any]) -> dict[str, Any]:
        return closures.get(self.app, self.call, id_of(request))

    @rpc
    def resolve_closure(self, request: dict[str, Any]) -> dict[str, Any]:
        return closures.resolve(self.app, self.call, closure_schemas.resolve_closure(request))

    @rpc
    def change_closure(self, request: dict[str, Any]) -> dict[str, Any]:
        return closures.change(self.app, self.call, closure_schemas.change_closure(request))

    @rpc
    def lift_closure(self, request: dict[str, Any]) -> dict[str, Any]:
        return closures.lift(self.app, self.call, closure_schemas.lift_closure(request))
