"""Ranked needs: queries in, wire form out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.common.contracts.consultations import needs as contract
from services.consultations.domain.campaigns import Campaign
from services.consultations.domain.needs import (
    CampaignResult,
    ComparedNeed,
    NeedsOfGroup,
    OtherQuestion,
    RankedNeed,
)
from services.consultations.schemas import Request, instant

_compare_needs = contract.CompareNeeds()
_draw_needs = contract.DrawNeeds()


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
