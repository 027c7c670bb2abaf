"""The data of the events about who reviews applications."""

from __future__ import annotations

from marshmallow import fields

from services.common.contracts.fields import EventData, Id, LocalisedFact


class Assigned(EventData):
    """People are asked to review the applications for a cohort that is announced."""

    review_id = Id(required=True, metadata={"description": "Of this request to the people."})
    cohort_id = Id(required=True)
    course_id = Id(required=True)
    centre_id = Id(required=True)
    centre_name = LocalisedFact(required=True)
    time_zone = fields.String(required=True, metadata={"description": "IANA zone of the centre."})
    title = LocalisedFact(required=True, metadata={"description": "Of the cohort."})
    reviewers = fields.List(
        Id(),
        required=True,
        metadata={"description": "Those who were no reviewers of the cohort; ids of people."},
    )
    version = fields.Integer(required=True)
    changed_by = Id(required=True, metadata={"description": "The person who caused this fact."})
