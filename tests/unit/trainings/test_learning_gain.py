"""Learning gain: the formulas' values, and no number where there is none."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.trainings.domain.learning_gain import (
    CohortGain,
    Gain,
    Key,
    NoGain,
    Scores,
    gain_of_cohort,
    gain_of_person,
    percent_of,
    points_of,
    rounded,
)


def scores(pre: int | None, post: int | None) -> Scores:
    return Scores(
        "p",
        None if pre is None else Fraction(pre),
        None if post is None else Fraction(post),
    )


TR17 = [
    *(scores(40, 70), scores(100, 100), scores(100, 90)),
    *(scores(60, 45), scores(0, 0), scores(50, None)),
]


def test_the_gain_of_a_cohort_is_over_pairs() -> None:
    """TR17."""
    found = gain_of_cohort(TR17)
    assert found == CohortGain(Gain(Fraction(1, 40)), Fraction(60), Fraction(61), 5, 1)
    assert found.gain.value is not None
    assert rounded(found.gain.value) == Decimal("0.025")


def test_the_change_of_each_person() -> None:
    """TR17."""
    assert [gain_of_person(each) for each in TR17] == [
        Gain(Fraction(1, 2)),
        Gain(None, NoGain.CEILING),
        Gain(Fraction(-1, 10)),
        Gain(Fraction(-1, 4)),
        Gain(None, NoGain.FLOOR),
        Gain(None, NoGain.NO_POST_TEST),
    ]


@pytest.mark.parametrize(
    ("pre", "post", "gain"),
    [
        (60, 60, Gain(Fraction(0))),
        (0, 100, Gain(Fraction(1))),
        (100, 0, Gain(Fraction(-1))),
        (0, 30, Gain(Fraction(3, 10))),
        (None, 30, Gain(None, NoGain.NO_PRE_TEST)),
        (None, None, Gain(None, NoGain.NO_PRE_TEST)),
    ],
)
def test_the_edges_of_a_persons_change(pre: int | None, post: int | None, gain: Gain) -> None:
    assert gain_of_person(scores(pre, post)) == gain


def test_a_cohort_that_knew_everything_has_no_gain_but_means() -> None:
    found = gain_of_cohort([scores(100, 90), scores(100, 100)])
    assert found == CohortGain(Gain(None, NoGain.CEILING), Fraction(100), Fraction(95), 2, 0)


def test_a_cohort_without_pairs_has_a_reason() -> None:
    found = gain_of_cohort([scores(50, None), scores(None, 60), scores(None, None)])
    assert found == CohortGain(Gain(None, NoGain.NO_PAIRS), None, None, 0, 2)


percents = st.one_of(st.none(), st.fractions(0, 100), st.sampled_from([Fraction(0), Fraction(100)]))


@given(percents, percents)
def test_a_person_has_a_number_within_its_limits_or_a_reason(
    pre: Fraction | None, post: Fraction | None
) -> None:
    found = gain_of_person(Scores("p", pre, post))
    assert (found.value is None) is (found.reason is not None)
    if found.value is not None and pre is not None and post is not None:
        assert -1 <= found.value <= 1
        assert (found.value > 0) is (post > pre)
        assert (found.value < 0) is (post < pre)


@given(st.lists(st.builds(Scores, st.just("p"), percents, percents), max_size=8))
def test_a_cohort_has_a_number_or_a_reason(people: list[Scores]) -> None:
    found = gain_of_cohort(people)
    assert (found.gain.value is None) is (found.gain.reason is not None)
    assert found.gain.value is None or found.gain.value <= 1
    neither = sum(p.pre is None and p.post is None for p in people)
    assert found.pairs + found.unpaired + neither == len(people)


@pytest.mark.parametrize("score", [Fraction(-1), Fraction(101)])
def test_a_score_outside_its_limits_is_refused(score: Fraction) -> None:
    with pytest.raises(ValueError, match="0 to 100"):
        Scores("p", score, None)


class TestScores:
    KEYS = {  # noqa: RUF012 - never changed
        "one": Key(2, frozenset({"b"})),
        "several": Key(3, frozenset({"a", "c"})),
        "number": Key(1, frozenset({42})),
    }

    @pytest.mark.parametrize(
        ("answers", "points"),
        [
            ({"one": "b", "several": ["c", "a"], "number": 42, "opinion": "good"}, 6),
            ({"one": "a", "several": ["a"], "number": 41}, 0),
            ({"several": ["a", "b", "c"]}, 0),
            ({"one": None, "number": 42}, 1),
            ({}, 0),
        ],
    )
    def test_points_are_for_right_answers(self, answers: dict[str, object], points: int) -> None:
        assert points_of(self.KEYS, answers) == (points, 6)

    def test_a_percentage_is_exact(self) -> None:
        assert percent_of(2, 3) == Fraction(200, 3)

    @pytest.mark.parametrize(("points", "possible"), [(0, 0), (-1, 5), (6, 5)])
    def test_points_that_cannot_be_are_refused(self, points: int, possible: int) -> None:
        with pytest.raises(ValueError, match="no score"):
            percent_of(points, possible)

    def test_a_number_is_rounded_for_showing_only(self) -> None:
        assert rounded(Fraction(2, 3), 2) == Decimal("0.67")
        assert rounded(Fraction(-1, 3), 2) == Decimal("-0.33")
        assert str(rounded(Fraction(75), 1)) == "75.0"
