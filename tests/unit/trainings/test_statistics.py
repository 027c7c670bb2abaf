"""Trainees by category: counted once, and nobody is given away."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.common.suppression import (
    LEAST_SHOWN,
    Shown,
    is_small,
)
from services.trainings.domain.statistics import (
    UNKNOWN,
    Breakdown,
    Participation,
    Statistics,
    count_trainees,
    freeze_period,
    suppress,
)
from tests.unit.trainings.reader import Reader, true_cells

DAY = date(2026, 5, 3)
CATEGORIES = {
    Breakdown.SEX: ("female", "male"),
    Breakdown.AGE_BAND: ("18-24", "25-39", "40+"),
    Breakdown.DISABILITY: ("yes", "no"),
    Breakdown.CENTRE: ("raqqa", "tabqa"),
    Breakdown.TOPIC: ("finance", "planning", "reports"),
}


def row(person: str, cohort: str = "c1", **of: object) -> Participation:
    values: dict[str, object] = {
        **{"centre_id": "raqqa", "topic_id": "finance", "attended": 3, "last_attended": DAY},
        **{"organisation_id": "org", "sex": "female", "age_band": "18-24", "disability": "no"},
        **of,
    }
    return Participation(person_id=person, cohort_id=cohort, **values)  # type: ignore[arg-type]


class TestCounting:
    def test_people_are_counted_once_and_attendances_apart(self) -> None:
        rows = [
            row("a"),
            row("a", "c2", centre_id="tabqa", topic_id="planning", attended=2),
            row("b", "c2", centre_id="tabqa", topic_id="planning", attended=5, sex="male"),
        ]
        found = count_trainees(rows, CATEGORIES)
        assert (found.people, found.attendances) == (2, 10)
        assert found.people_by[Breakdown.SEX] == {"female": 1, "male": 1, UNKNOWN: 0}
        assert found.people_by[Breakdown.CENTRE] == {"raqqa": 1, "tabqa": 2, UNKNOWN: 0}
        assert found.attendances_by[Breakdown.CENTRE] == {"raqqa": 3, "tabqa": 7, UNKNOWN: 0}
        assert found.people_by_sex[Breakdown.TOPIC]["planning", "male"] == 1

    def test_two_cohorts_of_one_topic_count_one_person(self) -> None:
        found = count_trainees([row("a"), row("a", "c2")], CATEGORIES)
        assert found.people_by[Breakdown.TOPIC]["finance"] == 1
        assert found.attendances_by[Breakdown.TOPIC]["finance"] == 6

    def test_who_attended_nothing_is_no_trainee(self) -> None:
        assert count_trainees([row("a", attended=0)], CATEGORIES).people == 0

    def test_what_is_not_known_is_a_category(self) -> None:
        found = count_trainees([row("a", sex=None, organisation_id=None)], CATEGORIES)
        assert found.people_by[Breakdown.SEX][UNKNOWN] == 1
        assert found.people_by[Breakdown.ORGANISATION] == {UNKNOWN: 1}

    def test_a_person_is_described_as_last_known(self) -> None:
        rows = [
            row("a", "c2", last_attended=date(2026, 6, 1), age_band="25-39", sex=None),
            row("a", "c1", age_band="18-24", sex="female"),
        ]
        found = count_trainees(rows, CATEGORIES)
        assert found.people_by[Breakdown.AGE_BAND]["25-39"] == 1
        assert sum(found.people_by[Breakdown.AGE_BAND].values()) == 1
        assert found.people_by[Breakdown.SEX] == {"female": 1, "male": 0, UNKNOWN: 0}

    def test_a_category_that_nobody_listed_is_not_lost(self) -> None:
        found = count_trainees([row("a", topic_id="new")], CATEGORIES)
        assert found.categories[Breakdown.TOPIC] == (
            *CATEGORIES[Breakdown.TOPIC],
            "new",
            UNKNOWN,
        )


@st.composite
def participations(draw: st.DrawFn) -> list[Participation]:
    """Groups of people with the same description, so that counts on both sides of the limit come
    often."""
    groups = draw(
        st.lists(
            st.tuples(
                st.sampled_from([1, 1, 2, 3, 4, 5, 6, 9]),
                st.sampled_from(["female", "male", None]),
                st.sampled_from(["18-24", "25-39", "40+"]),
                st.sampled_from(["yes", "no", None]),
                st.sampled_from(["raqqa", "tabqa"]),
                st.lists(
                    st.sampled_from(["finance", "planning", "reports"]),
                    min_size=1,
                    max_size=2,
                    unique=True,
                ),
                st.sampled_from(["o1", "o2", "o3", None]),
            ),
            min_size=1,
            max_size=8,
        )
    )
    rows = []
    for number, (people, sex, age, disability, centre, topics, organisation) in enumerate(groups):
        for person in range(people):
            # Some of those with two topics took the second one at the other centre.
            for at, topic in enumerate(topics):
                away = at and person % 2
                rows.append(
                    row(
                        f"{number}-{person}",
                        f"cohort-{topic}",
                        sex=sex,
                        age_band=age,
                        disability=disability,
                        centre_id={"raqqa": "tabqa", "tabqa": "raqqa"}[centre] if away else centre,
                        topic_id=topic,
                        organisation_id=organisation,
                    )
                )
    return rows


def small_cells(truth: Statistics) -> dict[tuple[str, ...], int]:
    return {name: n for name, n in true_cells(truth).items() if is_small(n)}


@pytest.mark.parametrize("knows_overlaps", [True, False], ids=["knows", "does not know"])
@settings(max_examples=30, deadline=None)
@given(rows=participations())
def test_no_small_cell_can_be_worked_out(knows_overlaps: bool, rows: list[Participation]) -> None:
    truth = count_trainees(rows, CATEGORIES)
    published = suppress(truth)
    if truth.people < LEAST_SHOWN:
        shown = [published.people_by, published.attendances_by, published.people_by_sex]
        assert all(n is None for each in shown for t in each.values() for n in t.values())
        assert (published.people, published.attendances) == (None, None)
        return
    reader = Reader(truth, published, knows_overlaps=knows_overlaps)
    # Without a row, all that is known of these tables is what the one-way tables say.
    without_rows = {
        of.value for of, table in published.people_by_sex.items() if not any(table.values())
    }
    for name, number in small_cells(truth).items():
        assert name not in reader.known
        least, most = reader.bounds(name)
        assert least <= number <= most, "the reader is wrong: the test is"
        assert least < most, f"{name} is {number}"
        if knows_overlaps and not (len(name) == 4 and name[0] in without_rows):
            assert least <= 1, f"{name} is {number}, known as {least} to {most}"
            assert most >= LEAST_SHOWN - 1, f"{name} is {number}, known as {least} to {most}"


@given(participations())
def test_what_is_shown_is_true_and_attendances_are_hidden_with_people(
    rows: list[Participation],
) -> None:
    truth = count_trainees(rows, CATEGORIES)
    published = suppress(truth)
    for of, table in published.people_by.items():
        for (category,), number in table.items():
            times = published.attendances_by[of][(category,)]
            assert number in {None, truth.people_by[of][category]}
            assert times in {None, truth.attendances_by[of][category]}
            assert (number is None) is (times is None)


def test_a_reader_of_plain_suppression_works_cells_out() -> None:
    """The test above can fail: small cells alone are hidden here, and found by subtraction."""
    rows = [row(f"w{n}") for n in range(12)] + [row(f"m{n}", sex="male") for n in range(3)]
    truth = count_trainees(rows, CATEGORIES)
    published = suppress(truth)
    sex: Shown = {
        (c,): None if is_small(n) else n for c, n in truth.people_by[Breakdown.SEX].items()
    }
    naive = replace(published, people_by={**published.people_by, Breakdown.SEX: sex})
    reader = Reader(truth, naive, knows_overlaps=True)
    assert reader.bounds(("sex", "male")) == (3, 3)


def test_large_tables_are_shown_whole() -> None:
    rows = [
        row(f"{sex}-{age}-{n}", sex=sex, age_band=age, disability=UNKNOWN)
        for sex in ("female", "male")
        for age in ("18-24", "25-39", "40+")
        for n in range(6)
    ]
    published = suppress(count_trainees(rows, CATEGORIES))
    for tables in (published.people_by, published.attendances_by, published.people_by_sex):
        for table in tables.values():
            assert None not in table.values()


def test_one_unknown_sex_does_not_cost_the_women_of_each_topic() -> None:
    topics = ("finance", "planning")
    rows = [
        *(row(f"w{t}{n}", topic_id=t) for t in topics for n in range(8)),
        *(row(f"m{t}{n}", topic_id=t, sex="male") for t in topics for n in range(6)),
        row("x", sex=None),
    ]
    published = suppress(count_trainees(rows, CATEGORIES))
    shown = published.people_by_sex[Breakdown.TOPIC]
    assert shown["finance", "female"] == 8
    assert shown["finance", "male"] is None
    assert shown["finance", UNKNOWN] is None


class TestFreezing:
    @given(participations(), st.randoms(use_true_random=False))
    def test_the_figures_follow_from_the_rows_in_any_order(
        self, rows: list[Participation], random: object
    ) -> None:
        shuffled = list(rows)
        random.shuffle(shuffled)  # type: ignore[attr-defined]
        first, last = date(2026, 1, 1), date(2026, 3, 31)
        now = datetime(2026, 4, 1, tzinfo=UTC)
        one = freeze_period("p", "Q", first, last, rows, CATEGORIES, now=now, by="m")
        two = freeze_period("p", "Q", first, last, shuffled, CATEGORIES, now=now, by="m")
        assert one == two
        assert one.public == two.public


def test_every_breakdown_is_counted() -> None:
    found = count_trainees([row("a")], {})
    assert Counter(found.people_by.keys()) == Counter(Breakdown)
