"""Ranked needs: queries in, wire form out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.common.contracts.consultations import needs as contract
from services.common.lists import after_version, page_to_wire
from services.consultations.domain.campaigns import Campaign
from services.consultations.domain.needs import (
    CampaignResult,
    ComparedNeed,
    NeedsOfGroup,
    OtherQuestion,
    PlacedText,
    RankedNeed,
)
from services.consultations.schemas import Request, instant

_compare_needs = contract.CompareNeeds()
_draw_needs = contract.DrawNeeds()
_list_said = contract.ListSaid()


@dataclass(frozen=True, slots=True)
class CompareNeeds:
    id: str
    earlier_id: str


@dataclass(frozen=True, slots=True)
class DrawNeeds:
    id: str
    centre_id: str | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two campaigns of one study, each with its result, and their needs beside each other."""

    earlier: tuple[Campaign, CampaignResult]
    later: tuple[Campaign, CampaignResult]
    needs: Sequence[ComparedNeed]


@dataclass(frozen=True, slots=True)
class ListSaid:
    """``after``: the place of the last text before."""

    id: str
    question_id: str
    limit: int
    after: int | None


def list_said(request: Request) -> ListSaid:
    data = _list_said.load(request)
    return ListSaid(data["id"], data["question_id"], data["limit"], after_version(data["after"]))


def said_page(values: Sequence[PlacedText], limit: int) -> dict[str, Any]:
    return page_to_wire(values, limit, lambda each: {"text": each.text}, lambda each: [each.place])


def compare_needs(request: Request) -> CompareNeeds:
    return CompareNeeds(**_compare_needs.load(request))


def draw_needs(request: Request) -> DrawNeeds:
    return DrawNeeds(**_draw_needs.load(request))


# -- wire form -------------------------------------------------------------------------------------


def campaign_needs(campaign: Campaign, result: CampaignResult) -> dict[str, Any]:
    found = result.found
    return {
        **_described(campaign, result),
        "least": found.least,
        "most": found.most,
        "needs": [_need(each) for each in found.needs],
        "tables": [
            {"by": by, "groups": [_group(each) for each in groups]}
            for by, groups in found.groups.items()
        ],
        "others": [_other(each) for each in found.others],
    }


def comparison(value: Comparison) -> dict[str, Any]:
    return {
        "earlier": _described(*value.earlier),
        "later": _described(*value.later),
        "needs": [_compared(each) for each in value.needs],
    }


def _described(campaign: Campaign, result: CampaignResult) -> dict[str, Any]:
    return {
        "campaign_id": campaign.id,
        "title": dict(campaign.title),
        "closed_at": instant(result.closed_at),
        "people": result.found.people,
    }


def _group(value: NeedsOfGroup) -> dict[str, Any]:
    return {
        "group": value.group,
        "label": None if value.label is None else dict(value.label),
        "people": value.people,
        "needs": [_need(each) for each in value.needs],
    }


def _other(value: OtherQuestion) -> dict[str, Any]:
    return {
        "question_id": value.question_id,
        "label": dict(value.label),
        "people": value.people,
        "counts": [
            {"answer": each.answer, "label": dict(each.label), "people": each.people}
            for each in value.counts
        ],
    }


def _need(value: RankedNeed) -> dict[str, Any]:
    return {
        "question_id": value.question_id,
        "topic_id": value.topic_id,
        "case_kind": value.case_kind,
        "label": dict(value.label),
        "people": value.people,
        "need": _decimal(value.need),
        "rank": value.rank,
    }


def _compared(value: ComparedNeed) -> dict[str, Any]:
    return {
        "question_id": value.question_id,
        "topic_id": value.topic_id,
        "case_kind": value.case_kind,
        "label": dict(value.label),
        "before": _decimal(value.before),
        "now": _decimal(value.now),
        "change": _decimal(value.change),
        "rank_before": value.rank_before,
        "rank_now": value.rank_now,
    }


def _decimal(hundredths: int | None) -> float | None:
    return None if hundredths is None else hundredths / 100
