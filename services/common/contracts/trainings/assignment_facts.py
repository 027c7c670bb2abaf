"""The data of the events about assignments of trainers."""

from __future__ import annotations

from marshmallow import fields

from services.common.contracts.fields import EventData, Id, Instant, LocalisedFact


class ClaimedTime(EventData):
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)


class Assignment(EventData):
    """The assignment as it stands after the fact."""

    assignment_id = Id(required=True)
    cohort_id = Id(required=True)
    cohort_title = LocalisedFact(required=True)
    centre_id = Id(required=True)
    trainer_id = Id(required=True)
    status = fields.String(required=True)
    times = fields.List(
        fields.Nested(ClaimedTime),
        required=True,
        metadata={"description": "When the trainer is taken."},
    )
    time_zone = fields.String(required=True, metadata={"description": "IANA zone of the centre."})
    version = fields.Integer(required=True)
    changed_by = Id(required=True, metadata={"description": "The person who caused this fact."})
