"""Tasks of consultations on the wire.

=========== ================= =====================
method      request           result
=========== ================= =====================
list_tasks  ListTasks         ConsultationTaskList
close_task  CloseTask         ConsultationTask
=========== ================= =====================

Staff of the centre see them, and the people whom a task is for; a task closes by itself when its
cause is gone.
"""

from __future__ import annotations

from marshmallow import Schema, fields

from services.common.contracts.consultations.rpc import Versioned
from services.common.contracts.fields import Choice, Id, Instant, Page, StrictSchema, Truth

TASK_KINDS = (
    "adviser_absent",
    "adviser_left",
    "assign_adviser",
    "limit_passed",
    "milestone_overdue",
    "review_rating",
    "room_lost",
    "room_refused",
    "room_unanswered",
)


class ConsultationTaskKind(Choice):
    choices = TASK_KINDS


class ConsultationTask(Schema):
    id = Id(required=True)
    what = ConsultationTaskKind(required=True)
    subject = Id(required=True, metadata={"description": "The id of what it is about."})
    case_id = Id(required=True, allow_none=True)
    centre_id = Id(required=True)
    details = fields.Dict(
        keys=fields.String(),
        values=fields.Raw(allow_none=True),
        required=True,
        metadata={"description": "What helps to do it: ids, and lists of ids."},
    )
    open = fields.Boolean(required=True)
    opened_at = Instant(required=True)
    closed_at = Instant(required=True, allow_none=True)
    closed_by = fields.String(required=True, allow_none=True)
    version = fields.Integer(required=True)


class ConsultationTaskList(Schema):
    items = fields.List(fields.Nested(ConsultationTask), required=True)
    next = fields.List(fields.Raw(), allow_none=True)


class TaskFilters(StrictSchema):
    centre_id = Id(load_default=None, allow_none=True)
    case_id = Id(load_default=None, allow_none=True)
    what = ConsultationTaskKind(load_default=None, allow_none=True)
    open = Truth(load_default=None, allow_none=True)


class ListTasks(TaskFilters, Page):
    pass


class CloseTask(Versioned):
    pass
