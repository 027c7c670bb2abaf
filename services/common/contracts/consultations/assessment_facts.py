"""The data of the events about instruments and assessments: ids, states and means, no text."""

from __future__ import annotations

from marshmallow import fields

from services.common.contracts.fields import EventData, Id


class Instrument(EventData):
    """An edition of an instrument as it stands after the fact."""

    instrument_id = Id(required=True)
    family = Id(required=True)
    edition = fields.Integer(required=True)
    status = fields.String(required=True)
    version = fields.Integer(required=True)
    changed_by = Id(required=True, metadata={"description": "The person who caused this fact."})


class AssessedDomain(EventData):
    domain_id = Id(required=True)
    mean = fields.Float(
        required=True, allow_none=True, metadata={"description": "null: no item of it applies."}
    )


class AssessedTopic(EventData):
    topic_id = Id(required=True)
    mean = fields.Float(required=True)


class Assessment(EventData):
    """The assessment as it stands after the fact."""

    assessment_id = Id(required=True)
    organisation_id = Id(required=True)
    instrument_id = Id(required=True)
    family = Id(required=True)
    status = fields.String(required=True)
    held_on = fields.Date(required=True)
    mean = fields.Float(
        required=True,
        allow_none=True,
        metadata={
            "description": "Of the scores that count, 1 to 4, with four decimals; null: none is "
            "agreed yet."
        },
    )
    domains = fields.List(fields.Nested(AssessedDomain), required=True)
    topics = fields.List(
        fields.Nested(AssessedTopic),
        required=True,
        metadata={
            "description": "Topics of trainings, with the mean of the items that one of the topic "
            "helps and that apply."
        },
    )
    version = fields.Integer(required=True)
    changed_by = Id(required=True, metadata={"description": "The person who caused this fact."})
