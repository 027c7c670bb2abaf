"""Ranked needs on the wire.

=============== ================ =================
method          request          result
=============== ================ =================
ranked_needs    ById             CampaignNeeds
compare_needs   CompareNeeds     NeedsComparison
needs_picture   DrawNeeds        a file
list_said       ListSaid         SaidList
=============== ================ =================

A need is the mean of what people said, on the scale from ``least`` to ``most``. Small groups are
hidden from everybody: ``people`` and ``need`` are null there.
"""

from __future__ import annotations

from marshmallow import Schema, fields

from services.common.contracts.fields import (
    Choice,
    Id,
    Instant,
    LocalisedText,
    Page,
    StrictSchema,
)
from services.common.contracts.forms import QuestionId


class NeedsGrouping(Choice):
    choices = ("centre", "organisation_kind")


class CompareNeeds(StrictSchema):
    id = Id(required=True)
    earlier_id = Id(required=True)


class DrawNeeds(StrictSchema):
    id = Id(required=True)
    centre_id = Id(load_default=None, allow_none=True)


class SaidFilters(StrictSchema):
    question_id = QuestionId(
        required=True,
        metadata={"description": "A question of the campaign's form that is answered in words."},
    )


class ListSaid(SaidFilters, Page):
    id = Id(required=True, metadata={"description": "Of the campaign."})


class Said(Schema):
    """What one person has said in words; who, and what else the person said, is not shown."""

    text = fields.String(required=True)


class SaidList(Schema):
    items = fields.List(fields.Nested(Said), required=True)
    next = fields.List(fields.Raw(), allow_none=True)


class NeedRanked(Schema):
    question_id = fields.String(required=True)
    topic_id = Id(required=True, allow_none=True)
    case_kind = Id(required=True, allow_none=True)
    label = LocalisedText(required=True)
    people = fields.Integer(
        required=True, allow_none=True, metadata={"description": "How many said how much."}
    )
    need = fields.Float(required=True, allow_none=True)
    rank = fields.Integer(
        required=True, allow_none=True, metadata={"description": "1 is the greatest need."}
    )


class NeedsGroup(Schema):
    group = fields.String(
        required=True, metadata={"description": "`unknown`: those who left the question out."}
    )
    label = LocalisedText(required=True, allow_none=True)
    people = fields.Integer(required=True, allow_none=True)
    needs = fields.List(fields.Nested(NeedRanked), required=True)


class GroupedNeeds(Schema):
    by = NeedsGrouping(required=True)
    groups = fields.List(fields.Nested(NeedsGroup), required=True)


class OtherAnswerCount(Schema):
    answer = fields.String(required=True)
    label = LocalisedText(required=True)
    people = fields.Integer(required=True, allow_none=True)


class OtherQuestionCounted(Schema):
    """A question that is not ranked; where several answers may be given, people count in each."""

    question_id = fields.String(required=True)
    label = LocalisedText(required=True)
    people = fields.Integer(required=True, allow_none=True)
    counts = fields.List(fields.Nested(OtherAnswerCount), required=True)


class CampaignNeeds(Schema):
    """What a campaign has found. With fewer than 5 answers nothing is shown."""

    campaign_id = Id(required=True)
    title = LocalisedText(required=True)
    closed_at = Instant(required=True)
    least = fields.Integer(required=True)
    most = fields.Integer(required=True)
    people = fields.Integer(required=True, allow_none=True)
    needs = fields.List(fields.Nested(NeedRanked), required=True)
    tables = fields.List(fields.Nested(GroupedNeeds), required=True)
    others = fields.List(fields.Nested(OtherQuestionCounted), required=True)


class ComparedCampaign(Schema):
    campaign_id = Id(required=True)
    title = LocalisedText(required=True)
    closed_at = Instant(required=True)
    people = fields.Integer(required=True, allow_none=True)


class NeedCompared(Schema):
    question_id = fields.String(required=True)
    topic_id = Id(required=True, allow_none=True)
    case_kind = Id(required=True, allow_none=True)
    label = LocalisedText(required=True)
    before = fields.Float(required=True, allow_none=True)
    now = fields.Float(required=True, allow_none=True)
    change = fields.Float(required=True, allow_none=True)
    rank_before = fields.Integer(required=True, allow_none=True)
    rank_now = fields.Integer(required=True, allow_none=True)


class NeedsComparison(Schema):
    """The needs of a campaign beside those of an earlier one of the same study. Other people may
    have answered: a change is a change of what people say."""

    earlier = fields.Nested(ComparedCampaign, required=True)
    later = fields.Nested(ComparedCampaign, required=True)
    needs = fields.List(fields.Nested(NeedCompared), required=True)
