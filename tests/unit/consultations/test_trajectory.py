"""The trajectory: facts from events in any order, and a stated formula over them."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import UTC, date, datetime
from fractions import Fraction

import pytest

from services.consultations.domain.trajectory import (
    Level,
    Month,
    Stage,
    point_at,
    stage_of,
    trace_trajectory,
)
from services.consultations.domain.trajectory_facts import (
    Fact,
    FactKind,
    RecordedEvent,
    fold_event,
    key_of,
)

AT = datetime(2027, 3, 10, 9, tzinfo=UTC)


def facts_of(events: Iterable[RecordedEvent]) -> dict[str, Fact]:
    found: dict[str, Fact] = {}
    for event in events:
        key = key_of(event)
        if key is not None:
            kind, id = key
            found[id] = fold_event(found.get(id, Fact(id, kind)), event)
    return found


def application(fact: str, version: int, organisation_id: str | None = "amal") -> RecordedEvent:
    data = {"organisation_id": organisation_id}
    return RecordedEvent(f"trainings.application.{fact}", "p1", version, AT, data)


def assessment(status: str, version: int, mean: float = 2.5) -> RecordedEvent:
    data = {
        "organisation_id": "amal",
        "status": status,
        "held_on": "2027-02-28",
        "instrument_id": "capacity-1",
        "mean": mean,
    }
    return RecordedEvent(f"consultations.assessment.{status}", "a1", version, AT, data)


def counted(version: int = 5, purpose: str = "joint_meeting") -> RecordedEvent:
    data = {"organisation_id": "amal", "starts_at": "2027-03-09T08:00:00Z", "purpose": purpose}
    return RecordedEvent("bookings.booking.counted", "b1", version, AT, data)


def replied(
    answer: str | None, version: int, invited: str | None = "furat", id: str = "i1"
) -> RecordedEvent:
    data = {"booking_id": "b1", "invited_organisation_id": invited}
    said = data if answer is None else data | {"answer": answer}
    kind = "revoked" if answer is None else "replied"
    return RecordedEvent(f"bookings.invitation.{kind}", id, version, AT, said)


MEETING = [
    counted(),
    replied("no", 2),
    replied("yes", 3),
    replied("yes", 2, "nour", "i2"),
    replied(None, 3, "nour", "i2"),
    replied("yes", 2, None, "i3"),
]


@pytest.mark.parametrize("seed", range(5))
def test_events_may_arrive_in_any_order_and_again(seed: int) -> None:
    events = [
        *MEETING,
        application("completed", 4),
        application("not_completed", 5),
        application("completed", 6),
        assessment("agreed", 7, 2.0),
        assessment("verified", 9, 2.25),
    ]
    shuffled = [*events, *events]
    random.Random(seed).shuffle(shuffled)
    assert facts_of(shuffled) == facts_of(events)


def test_a_meeting_counts_for_its_host_and_for_those_that_had_accepted() -> None:
    meeting = facts_of(MEETING)["meeting/b1"]
    assert (meeting.organisation_ids, meeting.months) == (("amal", "furat"), ("2027-03",))


@pytest.mark.parametrize(
    "events",
    [
        MEETING[1:],
        MEETING[:2],
        [counted(), replied("yes", 2, "amal")],
        [counted(), replied("yes", 2), replied(None, 3)],
        [counted(purpose="training"), replied("yes", 2)],
    ],
)
def test_a_meeting_with_nobody_counted_or_no_other_organisation_is_none(
    events: list[RecordedEvent],
) -> None:
    assert facts_of(events)["meeting/b1"].organisation_ids == ()


def test_a_completion_that_is_taken_back_does_not_count() -> None:
    fact = facts_of([application("completed", 4), application("not_completed", 5)])["training/p1"]
    assert (fact.organisation_ids, fact.months) == ((), ())


def test_a_completion_for_no_organisation_moves_no_trajectory() -> None:
    assert facts_of([application("completed", 4, None)])["training/p1"].organisation_ids == ()


def test_a_withdrawn_assessment_leaves_the_trajectory() -> None:
    agreed, withdrawn = assessment("agreed", 3), assessment("withdrawn", 4)
    assert facts_of([agreed])["assessment/a1"].organisation_ids == ("amal",)
    left = facts_of([agreed, withdrawn])["assessment/a1"]
    assert (left.organisation_ids, left.level) == ((), None)


def test_other_events_tell_nothing() -> None:
    assert key_of(RecordedEvent("consultations.case.submitted", "c", 1, AT, {})) is None
    assert key_of(RecordedEvent("consultations.visit.done", "v", 1, AT, {})) is None


@pytest.mark.parametrize(
    ("events", "organisations"),
    [
        (["reached"], ("amal",)),
        (["reached", "reopened"], ()),
        (["reached", "reopened", "reached"], ("amal",)),
        (["reached", "dropped"], ()),
        # What it is besides does not move the day on which it was reached.
        (["reached", "changed", "overdue"], ("amal",)),
    ],
)
def test_a_milestone_counts_while_it_is_reached(
    events: list[str], organisations: tuple[str, ...]
) -> None:
    found = facts_of(
        RecordedEvent(
            f"consultations.milestone.{each}",
            "m1",
            number,
            AT if number == 1 else AT.replace(year=2028),
            {"organisation_id": "amal", "case_id": "c1"},
        )
        for number, each in enumerate(events, 1)
    )["milestone/c1"]
    assert found.organisation_ids == organisations
    if events[-1] == "overdue":
        assert found.months == ("2027-03",)


def milestone(id: str, version: int = 3) -> RecordedEvent:
    data = {"organisation_id": "amal", "case_id": "c1"}
    return RecordedEvent("consultations.milestone.reached", id, version, AT, data)


def case(fact: str, version: int) -> RecordedEvent:
    return RecordedEvent(f"consultations.case.{fact}", "c1", version, AT, {"case_id": "c1"})


@pytest.mark.parametrize("seed", range(3))
def test_a_case_that_is_sealed_takes_its_milestones_with_it(seed: int) -> None:
    events = [milestone("m1"), milestone("m2"), case("gone", 9)]
    random.Random(seed).shuffle(events)
    sealed = facts_of(events)["milestone/c1"]
    assert (sealed.organisation_ids, sealed.months) == ((), ())
    again = facts_of([*events, case("unsealed", 10), case("gone", 9)])["milestone/c1"]
    assert (again.organisation_ids, again.months) == (("amal",), ("2027-03", "2027-03"))


def level(held_on: date, mean: int, id: str = "a1") -> Level:
    return Level(id, "capacity-1", held_on, mean)


def test_the_index_is_the_stated_formula() -> None:
    month = Month(2027, 3)
    counts = {
        (FactKind.TRAINING, Month(2026, 12)): 3,
        (FactKind.MILESTONE, Month(2027, 3)): 9,
        (FactKind.MEETING, Month(2025, 4)): 1,
        # 24 months before is over.
        (FactKind.MEETING, Month(2025, 3)): 3,
    }
    point = point_at(month, counts, [level(date(2027, 1, 5), 25_000)])
    assert point.terms == {
        "capacity": Fraction(1, 2),
        "learning": Fraction(1, 2),
        "practice": Fraction(1),
        "connection": Fraction(1, 4),
    }
    assert point.index == 30 + Fraction(15, 2) + 15 + Fraction(5, 2)
    assert point.stage is Stage.DEVELOPING
    assert point.counts[FactKind.MILESTONE] == 9


def test_without_an_assessment_there_are_counts_and_no_stage() -> None:
    point = point_at(Month(2027, 3), {(FactKind.TRAINING, Month(2027, 3)): 2}, [])
    assert (point.index, point.stage, point.terms) == (None, None, {})
    assert point.counts[FactKind.TRAINING] == 2


@pytest.mark.parametrize(
    ("index", "stage"),
    [
        (Fraction(0), Stage.RELIEF),
        (Fraction(24_999, 1_000), Stage.RELIEF),
        (Fraction(25), Stage.STABILISING),
        (Fraction(50), Stage.DEVELOPING),
        (Fraction(75), Stage.DEVELOPMENT),
        (Fraction(100), Stage.DEVELOPMENT),
    ],
)
def test_a_stage_holds_its_beginning_and_not_its_end(index: Fraction, stage: Stage) -> None:
    assert stage_of(index) is stage


def test_there_is_a_point_for_each_quarter_since_the_first_fact_and_one_for_now() -> None:
    counts = {(FactKind.TRAINING, Month(2026, 8)): 1}
    levels = [level(date(2026, 11, 3), 20_000), level(date(2027, 2, 3), 30_000, "a2")]
    points = trace_trajectory(counts, levels, Month(2027, 4))
    assert [str(each.month) for each in points] == ["2026-09", "2026-12", "2027-03", "2027-04"]
    assert [each.level.assessment_id if each.level else None for each in points] == [
        None,
        "a1",
        "a2",
        "a2",
    ]


def test_a_long_trajectory_shows_its_newest_ten_years() -> None:
    counts = {(FactKind.TRAINING, Month(2001, 1)): 1}
    points = trace_trajectory(counts, [], Month(2027, 4))
    assert len(points) == 40
    assert (str(points[0].month), str(points[-1].month)) == ("2017-09", "2027-04")


def test_nothing_known_is_no_trajectory() -> None:
    assert trace_trajectory({}, [], Month(2027, 4)) == []
