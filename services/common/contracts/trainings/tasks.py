"""Tasks of staff on the wire.

=========== ================= ========
method      request           result
=========== ================= ========
list_tasks  ListTasks         TaskList
close_task  CloseTask         Task
=========== ================= ========

Staff of the centre see them; a task closes by itself when its cause is gone.
"""

from __future__ import annotations

from marshmallow import Schema, fields

from services.common.contracts.fields import (
    Choice,
    Id,
    Instant,
    Page,
    StrictSchema,
    Truth,
    integer,
)

TASK_KINDS = ("rooms_refused", "rooms_lost", "rooms_unanswered")


class TaskKind(Choice):
    choices = TASK_KINDS


class Task(Schema):
    id = Id(required=True)
    what = TaskKind(required=True)
    cohort_id = Id(required=True)
    centre_id = Id(required=True)
    session_ids = fields.List(
        Id(), required=True, metadata={"description": "The cohort has their rooms, with ways on."}
    )
    open = fields.Boolean(required=True)
    opened_at = Instant(required=True)
    closed_at = Instant(required=True, allow_none=True)
    closed_by = fields.String(required=True, allow_none=True)
    version = fields.Integer(required=True)


class TaskList(Schema):
    items = fields.List(fields.Nested(Task), required=True)
    next = fields.List(fields.Raw(), allow_none=True)


class TaskFilters(StrictSchema):
    centre_id = Id(load_default=None, allow_none=True)
    cohort_id = Id(load_default=None, allow_none=True)
    open = Truth(load_default=None, allow_none=True)


class ListTasks(TaskFilters, Page):
    pass


class CloseTask(StrictSchema):
    id = Id(required=True)
    expected_version = integer(1, 2**53, required=True)
