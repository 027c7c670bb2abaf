"""RPC methods of action plans."""

from __future__ import annotations

from typing import Any

from services.common.files.checking import TYPES
from services.common.files.wire import file_to_wire
from services.common.history.wire import history_page, list_history
from services.common.messaging.rpc import rpc
from services.consultations.operations import action_plans, printed_plans
from services.consultations.schemas import action_plans as schemas
from services.consultations.schemas import id_of
from services.consultations.service.methods import Methods


class ActionPlanMethods(Methods):
    @rpc
    def list_action_plans(self, request: dict[str, Any]) -> dict[str, Any]:
        query = schemas.list_action_plans(request)
        found = action_plans.find_action_plans(self.app, self.call, query)
        return schemas.action_plan_page(found, query.limit)

    @rpc
    def get_action_plan(self, request: dict[str, Any]) -> dict[str, Any]:
        plan = action_plans.get_action_plan(self.app, self.call, id_of(request))
        return schemas.action_plan(plan)

    @rpc
    def create_action_plan(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.create_action_plan(request)
        plan = action_plans.create_action_plan(self.app, self.call, command)
        return schemas.action_plan(plan)

    @rpc
    def change_action_plan(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.change_action_plan(request)
        plan = action_plans.change_action_plan(self.app, self.call, command)
        return schemas.action_plan(plan)

    @rpc
    def sign_action_plan(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.sign_action_plan(request)
        plan = action_plans.sign_action_plan(self.app, self.call, command)
        return schemas.action_plan(plan)

    @rpc
    def close_action_plan(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.close_action_plan(request)
        plan = action_plans.close_action_plan(self.app, self.call, command)
        return schemas.action_plan(plan)

    @rpc
    def list_plan_editions(self, request: dict[str, Any]) -> dict[str, Any]:
        query = schemas.of_plan(request)
        found = action_plans.find_plan_editions(self.app, self.call, query)
        return schemas.edition_page(found, query.limit)

    @rpc
    def get_plan_edition(self, request: dict[str, Any]) -> dict[str, Any]:
        query = schemas.of_plan_edition(request)
        return schemas.edition(action_plans.get_plan_edition(self.app, self.call, query))

    @rpc
    def print_plan_edition(self, request: dict[str, Any]) -> dict[str, Any]:
        query = schemas.print_of_plan(request)
        name, data = printed_plans.print_plan_edition(self.app, self.call, query)
        return file_to_wire(name, TYPES[".pdf"], data)

    @rpc
    def action_plan_history(self, request: dict[str, Any]) -> dict[str, Any]:
        query = list_history(request)
        found = action_plans.action_plan_history(self.app, self.call, query)
        return history_page(found, query.limit)
