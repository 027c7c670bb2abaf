"""Tasks: commands in, wire form out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.common.clock import to_wire
from services.common.contracts.consultations import tasks as contract
from services.common.lists import after_id, by_id, page_to_wire
from services.consultations.domain.tasks import Task
from services.consultations.schemas import Request, instant

_list_tasks = contract.ListTasks()
_close_task = contract.CloseTask()


@dataclass(frozen=True, slots=True)
class ListTasks:
    centre_id: str | None
    case_id: str | None
    what: str | None
    open: bool | None
    limit: int
    after: str | None


@dataclass(frozen=True, slots=True)
class CloseTask:
    id: str
    expected_version: int


def list_tasks(request: Request) -> ListTasks:
    data = _list_tasks.load(request)
    after = data.pop("after")
    return ListTasks(**data, after=after_id(after))


def close_task(request: Request) -> CloseTask:
    return CloseTask(**_close_task.load(request))


def task(value: Task) -> dict[str, Any]:
    return {
        "id": value.id,
        "what": value.what.value,
        "subject": value.subject,
        "case_id": value.case_id,
        "centre_id": value.centre_id,
        "details": dict(value.details),
        "open": value.open,
        "opened_at": to_wire(value.opened_at),
        "closed_at": instant(value.closed_at),
        "closed_by": value.closed_by,
        "version": value.version,
    }


def task_page(values: Sequence[Task], limit: int) -> dict[str, Any]:
    return page_to_wire(values, limit, task, by_id)
