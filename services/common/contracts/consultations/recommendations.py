"""Recommendations on the wire.

======================== ================================= ==================
method                   request                           result
======================== ================================= ==================
list_recommendations     ListRecommendations               RecommendationList
get_recommendation       ById                              Recommendation
propose_from_needs       ProposeFromNeeds (with key)       RecommendationList
approve_recommendation   DecideRecommendation              Recommendation
decline_recommendation   RefuseRecommendation              Recommendation
end_recommendation       RefuseRecommendation              Recommendation
recommendation_history   ListHistory                       HistoryList
======================== ================================= ==================
"""

from __future__ import annotations

from marshmallow import Schema, fields

from services.common.contracts.consultations.recommendations_limits import LONGEST_REASON
from services.common.contracts.fields import (
    Choice,
    Id,
    Instant,
    Page,
    StrictSchema,
    integer,
    text,
)


class RecommendationState(Choice):
    choices = (
        "proposed",
        "approved",
        "under_way",
        "achieved",
        "declined",
        "lapsed",
        "superseded",
    )


class RecommendedHelp(Choice):
    choices = ("training", "consultation")


class RecommendationOrigin(Choice):
    choices = ("assessment", "needs_study")


class RankTerm(Schema):
    """A term of the rank, from 0 to 1 with two decimals."""

    value = fields.Float(required=True)
    stated = fields.Boolean(
        required=True,
        metadata={"description": "Whether it is known; one half counts where it is not."},
    )


class RankTerms(Schema):
    """gap × urgency × readiness; the product is that of the values shown here."""

    gap = fields.Nested(RankTerm, required=True)
    urgency = fields.Nested(RankTerm, required=True)
    readiness = fields.Nested(RankTerm, required=True)
    product = fields.Float(required=True, metadata={"description": "With six decimals."})


class RecommendedItem(Schema):
    """An item that the target helps, with its score in the assessment."""

    item_id = Id(required=True)
    score = fields.Integer(required=True)


class RecommendationOutcome(Schema):
    """What came of it: people in trainings of the topic, or cases of the kind that are not
    sealed."""

    begun = fields.Integer(required=True)
    completed = fields.Integer(required=True)
    not_completed = fields.Integer(required=True)


class Recommendation(Schema):
    id = Id(required=True)
    organisation_id = Id(required=True)
    origin = RecommendationOrigin(required=True)
    origin_id = Id(required=True)
    help = RecommendedHelp(required=True)
    target_id = Id(
        required=True,
        metadata={"description": "The topic of the trainings, or the kind of consultation."},
    )
    domain_id = Id(required=True, allow_none=True)
    terms = fields.Nested(RankTerms, required=True)
    items = fields.List(fields.Nested(RecommendedItem), required=True)
    rank = fields.Integer(required=True, metadata={"description": "1 is the first."})
    status = RecommendationState(required=True)
    proposed_at = Instant(required=True)
    decided_by = Id(required=True, allow_none=True)
    decided_at = Instant(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)
    outcome = fields.Nested(RecommendationOutcome, required=True)
    version = fields.Integer(required=True)


class RecommendationList(Schema):
    items = fields.List(fields.Nested(Recommendation), required=True)
    next = fields.List(fields.Raw(), allow_none=True)


class RecommendationFilters(StrictSchema):
    organisation_id = Id(load_default=None, allow_none=True)
    status = RecommendationState(load_default=None, allow_none=True)
    origin_id = Id(load_default=None, allow_none=True)
    help = RecommendedHelp(load_default=None, allow_none=True)


class ListRecommendations(RecommendationFilters, Page):
    pass


class ProposeFromNeeds(StrictSchema):
    """For an organisation that has no assessment yet: what the newest needs study found."""

    organisation_id = Id(required=True)
    centre_id = Id(
        load_default=None,
        allow_none=True,
        metadata={
            "description": "Whose needs count; else those of the centre of the organisation's "
            "newest case, and of all together where it has none."
        },
    )


class DecisionReason(StrictSchema):
    reason = text(LONGEST_REASON, lines=True, load_default=None, allow_none=True)


class RequiredDecisionReason(StrictSchema):
    reason = text(LONGEST_REASON, lines=True, required=True)


class DecideRecommendation(DecisionReason):
    id = Id(required=True)
    expected_version = integer(1, 2**53, required=True)


class RefuseRecommendation(RequiredDecisionReason):
    id = Id(required=True)
    expected_version = integer(1, 2**53, required=True)
