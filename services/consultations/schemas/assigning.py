"""Assigning a case: commands in, wire form out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.common.contracts.consultations import assigning as contract
from services.common.time.period import Period
from services.consultations.domain.suggestions import Knowledge, Suggestion
from services.consultations.schemas import Request

_suggest_advisers = contract.SuggestAdvisers()
_assign_adviser = contract.AssignAdviser()


@dataclass(frozen=True, slots=True)
class SuggestAdvisers:
    """``period`` is the time in which an absence counts; ``None``: from now on."""

    id: str
    period: Period | None


@dataclass(frozen=True, slots=True)
class AssignAdviser:
    id: str
    expected_version: int
    adviser_id: str
    reason: str | None


def suggest_advisers(request: Request) -> SuggestAdvisers:
    data = _suggest_advisers.load(request)
    starts_at, ends_at = data["starts_at"], data["ends_at"]
    period = None if starts_at is None or ends_at is None else Period(starts_at, ends_at)
    return SuggestAdvisers(data["id"], period)


def assign_adviser(request: Request) -> AssignAdviser:
    return AssignAdviser(**_assign_adviser.load(request))


def suggestion(value: Suggestion, name: Any) -> dict[str, Any]:
    """One suggestion; ``name`` is ``None`` where the person is not known yet."""
    reasons = {
        "trained_cohort": value.trained_cohort,
        "speciality": value.knowledge is Knowledge.SPECIALITY,
        "kind": value.knowledge is not Knowledge.NOTHING,
        "centre": value.at_centre,
        "language": value.speaks_language,
    }
    return {
        "adviser_id": value.adviser_id,
        "name": None if name is None else dict(name),
        "rank": value.rank,
        "reasons": [{"term": term, "fits": fits} for term, fits in reasons.items()],
        "load_rank": value.load_rank,
    }
