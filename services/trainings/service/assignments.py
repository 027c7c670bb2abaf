"""RPC methods of assignments of trainers."""

from __future__ import annotations

from typing import Any

from services.common.messaging.rpc import rpc
from services.trainings.operations import assignments
from services.trainings.schemas import assignments as schemas
from services.trainings.schemas import id_of
from services.trainings.service.methods import Methods


class AssignmentMethods(Methods):
    @rpc
    def list_assignments(self, request: dict[str, Any]) -> dict[str, Any]:
        query = schemas.list_assignments(request)
        found = assignments.find_assignments(self.app, self.call, query)
        return schemas.assignment_page(found, query.limit)

    @rpc
    def get_assignment(self, request: dict[str, Any]) -> dict[str, Any]:
        return schemas.assignment(assignments.get_assignment(self.app, self.call, id_of(request)))

    @rpc
    def assign_trainer(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.assign_trainer(request)
        return schemas.assignment(assignments.assign_trainer(self.app, self.call, command))

    @rpc
    def accept_assignment(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.answer_assignment(request)
        return schemas.assignment(assignments.accept_assignment(self.app, self.call, command))

    @rpc
    def decline_assignment(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.end_assignment(request)
        return schemas.assignment(assignments.decline_assignment(self.app, self.call, command))

    @rpc
    def withdraw_assignment(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.end_assignment(request)
        return schemas.assignment(assignments.withdraw_assignment(self.app, self.call, command))
