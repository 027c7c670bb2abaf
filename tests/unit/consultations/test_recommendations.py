"""Recommendations: gap × urgency × readiness, each term shown, and what comes of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from services.common.errors import Conflict
from services.consultations.domain.assessments import DomainPriority
from services.consultations.domain.recommendation_states import (
    RecommendationAction,
    RecommendationStatus,
)
from services.consultations.domain.recommendations import (
    Help,
    Origin,
    Outcome,
    Proposal,
    Recommendation,
    Target,
    Terms,
    propose_from_needs,
    propose_from_scores,
    rank_proposals,
)
from tests.support.instruments import an_instrument

INSTRUMENT = an_instrument()
FINANCE = Target(Help.TRAINING, "financial-management")
PEOPLE = Target(Help.TRAINING, "human-resources")


def a_recommendation(**changes: Any) -> Recommendation:
    said: dict[str, Any] = {
        "id": "r",
        "organisation_id": "amal",
        "origin": Origin.ASSESSMENT,
        "origin_id": "a",
        "target": FINANCE,
        "terms": Terms(67),
        "rank": 1,
        "proposed_at": datetime(2027, 3, 1, tzinfo=UTC),
    }
    return Recommendation(**said | changes)


def test_the_product_is_that_of_the_terms_that_are_shown() -> None:
    found = propose_from_scores(
        INSTRUMENT, {"budget": 2, "cash": 2}, [DomainPriority("finance", urgency=3, readiness=4)]
    )
    training = next(each for each in found if each.target == FINANCE)
    assert (training.terms.gap, training.terms.urgency, training.terms.readiness) == (67, 75, 100)
    assert training.terms.product == 67 * 75 * 100
    assert training.items == {"budget": 2, "cash": 2}


def test_urgency_and_readiness_move_a_smaller_gap_before_a_larger_one() -> None:
    scores = {"budget": 2, "cash": 2, "roles": 1}
    said = [DomainPriority("finance", 4, 4), DomainPriority("people", 2, 2)]
    ranked = [each.target for each in propose_from_scores(INSTRUMENT, scores, said)]
    assert ranked.index(FINANCE) < ranked.index(PEOPLE)
    unsaid = [each.target for each in propose_from_scores(INSTRUMENT, scores, [])]
    assert unsaid.index(PEOPLE) < unsaid.index(FINANCE)


def test_a_term_that_was_not_said_is_one_half_and_says_so() -> None:
    terms = propose_from_scores(INSTRUMENT, {"budget": 1}, [])[0].terms
    assert (terms.urgency, terms.readiness) == (50, 50)
    assert not (terms.urgency_stated or terms.readiness_stated)


def test_only_items_that_the_target_helps_make_its_gap() -> None:
    found = propose_from_scores(INSTRUMENT, {"roles": 1, "pay": 4}, [])
    planning = next(each for each in found if each.target.id == "planning")
    assert (planning.terms.gap, planning.items) == (100, {"roles": 1})
    people = next(each for each in found if each.target == PEOPLE)
    assert people.terms.gap == 50


def test_what_has_reached_three_of_four_levels_is_no_gap() -> None:
    assert propose_from_scores(INSTRUMENT, {"budget": 3, "cash": 3, "roles": 3, "pay": 4}, []) == []


def test_a_target_is_proposed_once_from_the_domain_where_it_ranks_highest() -> None:
    proposals = [Proposal(FINANCE, Terms(40), "a"), Proposal(FINANCE, Terms(90), "b")]
    assert [each.domain_id for each in rank_proposals(proposals)] == ["b"]


def test_there_are_not_too_many() -> None:
    proposals = [Proposal(Target(Help.TRAINING, f"t{n}"), Terms(40 + n)) for n in range(30)]
    ranked = rank_proposals(proposals)
    assert [each.target.id for each in ranked] == [f"t{n}" for n in range(29, 9, -1)]


def test_a_needs_study_gives_the_gap_where_nothing_was_assessed() -> None:
    found = propose_from_needs({PEOPLE: 62, Target(Help.TRAINING, "report-writing"): 20})
    assert [(each.target, each.terms) for each in found] == [(PEOPLE, Terms(62))]


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ([Outcome(begun=1)], RecommendationStatus.UNDER_WAY),
        ([Outcome(begun=1), Outcome(begun=2)], RecommendationStatus.UNDER_WAY),
        ([Outcome(begun=1), Outcome()], RecommendationStatus.UNDER_WAY),
        ([Outcome(begun=1), Outcome(completed=1)], RecommendationStatus.ACHIEVED),
        ([Outcome(begun=1), Outcome(not_completed=1)], RecommendationStatus.UNDER_WAY),
        ([Outcome(completed=1), Outcome(not_completed=1)], RecommendationStatus.UNDER_WAY),
        (
            [Outcome(completed=2), Outcome(completed=1, not_completed=1)],
            RecommendationStatus.ACHIEVED,
        ),
    ],
)
def test_what_came_of_it_moves_an_approved_one(
    changes: list[Outcome], status: RecommendationStatus
) -> None:
    found = a_recommendation().moved(RecommendationAction.APPROVE)
    for each in changes:
        found = found.with_outcome(each)
    assert found.status is status


def test_nothing_moves_one_that_no_person_has_approved() -> None:
    declined = a_recommendation().moved(RecommendationAction.DECLINE)
    assert declined.with_outcome(Outcome(completed=1)).status is RecommendationStatus.DECLINED
    assert declined.with_outcome(Outcome()) is declined
    with pytest.raises(Conflict) as refused:
        replace(declined).moved(RecommendationAction.APPROVE)
    assert refused.value.params == {"state": "declined", "to": "approved"}
