"""The data of the events about tasks."""

from __future__ import annotations

from marshmallow import fields

from services.common.contracts.fields import EventData, Id


class Task(EventData):
    """The task as it stands after the fact."""

    task_id = Id(required=True)
    what = fields.String(required=True, metadata={"description": "The kind of the task."})
    subject = Id(required=True, metadata={"description": "The id of what it is about."})
    centre_id = Id(required=True)
    version = fields.Integer(required=True)
    changed_by = Id(required=True, metadata={"description": "The person who caused this fact."})
