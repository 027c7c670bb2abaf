"""Assignments: commands in, wire form out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.common.clock import to_wire
from services.common.contracts.trainings import assignments as contract
from services.common.lists import after_id, by_id, page_to_wire
from services.trainings.domain.assignments import Assignment
from services.trainings.schemas import Request, instant

_list_assignments = contract.ListAssignments()
_assign_trainer = contract.AssignTrainer()
_answer_assignment = contract.AnswerAssignment()
_end_assignment = contract.EndAssignment()


@dataclass(frozen=True, slots=True)
class ListAssignments:
    cohort_id: str | None
    trainer_id: str | None
    status: str | None
    limit: int
    after: str | None


@dataclass(frozen=True, slots=True)
class AssignTrainer:
    cohort_id: str
    trainer_id: str
    session_ids: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class AnswerAssignment:
    id: str
    expected_version: int


@dataclass(frozen=True, slots=True)
class EndAssignment:
    id: str
    expected_version: int
    reason: str | None = None


def list_assignments(request: Request) -> ListAssignments:
    data = _list_assignments.load(request)
    after = data.pop("after")
    return ListAssignments(**data, after=after_id(after))


def assign_trainer(request: Request) -> AssignTrainer:
    data = _assign_trainer.load(request)
    said = data.pop("session_ids")
    return AssignTrainer(**data, session_ids=None if said is None else tuple(said))


def answer_assignment(request: Request) -> AnswerAssignment:
    return AnswerAssignment(**_answer_assignment.load(request))


def end_assignment(request: Request) -> EndAssignment:
    return EndAssignment(**_end_assignment.load(request))


def assignment(value: Assignment) -> dict[str, Any]:
    return {
        "id": value.id,
        "cohort_id": value.cohort_id,
        "centre_id": value.centre_id,
        "trainer_id": value.trainer_id,
        "session_ids": None if value.session_ids is None else list(value.session_ids),
        "status": value.status.value,
        "times": [
            {"starts_at": to_wire(each.starts_at), "ends_at": to_wire(each.ends_at)}
            for each in value.times
        ],
        "assigned_by": value.assigned_by,
        "assigned_at": to_wire(value.assigned_at),
        "answered_at": instant(value.answered_at),
        "reason": value.reason,
        "version": value.version,
    }


def assignment_page(values: Sequence[Assignment], limit: int) -> dict[str, Any]:
    return page_to_wire(values, limit, assignment, by_id)
