"""The data of the events about offers after trainings."""

from __future__ import annotations

from marshmallow import fields

from services.common.contracts.fields import EventData, Id, LocalisedFact


class Offer(EventData):
    """An offer to an organisation; it says what trainings has said, and nothing of any case."""

    offer_id = Id(required=True)
    organisation_id = Id(required=True)
    person_id = Id(
        required=True,
        allow_none=True,
        metadata={"description": "Who has completed the training; null: without an account."},
    )
    cohort_id = Id(required=True)
    centre_id = Id(required=True)
    title = LocalisedFact(required=True, metadata={"description": "Of the training."})
    version = fields.Integer(required=True)
