"""Recommendations: commands in, wire form out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.common.clock import to_wire
from services.common.contracts.consultations import recommendations as contract
from services.common.lists import after_id, by_id, page_to_wire
from services.consultations.domain.recommendations import Recommendation, Terms
from services.consultations.schemas import Request, instant

_list_recommendations = contract.ListRecommendations()
_propose_from_needs = contract.ProposeFromNeeds()
_decide_recommendation = contract.DecideRecommendation()
_refuse_recommendation = contract.RefuseRecommendation()


@dataclass(frozen=True, slots=True)
class ListRecommendations:
    organisation_id: str | None
    status: str | None
    origin_id: str | None
    help: str | None
    limit: int
    after: str | None


@dataclass(frozen=True, slots=True)
class ProposeFromNeeds:
    """``centre_id``: whose needs count; ``None`` for that of the organisation."""

    organisation_id: str
    centre_id: str | None = None


@dataclass(frozen=True, slots=True)
class DecideRecommendation:
    id: str
    expected_version: int
    reason: str | None


def list_recommendations(request: Request) -> ListRecommendations:
    data = _list_recommendations.load(request)
    after = data.pop("after")
    return ListRecommendations(**data, after=after_id(after))


def propose_from_needs(request: Request) -> ProposeFromNeeds:
    return ProposeFromNeeds(**_propose_from_needs.load(request))


def decide_recommendation(request: Request) -> DecideRecommendation:
    return DecideRecommendation(**_decide_recommendation.load(request))


def refuse_recommendation(request: Request) -> DecideRecommendation:
    return DecideRecommendation(**_refuse_recommendation.load(request))


def recommendation(value: Recommendation) -> dict[str, Any]:
    return {
        "id": value.id,
        "organisation_id": value.organisation_id,
        "origin": value.origin.value,
        "origin_id": value.origin_id,
        "help": value.target.help.value,
        "target_id": value.target.id,
        "domain_id": value.domain_id,
        "terms": _terms(value.terms),
        "items": [{"item_id": id, "score": score} for id, score in value.items.items()],
        "rank": value.rank,
        "status": value.status.value,
        "proposed_at": to_wire(value.proposed_at),
        "decided_by": value.decided_by,
        "decided_at": instant(value.decided_at),
        "reason": value.reason,
        "outcome": {
            "begun": value.outcome.begun,
            "completed": value.outcome.completed,
            "not_completed": value.outcome.not_completed,
        },
        "version": value.version,
    }


def _terms(terms: Terms) -> dict[str, Any]:
    return {
        "gap": {"value": terms.gap / 100, "stated": True},
        "urgency": {"value": terms.urgency / 100, "stated": terms.urgency_stated},
        "readiness": {"value": terms.readiness / 100, "stated": terms.readiness_stated},
        "product": terms.product / 1_000_000,
    }


def recommendations(values: Sequence[Recommendation]) -> dict[str, Any]:
    """All of them, as one page."""
    return {"items": [recommendation(each) for each in values], "next": None}


def recommendation_page(values: Sequence[Recommendation], limit: int) -> dict[str, Any]:
    return page_to_wire(values, limit, recommendation, by_id)
