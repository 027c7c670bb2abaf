"""Campaigns of needs studies on the wire, and answers to them.

===================== ============================ ==============
method                request                      result
===================== ============================ ==============
list_campaigns        ListCampaigns                CampaignList
get_campaign          ById                         Campaign
create_campaign       CreateCampaign (with key)    Campaign
change_campaign       ChangeCampaign               Campaign
open_campaign         OpenCampaign                 Campaign
stop_campaign         Versioned                    Campaign
close_campaign        Versioned                    Campaign
cancel_campaign       CancelCampaign               Campaign
set_campaign_link     SetCampaignLink              Campaign
campaign_history      ListHistory                  HistoryList
get_campaign_form     ById                         CampaignForm
answer_campaign       AnswerCampaign (with key)    Submission
open_campaign_link    OpenCampaignLink             CampaignForm
answer_campaign_link  AnswerCampaignLink (key)     Submission
===================== ============================ ==============
"""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from services.common.contracts.consultations.campaign_limits import (
    LONGEST_REASON,
    LONGEST_SHEET,
    LONGEST_TITLE,
    MOST_CENTRES,
)
from services.common.contracts.consultations.rpc import Versioned
from services.common.contracts.fields import (
    Choice,
    Id,
    Instant,
    LocalisedText,
    Page,
    StrictSchema,
    Truth,
    text,
)
from services.common.contracts.forms import AnswersGiven, FormEdition


class CampaignState(Choice):
    choices = ("draft", "open", "counting", "closed", "cancelled")


def _each_once(value: list[str]) -> None:
    if len(set(value)) != len(value):
        raise ValidationError("each_once")


def _centres(**kwargs: Any) -> fields.List[Any]:
    return fields.List(
        Id(), validate=[validate.Length(min=1, max=MOST_CENTRES), _each_once], **kwargs
    )


_CLOSES = {"description": "Until when people answer; what is on paper is entered 30 days longer."}


class CreateCampaign(StrictSchema):
    """One time that a study is put to people: a draft until it is opened."""

    study_id = Id(required=True)
    title = LocalisedText(limit=LONGEST_TITLE, required=True)
    centre_ids = _centres(
        required=True, metadata={"description": "The centres whose people are asked."}
    )
    closes_at = Instant(required=True, metadata=_CLOSES)


class CampaignChanges(StrictSchema):
    """What is left out stays as it is."""

    title = LocalisedText(limit=LONGEST_TITLE)
    centre_ids = _centres()
    closes_at = Instant(metadata=_CLOSES)
    reason = text(LONGEST_REASON, lines=True, load_default=None, allow_none=True)


class ChangeCampaign(CampaignChanges, Versioned):
    pass


class CampaignOpening(StrictSchema):
    closes_at = Instant(load_default=None, allow_none=True, metadata=_CLOSES)


class OpenCampaign(CampaignOpening, Versioned):
    pass


class ActOnCampaign(Versioned):
    pass


class CampaignCancellation(StrictSchema):
    reason = text(LONGEST_REASON, lines=True, required=True)


class CancelCampaign(CampaignCancellation, Versioned):
    pass


class CampaignLink(StrictSchema):
    wanted = Truth(
        required=True,
        metadata={"description": "A new link, which makes the one before void; or none."},
    )


class SetCampaignLink(CampaignLink, Versioned):
    pass


class CampaignFilters(StrictSchema):
    study_id = Id(load_default=None, allow_none=True)
    centre_id = Id(load_default=None, allow_none=True)
    status = CampaignState(load_default=None, allow_none=True)


class ListCampaigns(CampaignFilters, Page):
    pass


class Campaign(Schema):
    """`answers` and `link_token` are null for people who are no staff of its centres."""

    id = Id(required=True)
    study_id = Id(required=True)
    title = LocalisedText(required=True)
    centre_ids = fields.List(Id(), required=True)
    status = CampaignState(required=True)
    closes_at = Instant(required=True)
    stopped_at = Instant(required=True, allow_none=True)
    closed_at = Instant(required=True, allow_none=True)
    answers = fields.Integer(
        required=True, allow_none=True, metadata={"description": "How many have answered."}
    )
    link_token = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The last part of the link by which anybody answers."},
    )
    version = fields.Integer(required=True)


class CampaignList(Schema):
    items = fields.List(fields.Nested(Campaign), required=True)
    next = fields.List(fields.Raw(), allow_none=True)


# -- answers --------------------------------------------------------------------------------------


class CampaignForm(Schema):
    """What a person who answers is shown."""

    title = LocalisedText(required=True)
    closes_at = Instant(required=True)
    answered = fields.Boolean(
        required=True, metadata={"description": "Whether the caller has; by a link nobody knows."}
    )
    form = fields.Nested(FormEdition, required=True)


class CampaignAnswers(AnswersGiven):
    """The caller's own answers; with `sheet` those that staff enter from paper."""

    sheet = text(
        LONGEST_SHEET,
        load_default=None,
        allow_none=True,
        metadata={"description": "The number or mark on the paper; each is entered once."},
    )


class AnswerCampaign(CampaignAnswers):
    id = Id(required=True)


class OpenCampaignLink(StrictSchema):
    token = Id(required=True)


class AnswerCampaignLink(AnswersGiven):
    token = Id(required=True)
