"""Campaigns and answers to them: commands in, wire form out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.common.contracts import forms as form_contract
from services.common.contracts.consultations import campaigns as contract
from services.common.forms.definition import dump_form
from services.common.forms.questions import Form, Submission
from services.common.lists import after_id, by_id, page_to_wire
from services.consultations.domain.campaigns import Campaign
from services.consultations.domain.needs_studies import Name
from services.consultations.schemas import Request, instant

_list_campaigns = contract.ListCampaigns()
_create_campaign = contract.CreateCampaign()
_change_campaign = contract.ChangeCampaign()
_open_campaign = contract.OpenCampaign()
_act_on_campaign = contract.ActOnCampaign()
_cancel_campaign = contract.CancelCampaign()
_set_campaign_link = contract.SetCampaignLink()
_answer_campaign = contract.AnswerCampaign()
_open_campaign_link = contract.OpenCampaignLink()
_answer_campaign_link = contract.AnswerCampaignLink()
_submission = form_contract.Submission()


@dataclass(frozen=True, slots=True)
class ListCampaigns:
    study_id: str | None
    centre_id: str | None
    status: str | None
    limit: int
    after: str | None


@dataclass(frozen=True, slots=True)
class CreateCampaign:
    study_id: str
    title: Name
    centre_ids: tuple[str, ...]
    closes_at: datetime


@dataclass(frozen=True, slots=True)
class ChangeCampaign:
    """``changes`` holds what was said."""

    id: str
    expected_version: int
    changes: Mapping[str, Any]
    reason: str | None


@dataclass(frozen=True, slots=True)
class ActOnCampaign:
    """``closes_at`` is for opening, ``reason`` for cancelling."""

    id: str
    expected_version: int
    closes_at: datetime | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class SetCampaignLink:
    id: str
    expected_version: int
    wanted: bool


@dataclass(frozen=True, slots=True)
class AnswerCampaign:
    """``sent`` has ``edition`` and ``answers``; ``sheet`` is the mark on the paper."""

    id: str
    sent: Mapping[str, Any]
    sheet: str | None


@dataclass(frozen=True, slots=True)
class AnswerCampaignLink:
    """``sent`` has ``edition`` and ``answers``."""

    token: str
    sent: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CampaignShown:
    """A campaign as one caller is shown it.

    Attributes:
        answers, link_token: ``None`` for whom they are not for.
    """

    campaign: Campaign
    answers: int | None
    link_token: str | None


@dataclass(frozen=True, slots=True)
class CampaignForm:
    """What a person who answers is shown."""

    campaign: Campaign
    form: Form
    answered: bool


def list_campaigns(request: Request) -> ListCampaigns:
    data = _list_campaigns.load(request)
    return ListCampaigns(**data | {"after": after_id(data["after"])})


def create_campaign(request: Request) -> CreateCampaign:
    data = _create_campaign.load(request)
    return CreateCampaign(**data | {"centre_ids": tuple(data["centre_ids"])})


def change_campaign(request: Request) -> ChangeCampaign:
    data = _change_campaign.load(request)
    named = {name: data.pop(name) for name in ("id", "expected_version", "reason")}
    if "centre_ids" in data:
        data["centre_ids"] = tuple(data["centre_ids"])
    return ChangeCampaign(changes=data, **named)


def open_campaign(request: Request) -> ActOnCampaign:
    return ActOnCampaign(**_open_campaign.load(request))


def act_on_campaign(request: Request) -> ActOnCampaign:
    return ActOnCampaign(**_act_on_campaign.load(request))


def cancel_campaign(request: Request) -> ActOnCampaign:
    return ActOnCampaign(**_cancel_campaign.load(request))


def set_campaign_link(request: Request) -> SetCampaignLink:
    return SetCampaignLink(**_set_campaign_link.load(request))


def answer_campaign(request: Request) -> AnswerCampaign:
    sent = _answer_campaign.load(request)
    return AnswerCampaign(sent.pop("id"), sheet=sent.pop("sheet"), sent=sent)


def open_campaign_link(request: Request) -> str:
    token: str = _open_campaign_link.load(request)["token"]
    return token


def answer_campaign_link(request: Request) -> AnswerCampaignLink:
    sent = _answer_campaign_link.load(request)
    return AnswerCampaignLink(sent.pop("token"), sent)


# -- wire form -------------------------------------------------------------------------------------


def campaign(value: CampaignShown) -> dict[str, Any]:
    shown = value.campaign
    return {
        "id": shown.id,
        "study_id": shown.study_id,
        "title": dict(shown.title),
        "centre_ids": list(shown.centre_ids),
        "status": shown.status.value,
        "closes_at": instant(shown.closes_at),
        "stopped_at": instant(shown.stopped_at),
        "closed_at": instant(shown.closed_at),
        "answers": value.answers,
        "link_token": value.link_token,
        "version": shown.version,
    }


def campaign_page(values: Sequence[CampaignShown], limit: int) -> dict[str, Any]:
    return page_to_wire(values, limit, campaign, lambda each: by_id(each.campaign))


def campaign_form(value: CampaignForm) -> dict[str, Any]:
    return {
        "title": dict(value.campaign.title),
        "closes_at": instant(value.campaign.closes_at),
        "answered": value.answered,
        "form": dump_form(value.form),
    }


def submission(value: Submission) -> dict[str, Any]:
    dumped: dict[str, Any] = _submission.dump(value)
    return dumped
