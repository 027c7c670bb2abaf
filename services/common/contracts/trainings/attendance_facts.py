"""The data of the events about attendance."""

from __future__ import annotations

from marshmallow import fields

from services.common.contracts.fields import EventData, Id


class Recorded(EventData):
    """Marks of one batch, of one device. A batch without a new mark has no event."""

    cohort_id = Id(required=True)
    session_ids = fields.List(Id(), required=True)
    marks = fields.Integer(required=True, metadata={"description": "How many were new."})
    recorded_by = Id(required=True)


class Settled(EventData):
    """A person has decided what counts for one person in one session."""

    cohort_id = Id(required=True)
    session_id = Id(required=True)
    person_id = Id(required=True)
    status = fields.String(required=True)
    version = fields.Integer(required=True)
    settled_by = Id(required=True)
