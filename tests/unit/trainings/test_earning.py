"""What a certificate takes, and what is said of who falls short."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.trainings.domain.attendance import Attendance
from services.trainings.domain.earning import (
    Earning,
    EarningRule,
    Lack,
    Shortfall,
    apply_rule,
)


def attendance(attended: int = 0, missed: int = 0, open: int = 0, excused: int = 0) -> Attendance:
    def ids(letter: str, count: int) -> tuple[str, ...]:
        return tuple(f"{letter}{n}" for n in range(count))

    return Attendance(
        ids("a", attended), ids("m", missed), excused=ids("e", excused), open=ids("o", open)
    )


EIGHTY = EarningRule(least_attendance=80)
EARNED = Earning()


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (attendance(4, 1), EARNED),
        (attendance(4), EARNED),
        (
            attendance(3, 1, excused=1),
            Earning((Shortfall(Lack.ATTENDANCE_SHORT, 80, Fraction(75)),)),
        ),
        (attendance(4, 0, open=1), EARNED),
        (
            attendance(0, 2, open=1),
            Earning((Shortfall(Lack.ATTENDANCE_SHORT, 80, Fraction(), ("o0",)),)),
        ),
        (
            attendance(3, 1, open=1),
            Earning((Shortfall(Lack.ATTENDANCE_OPEN, 80, Fraction(75), ("o0",)),)),
        ),
        (attendance(open=2), Earning((Shortfall(Lack.ATTENDANCE_OPEN, 80, None, ("o0", "o1")),))),
        (attendance(excused=5), Earning((Shortfall(Lack.NO_SESSION_COUNTS, 80, None),))),
    ],
)
def test_attendance_is_compared_exactly_and_open_sessions_wait(
    found: Attendance, expected: Earning
) -> None:
    """TR15: four of five are 80 %, three of four are not."""
    assert apply_rule(EIGHTY, found, None) == expected


@given(st.integers(1, 100), st.integers(0, 200), st.integers(0, 200))
def test_no_threshold_is_missed_by_rounding(percent: int, attended: int, missed: int) -> None:
    earned = apply_rule(EarningRule(percent), attendance(attended, missed), None).is_earned
    assert earned is (attended > 0 and 100 * attended >= percent * (attended + missed))


@given(st.integers(1, 100), st.integers(0, 5), st.integers(0, 5), st.integers(0, 4))
def test_what_is_sure_stays_so_however_the_open_sessions_turn_out(
    percent: int, attended: int, missed: int, open: int
) -> None:
    rule = EarningRule(percent)
    now = apply_rule(rule, attendance(attended, missed, open), None)
    turns = [
        apply_rule(rule, attendance(attended + a, missed + m, excused=open - a - m), None)
        for a in range(open + 1)
        for m in range(open + 1 - a)
    ]
    if now.is_earned:
        assert all(each.is_earned for each in turns)
    elif now.shortfalls[0].lack is Lack.ATTENDANCE_SHORT:
        assert not any(each.is_earned for each in turns)
    elif now.shortfalls[0].lack is Lack.ATTENDANCE_OPEN:
        assert any(each.is_earned for each in turns)
        assert not all(each.is_earned for each in turns)


@pytest.mark.parametrize(
    ("rule", "post", "expected"),
    [
        (EarningRule(test_required=True), Fraction(0), EARNED),
        (
            EarningRule(test_required=True),
            None,
            Earning((Shortfall(Lack.TEST_MISSING, None, None),)),
        ),
        (EarningRule(least_score=60), None, Earning((Shortfall(Lack.TEST_MISSING, 60, None),))),
        (EarningRule(least_score=60), Fraction(60), EARNED),
        (
            EarningRule(least_score=60),
            Fraction(179, 3),
            Earning((Shortfall(Lack.SCORE_SHORT, 60, Fraction(179, 3)),)),
        ),
    ],
)
def test_a_test_counts_by_its_exact_score(
    rule: EarningRule, post: Fraction | None, expected: Earning
) -> None:
    assert apply_rule(rule, attendance(), post) == expected


def test_every_part_that_falls_short_is_said_with_its_values() -> None:
    found = apply_rule(EarningRule(80, least_score=60), attendance(3, 1), Fraction(59))
    assert not found.is_earned
    assert found.shortfalls == (
        Shortfall(Lack.ATTENDANCE_SHORT, 80, Fraction(75)),
        Shortfall(Lack.SCORE_SHORT, 60, Fraction(59)),
    )


@pytest.mark.parametrize(
    ("attendance_percent", "score"), [(None, None), (0, None), (101, None), (None, -1), (None, 101)]
)
def test_a_rule_that_says_nothing_or_too_much_is_refused(
    attendance_percent: int | None, score: int | None
) -> None:
    with pytest.raises(ValueError, match=r"sets|percent"):
        EarningRule(attendance_percent, least_score=score)
