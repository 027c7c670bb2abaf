"""RPC methods of organisations' weekly budgets."""

from __future__ import annotations

from typing import Any

from services.bookings.operations import budgets
from services.bookings.schemas import budgets as budget_schemas
from services.bookings.schemas import id_of
from services.bookings.service.methods import Methods
from services.common.messaging.rpc import rpc


class BudgetMethods(Methods):
    @rpc
    def get_budget(self, request: dict[str, Any]) -> dict[str, Any]:
        return budget_schemas.budget(budgets.get(self.app, self.call, id_of(request)))

    @rpc
    def get_budget_week(self, request: dict[str, Any]) -> dict[str, Any]:
        query = budget_schemas.budget_of_week(request)
        return budget_schemas.budget_week(budgets.get_week(self.app, self.call, query))

    @rpc
    def set_budget(self, request: dict[str, Any]) -> dict[str, Any]:
        command = budget_schemas.set_budget(request)
        return budget_schemas.budget(budgets.set_limits(self.app, self.call, command))

    @rpc
    def grant_budget(self, request: dict[str, Any]) -> dict[str, Any]:
        command = budget_schemas.grant_budget(request)
        return budget_schemas.grant(budgets.grant(self.app, self.call, command))
