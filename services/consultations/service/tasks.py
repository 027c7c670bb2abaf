"""RPC methods of tasks."""

from __future__ import annotations

from typing import Any

from services.common.messaging.rpc import rpc
from services.consultations.operations import tasks
from services.consultations.schemas import tasks as schemas
from services.consultations.service.methods import Methods


class TaskMethods(Methods):
    @rpc
    def list_tasks(self, request: dict[str, Any]) -> dict[str, Any]:
        query = schemas.list_tasks(request)
        return schemas.task_page(tasks.find_tasks(self.app, self.call, query), query.limit)

    @rpc
    def close_task(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.close_task(request)
        return schemas.task(tasks.close_task(self.app, self.call, command))
