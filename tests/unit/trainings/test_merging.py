"""Two records of one person become one, and nothing is lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.trainings.domain.attendance import (
    Enrolment,
    Mark,
    Session,
    Settlement,
    Status,
    attendance_of,
    entries_of,
    receive_marks,
)
from services.trainings.domain.merging import (
    Certificate,
    MergeRefusal,
    Move,
    Moved,
    Progress,
    Seat,
    TakenTest,
    current_id,
    marks_of_people,
    merge_refusal,
    plan_merge,
    settlements_of_people,
)

MAY = datetime(2026, 5, 1, 6, tzinfo=UTC)
NOW = MAY + timedelta(days=60)
SESSIONS = [
    Session(f"s{n}", MAY + timedelta(days=n), MAY + timedelta(days=n, hours=3)) for n in range(5)
]
BEFORE = MAY - timedelta(days=9)


def mark(person: str, session: str, status: Status, device: str = "phone") -> Mark:
    at = MAY + timedelta(days=int(session[1:]), minutes=5)
    return Mark(f"{person}-{session}-{device}", session, person, status, at, device, "t", at)


def progress(
    person: str,
    statuses: dict[str, Status] | None = None,
    settlements: tuple[Settlement, ...] = (),
    **of: object,
) -> Progress:
    marks = [mark(person, session, status) for session, status in (statuses or {}).items()]
    entries = {place[0]: entry for place, entry in entries_of(marks, settlements).items()}
    return Progress(person, entries=entries, **of)  # type: ignore[arg-type]


def seat(id: str, cohort: str = "c1", since: datetime = BEFORE) -> Seat:
    return Seat(id, cohort, ((since, None),))


def test_one_person_in_two_organisations() -> None:
    """TR12: both records seated in cohort 1, the second one in cohort 2 as well."""
    kept = progress(
        "a",
        {"s0": Status.PRESENT, "s1": Status.LATE},
        seats=(seat("seat-a"),),
        certificates=(Certificate("MSH-AAAA", "c1", NOW),),
    )
    merged = progress(
        "b",
        {"s0": Status.PRESENT, "s1": Status.ABSENT, "s2": Status.PRESENT},
        seats=(seat("seat-b", since=BEFORE + timedelta(hours=1)), seat("seat-b2", "c2")),
        certificates=(Certificate("MSH-BBBB", "c2", NOW),),
    )

    found = plan_merge(kept, merged, now=NOW, by="manager")

    assert found.given_back == ("seat-b",), "it promotes the next"
    assert set(found.enrolments) == {"c1", "c2"}
    assert {each.code for each in found.certificates} == {"MSH-AAAA", "MSH-BBBB"}
    assert found.moves == (
        Move(Moved.SEAT_GIVEN_BACK, "seat-b", "c1"),
        Move(Moved.SEAT_MOVED, "seat-b2", "c2"),
        Move(Moved.ATTENDANCE_COUNTED_ONCE, "s0", None, Status.PRESENT, Status.PRESENT),
        Move(Moved.ATTENDANCE_SETTLED, "s1", None, Status.LATE, Status.LATE),
        Move(Moved.ATTENDANCE_MOVED, "s2", None, None, Status.PRESENT),
        Move(Moved.CERTIFICATE_MOVED, "MSH-BBBB", "c2"),
    )
    assert [(each.session_id, each.status) for each in found.settlements] == [("s1", Status.LATE)]


def test_the_seat_held_first_is_kept_whichever_record_stays() -> None:
    early, late = seat("early"), seat("late", since=BEFORE + timedelta(days=1))
    kept, merged = Progress("a", (late,)), Progress("b", (early,))
    found = plan_merge(kept, merged, now=NOW, by="m")
    assert found.given_back == ("late",)
    assert found.enrolments["c1"] == Enrolment("a", ((BEFORE, None),))
    assert [each.moved for each in found.moves] == [Moved.SEAT_GIVEN_BACK, Moved.SEAT_MOVED]


def test_a_seat_that_was_left_before_is_not_given_back_again() -> None:
    left = Seat("left", "c1", ((BEFORE, BEFORE + timedelta(days=1)),))
    again = seat("again", since=BEFORE + timedelta(days=2))
    found = plan_merge(Progress("a", (left,)), Progress("b", (again,)), now=NOW, by="m")
    assert found.given_back == ()
    assert found.enrolments["c1"].periods == (*left.periods, *again.periods)


def test_the_first_of_two_tests_counts() -> None:
    first, second = (
        TakenTest(id, "c1", "pre", MAY + timedelta(days=n)) for n, id in enumerate("xy")
    )
    other = TakenTest("z", "c1", "post", NOW)
    found = plan_merge(
        Progress("a", tests=(second,)), Progress("b", tests=(first, other)), now=NOW, by="m"
    )
    assert found.moves == (
        Move(Moved.TEST_MOVED, "x", "c1"),
        Move(Moved.TEST_NOT_COUNTED, "y", "c1"),
        Move(Moved.TEST_MOVED, "z", "c1"),
    )


def test_a_second_certificate_of_a_cohort_verifies_and_counts_once() -> None:
    certificates = [Certificate("A", "c1", NOW), Certificate("B", "c1", NOW)]
    found = plan_merge(
        Progress("a", certificates=(certificates[0],)),
        Progress("b", certificates=(certificates[1],), applications=("ap",)),
        now=NOW,
        by="m",
    )
    assert found.certificates == tuple(certificates)
    assert found.moves == (
        Move(Moved.CERTIFICATE_COUNTED_ONCE, "B", "c1"),
        Move(Moved.APPLICATION_MOVED, "ap"),
    )


def test_a_contradiction_of_one_record_stays_one_until_it_is_settled() -> None:
    marks = [mark("a", "s0", Status.PRESENT), mark("a", "s0", Status.ABSENT, "tablet")]
    other = mark("b", "s0", Status.PRESENT)
    entry = entries_of(marks)["s0", "a"]
    kept = Progress("a", entries={"s0": entry})
    merged = progress("b", {"s0": Status.PRESENT})
    found = plan_merge(kept, merged, now=NOW, by="m")
    assert found.settlements == ()
    assert found.moves == (Move(Moved.ATTENDANCE_TO_SETTLE, "s0"),)
    assert entries_of(marks_of_people([*marks, other], {"b": "a"}))["s0", "a"].is_contradiction

    settled = Settlement("s0", "b", Status.LATE, "t", "seen", MAY)
    merged = progress("b", {"s0": Status.PRESENT}, (settled,))
    found = plan_merge(kept, merged, now=NOW, by="m")
    assert found.moves == (Move(Moved.ATTENDANCE_SETTLED, "s0", after=Status.LATE),)
    assert (
        entries_of(
            marks_of_people([*marks, other], {"b": "a"}),
            settlements_of_people([settled], {"b": "a"}),
        )["s0", "a"].status
        is Status.LATE
    )


def test_a_phone_that_sends_under_the_old_record_makes_no_conflict() -> None:
    sent = mark("b", "s0", Status.PRESENT)
    sessions = {each.id: each for each in SESSIONS}
    enrolment = Enrolment("a", ((BEFORE, None),))
    (again,) = receive_marks([sent], {sent.id: sent}, sessions, {"a": enrolment, "b": enrolment})
    assert again.refusal is None
    assert [each.person_id for each in marks_of_people([sent], {"b": "a"})] == ["a"]


statuses = st.dictionaries(
    st.sampled_from([each.id for each in SESSIONS]), st.sampled_from(list(Status))
)


@given(statuses, statuses, st.booleans())
def test_every_attended_session_counts_once(
    of_a: dict[str, Status], of_b: dict[str, Status], settled: bool
) -> None:
    before = [
        Settlement(session, "a", status, "t", "seen", MAY)
        for session, status in of_a.items()
        if settled
    ]
    kept = progress("a", of_a, tuple(before), seats=(seat("a1"),))
    merged = progress("b", of_b, seats=(seat("b1"),))

    plan = plan_merge(kept, merged, now=NOW, by="m")

    marks = [mark("a", *each) for each in of_a.items()] + [mark("b", *e) for e in of_b.items()]
    entries = entries_of(marks_of_people(marks, {"b": "a"}), [*before, *plan.settlements])
    found = attendance_of(plan.enrolments["c1"], SESSIONS, entries)
    attended = {
        session
        for of in (of_a, of_b)
        for session, status in of.items()
        if status in {Status.PRESENT, Status.LATE}
    }
    assert set(found.attended) == attended
    assert len(found.attended) == len(attended)
    assert set(found.open) == {each.id for each in SESSIONS} - of_a.keys() - of_b.keys()
    moved = [each.of for each in plan.moves if each.moved.name.startswith("ATTENDANCE")]
    assert moved == sorted(of_b), "each is explained once"


@given(st.lists(st.tuples(st.sampled_from(["c1", "c2"]), st.integers(0, 9)), max_size=5))
def test_one_seat_of_each_cohort_is_left(seats: list[tuple[str, int]]) -> None:
    all_seats = [
        seat(f"seat{n}", cohort, BEFORE + timedelta(hours=hour))
        for n, (cohort, hour) in enumerate(seats)
    ]
    kept = Progress("a", tuple(all_seats[::2]))
    merged = Progress("b", tuple(all_seats[1::2]))
    plan = plan_merge(kept, merged, now=NOW, by="m")
    left = [each for each in all_seats if each.id not in plan.given_back]
    assert sorted(each.cohort_id for each in left) == sorted(plan.enrolments)
    assert sorted({cohort for cohort, _ in seats}) == sorted(plan.enrolments)


@pytest.mark.parametrize(
    ("kept", "merged", "refusal"),
    [
        ("a", "a", MergeRefusal.SAME_RECORD),
        ("b", "a", MergeRefusal.KNOWN_AS_DIFFERENT),
        ("a", "c", None),
    ],
)
def test_what_is_refused(kept: str, merged: str, refusal: MergeRefusal | None) -> None:
    assert merge_refusal(kept, merged, {("a", "b")}) is refusal


def test_the_record_that_is_left_is_found_over_several_merges_and_never_for_ever() -> None:
    assert current_id("a", {"a": "b", "b": "c"}) == "c"
    assert current_id("x", {"a": "b"}) == "x"
    assert current_id("a", {"a": "b", "b": "a"}) in {"a", "b"}
