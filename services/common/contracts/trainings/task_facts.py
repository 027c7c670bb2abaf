"""The data of the events about tasks of staff."""

from __future__ import annotations

from marshmallow import fields

from services.common.contracts.fields import EventData, Id, LocalisedFact


class Task(EventData):
    """The task as it stands after the fact."""

    task_id = Id(required=True)
    what = fields.String(
        required=True,
        metadata={"description": "`rooms_refused`, `rooms_lost` or `rooms_unanswered`."},
    )
    cohort_id = Id(required=True)
    title = LocalisedFact(required=True, metadata={"description": "Of the cohort."})
    centre_id = Id(required=True)
    session_ids = fields.List(Id(), required=True)
    version = fields.Integer(required=True)
    changed_by = Id(required=True, metadata={"description": "The person who caused this fact."})
