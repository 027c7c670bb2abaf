"""The data of the events about forms that are answered: ids alone, and what a message needs."""

from __future__ import annotations

from marshmallow import fields

from services.common.contracts.fields import EventData, Id, Instant, LocalisedFact


class Requested(EventData):
    """A participant is asked to answer a form. Its link is made of the application, the occasion
    and the moment, with the secret of the installation
    (``services/common/links.py:Links.expiring_token``)."""

    request_id = Id(required=True)
    application_id = Id(required=True, metadata={"description": "What the link is about."})
    cohort_id = Id(required=True)
    centre_id = Id(required=True)
    title = LocalisedFact(required=True)
    occasion = fields.String(required=True)
    participant_id = Id(required=True)
    person_id = Id(
        required=True,
        allow_none=True,
        metadata={"description": "The account of the participant; null without one."},
    )
    link_purpose = fields.String(
        required=True, metadata={"description": "What the link is for, as its maker names it."}
    )
    expires_at = Instant(required=True, metadata={"description": "Of the link."})
    version = fields.Integer(required=True)


class Answered(EventData):
    """A participant has answered a form; what was answered is in no event."""

    answers_id = Id(required=True)
    cohort_id = Id(required=True)
    occasion = fields.String(required=True)
    participant_id = Id(required=True)
    source = fields.String(required=True)
    version = fields.Integer(required=True)
