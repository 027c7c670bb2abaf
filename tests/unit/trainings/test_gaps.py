"""How much an organisation needs a course, by its last assessment."""

from __future__ import annotations

from datetime import date

import pytest

from services.trainings.domain.gaps import Assessment, AssessmentStatus, gap_of, newest_of


def assessment(
    id: str = "one", day: int = 1, status: str = "agreed", **values: object
) -> Assessment:
    held_on = date(2026, 11, day)
    return Assessment(id, "hope", AssessmentStatus(status), held_on, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("mean", "topics", "gap"),
    [
        (4.0, {}, 0.0),
        (1.0, {}, 1.0),
        (2.5, {}, 0.5),
        (3.0, {}, 0.3333),
        (3.0, {"report-writing": 1.5}, 0.8333),
        (3.0, {"other": 1.0}, 0.3333),
        (None, {}, None),
    ],
)
def test_a_gap_is_the_distance_from_the_highest_level(
    mean: float | None, topics: dict[str, float], gap: float | None
) -> None:
    assert gap_of(assessment(mean=mean, topics=topics), "report-writing") == gap


def test_nothing_known_is_no_gap() -> None:
    assert gap_of(newest_of([]), "report-writing") is None


@pytest.mark.parametrize("status", ["draft", "withdrawn"])
def test_the_last_assessment_that_counts_is_the_one(status: str) -> None:
    old, new = assessment("a", 1), assessment("b", 2, "verified")
    assert newest_of([new, old, assessment("c", 3, status)]) == new
