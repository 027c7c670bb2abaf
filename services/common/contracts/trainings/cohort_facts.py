"""The data of the events about cohorts."""

from __future__ import annotations

from marshmallow import fields

from services.common.contracts.fields import EventData, Id, Instant, LocalisedFact
from services.common.contracts.trainings.limits import LONGEST_PLACE, LONGEST_REASON


class Session(EventData):
    session_id = Id(required=True)
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    elsewhere = LocalisedFact(
        required=True,
        allow_none=True,
        limit=LONGEST_PLACE,
        metadata={"description": "Where it is, if not in a room of the centre."},
    )


class Cohort(EventData):
    """The cohort as it stands after the fact."""

    cohort_id = Id(required=True)
    course_id = Id(required=True)
    topic_id = Id(required=True)
    centre_id = Id(required=True)
    centre_name = LocalisedFact(required=True)
    time_zone = fields.String(required=True, metadata={"description": "IANA zone of the centre."})
    title = LocalisedFact(required=True)
    mode = fields.String(required=True)
    language = fields.String(required=True, metadata={"description": "Of the teaching."})
    status = fields.String(required=True)
    capacity = fields.Integer(required=True)
    sessions = fields.List(fields.Nested(Session), required=True)
    applications_open_at = Instant(required=True, allow_none=True)
    applications_close_at = Instant(required=True, allow_none=True)
    version = fields.Integer(required=True)
    changed_by = Id(required=True, metadata={"description": "The person who caused this fact."})


class Cancelled(Cohort):
    reason = LocalisedFact(required=True, limit=LONGEST_REASON)
