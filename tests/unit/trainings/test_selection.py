"""Scores of several reviewers, their ranking, and the shortlist."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.errors import MasahaError
from services.trainings.domain.selection import (
    Candidate,
    Criterion,
    Review,
    Selection,
    check_review,
    make_shortlist,
    rank_candidates,
    score_application,
)
from tests.support.rosters import MINUTE, MONDAY

NEED = Criterion("need", weight=3)
PLAN = Criterion("plan", weight=1, lowest=1, highest=11)
TWO = Selection((NEED, PLAN))


def review(reviewer: str, **scores: int | None) -> Review:
    return Review(reviewer, scores)


def test_a_score_is_the_weighted_mean_of_the_criteria() -> None:
    # need: mean 3 of 0…5, so 0.6; plan: mean 6 of 1…11, so 0.5. (3 · 0.6 + 0.5) / 4 = 0.575
    score = score_application(TWO, [review("R", need=2, plan=6), review("S", need=4, plan=6)])
    assert score.total == 57.5
    assert score.means == {"need": 3, "plan": 6}
    assert score.missing == ()


@pytest.mark.parametrize(("need", "plan", "total"), [(0, 1, 0), (5, 11, 100), (5, 1, 75)])
def test_a_score_reaches_from_0_to_100(need: int, plan: int, total: float) -> None:
    assert score_application(TWO, [review("R", need=need, plan=plan)]).total == total


@pytest.mark.parametrize("left_out", [{}, {"plan": None}], ids=["absent", "none"])
def test_a_score_that_a_reviewer_left_out_does_not_count(left_out: dict[str, None]) -> None:
    one = score_application(TWO, [review("R", need=3, plan=11)])
    two = score_application(
        TWO, [review("R", need=3, plan=11), Review("S", {"need": 3, **left_out})]
    )
    assert one.total == two.total == 70


def test_an_application_with_a_criterion_that_nobody_scored_has_no_score_yet() -> None:
    score = score_application(TWO, [review("R", need=5), review("S", need=5)])
    assert (score.total, score.missing, score.means) == (None, ("plan",), {"need": 5})
    assert score_application(TWO, []).missing == ("need", "plan")


def test_as_many_reviewers_as_the_selection_asks_for_score_each_criterion() -> None:
    selection = Selection((NEED, PLAN), reviews=2)
    reviews = [review("R", need=5, plan=11), review("S", need=5)]
    assert score_application(selection, reviews).missing == ("plan",)
    assert score_application(selection, [*reviews, review("T", plan=11)]).total == 100


def test_the_newest_review_of_a_reviewer_replaces_the_earlier() -> None:
    reviews = [review("R", need=0, plan=1), review("R", need=5, plan=11)]
    assert score_application(Selection((NEED, PLAN)), reviews).total == 100
    assert score_application(Selection((NEED, PLAN), reviews=2), reviews).total is None


def test_a_criterion_without_weight_decides_nothing() -> None:
    selection = Selection((NEED, Criterion("remark", weight=0)))
    assert score_application(selection, [review("R", need=5)]).total == 100
    assert score_application(selection, [review("R", need=5, remark=0)]).total == 100


@pytest.mark.parametrize(
    ("scores", "code"),
    [
        ({"style": 3}, "unknown_criterion"),
        ({"need": 6}, "score_off_scale"),
        ({"need": -1}, "score_off_scale"),
        ({"plan": 0}, "score_off_scale"),
    ],
)
def test_scores_that_do_not_fit_are_refused(scores: dict[str, int], code: str) -> None:
    for attempt in (
        lambda: check_review(TWO, Review("R", scores)),
        lambda: score_application(TWO, [Review("R", scores)]),
    ):
        with pytest.raises(MasahaError) as caught:
            attempt()
        assert caught.value.code == f"trainings.{code}"
    for edge in ({"need": 0, "plan": 1}, {"need": 5, "plan": 11}):
        check_review(TWO, Review("R", edge))


def test_a_selection_has_a_weight() -> None:
    for criteria in ((), (Criterion("need", weight=0),)):
        with pytest.raises(MasahaError) as caught:
            Selection(criteria)
        assert caught.value.code == "trainings.no_criteria"


@pytest.mark.parametrize(
    "criteria",
    [
        (NEED, Criterion("plan", weight=-1)),
        (Criterion("need", weight=1, lowest=5, highest=5),),
        (NEED, NEED),
    ],
    ids=["negative weight", "no scale", "twice"],
)
def test_criteria_that_make_no_sense_are_refused(criteria: tuple[Criterion, ...]) -> None:
    with pytest.raises(ValueError, match=r"weight|named"):
        Selection(criteria)


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(1, 11)), min_size=1, max_size=9),
    st.randoms(use_true_random=False),
)
def test_the_order_of_the_reviews_makes_no_difference(
    scores: list[tuple[int, int]], chance: random.Random
) -> None:
    reviews = [review(str(i), need=need, plan=plan) for i, (need, plan) in enumerate(scores)]
    total = score_application(TWO, reviews).total
    chance.shuffle(reviews)
    assert score_application(TWO, reviews).total == total
    assert total is not None
    assert 0 <= total <= 100


def candidate(id: str, score: float | None, gap: float | None = None, minute: int = 0) -> Candidate:
    return Candidate(id, MONDAY + minute * MINUTE, score, gap)


RANKED = [
    candidate("best", 90, 0, 9),
    candidate("needs-more", 80, 5, 9),
    candidate("earlier", 80, 4, 1),
    candidate("a", 80, 4, 2),
    candidate("b", 80, 4, 2),
    candidate("no-gap", 80, None, 0),
    candidate("zero", 0, 9, 9),
    candidate("no-score", None, 9, 0),
]


@given(st.permutations(RANKED))
def test_a_tie_is_decided_by_gap_then_time_then_id(candidates: list[Candidate]) -> None:
    assert rank_candidates(candidates) == RANKED


def test_a_shortlist_is_the_head_of_the_ranking() -> None:
    found = make_shortlist(RANKED[::-1], 4)
    assert (list(found.chosen), list(found.rest)) == (RANKED[:4], RANKED[4:])
    assert make_shortlist(RANKED, 99).rest == ()
    assert make_shortlist(RANKED, 0).chosen == ()


def test_a_least_score_keeps_out_those_below_it_and_those_without_one() -> None:
    found = make_shortlist(RANKED, 99, least_score=80)
    assert list(found.chosen) == RANKED[:6]
    assert list(found.rest) == RANKED[6:]
    assert make_shortlist(RANKED, 1, least_score=80).rest[0] == RANKED[1]
