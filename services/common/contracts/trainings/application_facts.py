"""The data of the events about applications: ids and codes, no details of a person."""

from __future__ import annotations

from marshmallow import fields

from services.common.contracts.fields import EventData, Id, Instant, LocalisedFact
from services.common.contracts.trainings.limits import LONGEST_REASON


class Application(EventData):
    """The application as it stands after the fact, and what a message about it needs."""

    application_id = Id(required=True)
    cohort_id = Id(required=True)
    course_id = Id(required=True)
    topic_id = Id(required=True)
    centre_id = Id(required=True, metadata={"description": "Where the cohort is."})
    centre_name = LocalisedFact(required=True)
    time_zone = fields.String(required=True, metadata={"description": "IANA zone of the centre."})
    title = LocalisedFact(required=True, metadata={"description": "Of the cohort."})
    mode = fields.String(required=True)
    starts_at = Instant(
        required=True, allow_none=True, metadata={"description": "Of the first session."}
    )
    participant_id = Id(required=True)
    person_id = Id(
        required=True,
        allow_none=True,
        metadata={"description": "The account of the participant; null: there is none."},
    )
    organisation_id = Id(
        required=True,
        allow_none=True,
        metadata={"description": "The one that the person comes for; null: for none."},
    )
    source = fields.String(required=True, metadata={"description": "How the application came."})
    nominated_by = Id(required=True, allow_none=True)
    status = fields.String(required=True)
    reason = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The code of why it was decided so; null: nothing is decided."},
    )
    reasons = LocalisedFact(
        limit=LONGEST_REASON,
        metadata={"description": "Why the cohort does not take place, as staff say it to all."},
    )
    expires_at = Instant(
        required=True,
        allow_none=True,
        metadata={"description": "Until when the offer can be accepted; null: there is none."},
    )
    version = fields.Integer(required=True)
    changed_by = Id(required=True, metadata={"description": "The person who caused this fact."})
