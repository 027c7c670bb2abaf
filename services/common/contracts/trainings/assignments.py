"""Assignments of trainers to cohorts on the wire.

==================== =========================== ==============
method               request                     result
==================== =========================== ==============
list_assignments     ListAssignments             AssignmentList
get_assignment       ById                        Assignment
assign_trainer       AssignTrainer (with key)    Assignment
accept_assignment    AnswerAssignment            Assignment
decline_assignment   EndAssignment               Assignment
withdraw_assignment  EndAssignment               Assignment
==================== =========================== ==============

Staff of the centre see all of it; a trainer sees their own.
"""

from __future__ import annotations

from marshmallow import Schema, ValidationError, fields, validate

from services.common.contracts.fields import Choice, Id, Instant, Page, StrictSchema, integer
from services.common.contracts.trainings.cohorts import GivenReason
from services.common.contracts.trainings.limits import MOST_SESSIONS

ASSIGNMENT_STATUSES = ("offered", "accepted", "declined", "withdrawn")


class AssignmentStatus(Choice):
    choices = ASSIGNMENT_STATUSES


def _each_once(value: list[str]) -> None:
    if len(set(value)) != len(value):
        raise ValidationError("each_once")


class Assigned(StrictSchema):
    trainer_id = Id(required=True, metadata={"description": "The person's account."})
    session_ids = fields.List(
        Id(),
        load_default=None,
        allow_none=True,
        validate=[validate.Length(min=1, max=MOST_SESSIONS), _each_once],
        metadata={"description": "null: all sessions, also those that are added later."},
    )


class AssignTrainer(Assigned):
    cohort_id = Id(required=True)


class AnswerAssignment(StrictSchema):
    id = Id(required=True)
    expected_version = integer(1, 2**53, required=True)


class EndAssignment(GivenReason, AnswerAssignment):
    pass


class ClaimedTime(Schema):
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)


class Assignment(Schema):
    id = Id(required=True)
    cohort_id = Id(required=True)
    centre_id = Id(required=True)
    trainer_id = Id(required=True)
    session_ids = fields.List(Id(), required=True, allow_none=True)
    status = AssignmentStatus(required=True)
    times = fields.List(
        fields.Nested(ClaimedTime),
        required=True,
        metadata={
            "description": "When the trainer is taken. A session whose move waits for its room "
            "has both its times."
        },
    )
    assigned_by = Id(required=True)
    assigned_at = Instant(required=True)
    answered_at = Instant(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)
    version = fields.Integer(required=True)


class AssignmentList(Schema):
    items = fields.List(fields.Nested(Assignment), required=True)
    next = fields.List(fields.Raw(), allow_none=True)


class AssignmentFilters(StrictSchema):
    cohort_id = Id(load_default=None, allow_none=True)
    trainer_id = Id(load_default=None, allow_none=True)
    status = AssignmentStatus(load_default=None, allow_none=True)


class ListAssignments(AssignmentFilters, Page):
    pass
