"""An assessment: agreed, then verified; each score is counted once and says what shows it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.common.errors import Conflict, Invalid
from services.consultations.domain.assessment_states import AssessmentStatus
from services.consultations.domain.assessments import (
    AgreedScore,
    Assessment,
    DomainPriority,
    VerifiedScore,
    check_agreed,
    check_held_on,
    check_one_of_both,
    check_priorities,
    check_verified,
)
from tests.support.instruments import an_instrument

INSTRUMENT = an_instrument()
NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)
ALL_SCORED = (
    AgreedScore("budget", 2),
    AgreedScore("cash", 3),
    AgreedScore("roles", 1),
    AgreedScore("pay", None, "nobody is paid"),
)


def a_draft(**changes: Any) -> Assessment:
    said: dict[str, Any] = {
        "id": "a",
        "organisation_id": "amal",
        "instrument_id": INSTRUMENT.id,
        "family": INSTRUMENT.family,
        "held_on": date(2027, 3, 1),
        "people": 7,
        "facilitator_id": "adviser",
        "started_at": NOW,
    }
    return Assessment(**said | changes)


def seen(item_id: str, score: int, evidence: str | None = "the file of 2026") -> VerifiedScore:
    return VerifiedScore(item_id, score, evidence, None, "adviser", NOW)


def an_agreed() -> Assessment:
    return a_draft().changed(agreed=ALL_SCORED).agree(INSTRUMENT, "rep", NOW)


def test_a_score_entered_again_takes_the_place_of_the_first() -> None:
    draft = a_draft().changed(agreed=[AgreedScore("budget", 2)])
    again = draft.changed(agreed=[AgreedScore("budget", 3), AgreedScore("cash", 1)])
    assert again.scores == {"budget": 3, "cash": 1}
    assert again.changed(agreed=[AgreedScore("cash", 1)]) is again


def test_all_items_have_a_score_or_do_not_apply_before_they_are_agreed() -> None:
    draft = a_draft().changed(agreed=ALL_SCORED[:2])
    with pytest.raises(Conflict) as refused:
        draft.agree(INSTRUMENT, "rep", NOW)
    assert refused.value.code == "consultations.scores_missing"
    assert refused.value.extra == {"missing_items": ["roles", "pay"]}


def test_agreed_scores_do_not_change() -> None:
    with pytest.raises(Conflict) as refused:
        an_agreed().changed(agreed=[AgreedScore("budget", 4)])
    assert refused.value.code == "consultations.assessment_not_allowed_now"
    assert refused.value.params == {"state": "agreed", "to": "change"}


def test_verified_scores_count_once_all_that_applies_was_looked_at() -> None:
    agreed = an_agreed()
    half = agreed.with_evidence([seen("budget", 1, None), seen("cash", 3)])
    assert half.scores == {"budget": 2, "cash": 3, "roles": 1}
    with pytest.raises(Conflict) as refused:
        half.verify("adviser", NOW)
    assert refused.value.extra == {"missing_items": ["roles"]}
    verified = half.with_evidence([seen("roles", 2)]).verify("adviser", NOW)
    assert verified.scores == {"budget": 1, "cash": 3, "roles": 2}
    assert {each.item_id: each.score for each in verified.agreed} == {
        "budget": 2,
        "cash": 3,
        "roles": 1,
        "pay": None,
    }


def test_a_withdrawn_assessment_counts_no_more() -> None:
    withdrawn = an_agreed().withdraw()
    assert (withdrawn.status, withdrawn.counts) == (AssessmentStatus.WITHDRAWN, False)


@pytest.mark.parametrize(
    ("check", "pointer", "code"),
    [
        (
            lambda: check_agreed(INSTRUMENT, [AgreedScore("x", 1)]),
            "/scores/0/item_id",
            "unknown_item",
        ),
        (
            lambda: check_agreed(INSTRUMENT, [AgreedScore("cash", 1), AgreedScore("cash", 2)]),
            "/scores/1/item_id",
            "unknown_item",
        ),
        (
            lambda: check_agreed(INSTRUMENT, [AgreedScore("cash", None)]),
            "/scores/0/not_applicable",
            "item_applies",
        ),
        (
            lambda: check_priorities(INSTRUMENT, [DomainPriority("x", 1, 1)]),
            "/priorities/0/domain_id",
            "unknown_domain",
        ),
        (
            lambda: check_verified(an_agreed(), [seen("pay", 2)]),
            "/scores/0/item_id",
            "unknown_item",
        ),
        (
            lambda: check_verified(an_agreed(), [seen("cash", 1, None), seen("budget", 2, None)]),
            "/scores/1/evidence",
            "evidence_missing",
        ),
        (
            lambda: check_one_of_both([{"score": 1, "not_applicable": True}]),
            "/scores/0/score",
            "score_or_not_applicable",
        ),
        (
            lambda: check_one_of_both([{"score": None, "not_applicable": False}]),
            "/scores/0/score",
            "score_or_not_applicable",
        ),
        (
            lambda: check_held_on(date(2027, 3, 2), date(2027, 3, 1)),
            "/held_on",
            "held_in_the_future",
        ),
    ],
)
def test_what_an_edition_does_not_have_is_refused_by_its_place(
    check: Any, pointer: str, code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        check()
    assert [(each.pointer, each.code) for each in refused.value.errors] == [
        (pointer, f"consultations.{code}")
    ]
