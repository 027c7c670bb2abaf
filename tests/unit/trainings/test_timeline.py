"""What was applied for, attended and earned, in one timeline."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.trainings.domain.timeline import (
    Kind,
    Line,
    Step,
    timeline_of_organisation,
    timeline_of_person,
)

MAY = datetime(2026, 5, 1, 6, tzinfo=UTC)


def day(number: int) -> datetime:
    return MAY + timedelta(days=number)


STEPS = [
    Step(Kind.APPLIED, "ap1", "c1", "a", day(0), "org"),
    Step(Kind.ATTENDED, "s1", "c1", "a", day(10), "org"),
    Step(Kind.ATTENDED, "s2", "c1", "a", day(11), "org"),
    Step(Kind.ATTENDED, "s2", "c1", "b", day(11), "other"),
    Step(Kind.ATTENDED, "s3", "c1", "b", day(12), "other"),
    Step(Kind.EARNED, "MSH-1", "c1", "a", day(20), "org"),
    Step(Kind.APPLIED, "ap2", "c2", "a", day(15), "org"),
    Step(Kind.ATTENDED, "s1", "c1", "x", day(10), "org"),
]


def test_a_person_has_one_timeline_with_the_merged_records_in_it() -> None:
    expected = [
        Line(Kind.APPLIED, "c1", day(0), day(0), ("a",), 1),
        Line(Kind.ATTENDED, "c1", day(10), day(12), ("a",), 3),
        Line(Kind.APPLIED, "c2", day(15), day(15), ("a",), 1),
        Line(Kind.EARNED, "c1", day(20), day(20), ("a",), 1),
    ]
    assert timeline_of_person(STEPS, "a", {"b": "a"}) == expected
    assert timeline_of_person(STEPS, "b", {"b": "a"}) == expected


def test_an_organisation_has_those_who_acted_for_it() -> None:
    assert timeline_of_organisation(STEPS, "org", {}) == [
        Line(Kind.APPLIED, "c1", day(0), day(0), ("a",), 1),
        Line(Kind.ATTENDED, "c1", day(10), day(11), ("a", "x"), 3),
        Line(Kind.APPLIED, "c2", day(15), day(15), ("a",), 1),
        Line(Kind.EARNED, "c1", day(20), day(20), ("a",), 1),
    ]


@given(st.permutations([*STEPS, *STEPS[:3]]))
def test_the_order_of_the_steps_and_repeated_ones_change_nothing(steps: list[Step]) -> None:
    assert timeline_of_person(steps, "a", {"b": "a"}) == timeline_of_person(STEPS, "a", {"b": "a"})
    assert timeline_of_organisation(steps, "org", {}) == timeline_of_organisation(STEPS, "org", {})
