"""Consultations are counted once, and nobody is given away."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.suppression import LEAST_SHOWN, is_small
from services.consultations.domain.published_statistics import suppress
from services.consultations.domain.statistics import (
    ALL,
    CaseRow,
    Categories,
    Cell,
    Comparison,
    Effort,
    Improvement,
    MeetingRow,
    Meetings,
    Sealed,
    Statistics,
    Times,
    count_consultations,
    count_improved,
    is_long_enough,
    years_in,
)

CATEGORIES = Categories(
    ("technical", "legal", "planning"), ("raqqa", "tabqa"), ("closed", "in_progress")
)
HOUR = timedelta(hours=1)


def case(kind: str = "technical", centre: str = "raqqa", **values: object) -> CaseRow:
    wanted: dict[str, object] = {"kind": kind, "centre_id": centre, "status": "closed", **values}
    return CaseRow(**wanted)  # type: ignore[arg-type]


def count(
    cases: Iterable[CaseRow] = (),
    meetings: Iterable[MeetingRow] = (),
    comparisons: Iterable[Comparison] = (),
    efforts: Iterable[Effort] = (),
    *,
    with_sealed: bool = False,
) -> Statistics:
    return count_consultations(
        cases,
        meetings,
        comparisons,
        efforts,
        CATEGORIES,
        [2026],
        with_sealed=with_sealed,
    )


class TestCounting:
    def test_cases_by_kind_centre_and_status(self) -> None:
        found = count([case(), case("planning"), case(centre="tabqa", status="in_progress")])
        assert found.cases == 3
        assert found.by_kind == {"technical": 2, "legal": 0, "planning": 1}
        assert found.by_centre == {"raqqa": 2, "tabqa": 1}
        assert found.by_status == {"closed": 2, "in_progress": 1}
        assert found.by_kind_and_centre["technical"] == {"raqqa": 1, "tabqa": 1}

    def test_times_are_medians_of_what_has_happened(self) -> None:
        rows = [
            case(answered_in=1 * HOUR, answered_in_time=True),
            case(answered_in=2 * HOUR, answered_in_time=True),
            case("planning", answered_in=9 * HOUR, answered_in_time=False),
            case(),
        ]
        found = count(rows).first_answer
        assert found["technical"] == Times(2, 90, 2)
        assert found["legal"] == Times(0, None, 0)
        assert found[ALL] == Times(3, 120, 2)

    def test_meetings_and_their_hours(self) -> None:
        rows = [
            MeetingRow("a", "on_site", 2 * HOUR),
            MeetingRow("a", "on_site", HOUR),
            MeetingRow("b", "remote", HOUR / 2),
        ]
        assert count(meetings=rows).meetings == {
            "at_centre": Meetings(0, 0, 0),
            "on_site": Meetings(1, 2, 180),
            "remote": Meetings(1, 1, 30),
        }

    def test_ratings(self) -> None:
        found = count([case(score=5), case(score=4), case(score=4), case()])
        assert found.ratings == {"1": 0, "2": 0, "3": 0, "4": 2, "5": 1}
        assert (found.rated, found.mean_score) == (3, 433)

    def test_the_sealed_ones_are_in_no_live_figure(self) -> None:
        rows = [case(), case("legal", sealed=True, answered_in=HOUR, score=1, status="secret")]
        assert count(rows) == count([case()])


class TestImprovement:
    def test_each_organisation_counts_once_a_year(self) -> None:
        compared = [
            Comparison("a", date(2026, 2, 1), -0.5),
            Comparison("a", date(2026, 11, 1), 0.2),  # the last of the year decides
            Comparison("b", date(2026, 3, 1), 0.4),
            Comparison("b", date(2026, 9, 1), 0.0),
            Comparison("c", date(2026, 3, 1), 0.4),  # did nothing for it
            Comparison("a", date(2027, 3, 1), 0.1),
        ]
        tried = [
            Effort("a", 2026),
            Effort("a", 2026),
            Effort("b", 2026),
            Effort("a", 2027),
            Effort("d", 2026),  # has nothing to compare
        ]
        assert count_improved(compared, tried, [2026, 2027]) == {
            "2026": Improvement(pursued=2, improved=1),
            "2027": Improvement(pursued=1, improved=1),
        }
        assert count_improved(reversed(compared), tried, [2026]) == {"2026": Improvement(2, 1)}


class TestSealed:
    def test_they_are_counted_apart_where_a_period_is_frozen(self) -> None:
        rows = [case("legal", sealed=True)] * 12 + [case("planning", sealed=True)] * 6
        found = count([*rows, case()], with_sealed=True)
        assert found.cases == 1
        assert found.sealed == Sealed(
            18, {"technical": 0, "legal": 12, "planning": 6}, {"raqqa": 18, "tabqa": 0}
        )

    def test_small_cells_are_not_even_kept(self) -> None:
        rows = [case("legal", sealed=True)] * 12 + [case("planning", sealed=True)] * 2
        sealed = count(rows, with_sealed=True).sealed
        assert sealed is not None
        assert sealed.by_kind == {"technical": 0, "legal": None, "planning": None}

    @pytest.mark.parametrize("number", [0, 1, 4])
    def test_fewer_than_five_look_like_none(self, number: int) -> None:
        found = count([case("legal", sealed=True)] * number, with_sealed=True)
        assert found == count(with_sealed=True)


@pytest.mark.parametrize(
    ("first", "last", "long"),
    [
        ("2026-01-01", "2026-03-31", True),
        ("2026-01-01", "2026-03-30", False),
        ("2026-11-15", "2027-02-14", True),
        ("2026-11-15", "2027-02-13", False),
        ("2026-11-30", "2027-02-28", True),
        ("2026-01-31", "2026-04-30", True),
        ("2026-01-01", "2026-12-31", True),
        ("2026-12-01", "2026-12-31", False),
    ],
)
def test_frozen_periods_are_of_three_months_at_least(first: str, last: str, long: bool) -> None:
    assert is_long_enough(date.fromisoformat(first), date.fromisoformat(last)) is long


@pytest.mark.parametrize(
    ("first", "last", "touched", "whole"),
    [
        ("2026-01-01", "2026-12-31", [2026], [2026]),
        ("2026-01-02", "2026-12-31", [2026], []),
        ("2026-01-01", "2026-12-30", [2026], []),
        ("2025-07-01", "2027-06-30", [2025, 2026, 2027], [2026]),
    ],
)
def test_organisations_are_counted_by_calendar_years(
    first: str, last: str, touched: list[int], whole: list[int]
) -> None:
    days = date.fromisoformat(first), date.fromisoformat(last)
    assert list(years_in(*days, whole=False)) == touched
    assert list(years_in(*days, whole=True)) == whole


class TestSuppression:
    def test_fewer_than_five_cases_show_nothing(self) -> None:
        found = suppress(count([case(score=3, answered_in=HOUR)] * 4))
        assert found.cases is None
        assert set(_cells(found)) <= {None, 0}

    def test_what_is_large_is_shown_whole(self) -> None:
        rows = [
            case(kind, centre, answered_in=HOUR, answered_in_time=True, score=score)
            for kind in CATEGORIES.kinds
            for centre in CATEGORIES.centres
            for score in (1, 2, 3, 4, 5)
        ]
        whole = count(rows)
        assert suppress(whole) == whole

    def test_figures_of_hidden_cases_are_hidden_too(self) -> None:
        rows = [case(answered_in=HOUR, answered_in_time=True)] * 20
        rows += [case("planning", answered_in=9 * HOUR, answered_in_time=False)] * 2
        found = suppress(count(rows))
        assert found.by_kind == {"technical": None, "legal": 0, "planning": None}
        assert found.first_answer["planning"] == Times(None, None, None)
        assert found.first_answer[ALL].in_time is None

    def test_a_mean_is_not_shown_beside_hidden_scores(self) -> None:
        found = suppress(count([case(score=5)] * 20 + [case(score=1)] * 2))
        assert (found.ratings["1"], found.mean_score, found.rated) == (None, None, 22)

    @pytest.mark.parametrize(
        ("pursued", "improved", "shown"),
        [
            (4, 4, (None, None)),
            (9, 3, (9, None)),
            (9, 6, (9, None)),
            (10, 5, (10, 5)),
            (10, 10, (10, 10)),
            (10, 0, (10, 0)),
        ],
    )
    def test_few_organisations_are_not_shown(
        self, pursued: int, improved: int, shown: tuple[Cell, Cell]
    ) -> None:
        compared = [
            Comparison(str(n), date(2026, 5, 1), 1.0 if n < improved else 0.0)
            for n in range(pursued)
        ]
        tried = [Effort(str(n), 2026) for n in range(pursued)]
        found = suppress(count(comparisons=compared, efforts=tried)).organisations["2026"]
        assert (found.pursued, found.improved) == shown


def _cells(found: Statistics) -> list[Cell]:
    tables = [found.by_kind, found.by_centre, found.by_status, found.ratings]
    tables += list(found.by_kind_and_centre.values())
    cells = [n for table in tables for n in table.values()]
    for times in (found.first_answer, found.resolution):
        cells += [n for each in times.values() for n in (each.cases, each.in_time)]
    cells += [each.cases for each in found.meetings.values()]
    return [*cells, found.cases, found.rated]


rows_of = st.lists(
    st.tuples(
        st.sampled_from(CATEGORIES.kinds),
        st.sampled_from(CATEGORIES.centres),
        st.sampled_from(CATEGORIES.statuses),
        st.one_of(st.none(), st.integers(1, 5)),
        st.sampled_from([None, True, False]),
        st.sampled_from([1, 2, 4, 5, 9]),
    ),
    max_size=8,
)


@given(rows_of)
def test_no_small_number_of_cases_is_shown(
    drawn: list[tuple[str, str, str, int, bool, int]],
) -> None:
    rows = [
        case(
            kind,
            centre,
            status=status,
            score=score,
            answered_in=None if kept is None else HOUR,
            answered_in_time=kept,
        )
        for kind, centre, status, score, kept, times in drawn
        for _ in range(times)
    ]
    whole, found = count(rows), suppress(count(rows))
    assert not any(is_small(n) for n in _cells(found) if n is not None)
    for exact, shown in zip(_cells(whole), _cells(found), strict=True):
        assert shown in (None, exact)
    for table in (found.by_kind, found.by_centre, found.by_status, found.ratings):
        hidden = [n for n in table.values() if n is None]
        assert len(hidden) != 1, "one cell alone is the total less the others"
    if (whole.cases or 0) >= LEAST_SHOWN:
        assert found.cases == whole.cases
