"""Offers after trainings on the wire.

============ ============ ==========
method       request      result
============ ============ ==========
list_offers  ListOffers   OfferList
============ ============ ==========
"""

from __future__ import annotations

from marshmallow import Schema, fields

from services.common.contracts.fields import Id, Instant, LocalisedText, Page, StrictSchema


class ConsultationOffer(Schema):
    """A request may name its cohort as its origin, until it expires."""

    id = Id(required=True)
    organisation_id = Id(required=True)
    cohort_id = Id(required=True)
    topic_id = Id(required=True)
    centre_id = Id(required=True)
    title = LocalisedText(required=True, metadata={"description": "Of the training."})
    adviser_ids = fields.List(
        Id(),
        required=True,
        metadata={"description": "Who would be asked, the trainers of the cohort first."},
    )
    offered_at = Instant(required=True)
    expires_at = Instant(required=True)
    version = fields.Integer(required=True)


class OfferList(Schema):
    items = fields.List(fields.Nested(ConsultationOffer), required=True)
    next = fields.List(fields.Raw(), allow_none=True)


class OfferFilters(StrictSchema):
    organisation_id = Id(load_default=None, allow_none=True)


class ListOffers(OfferFilters, Page):
    pass
