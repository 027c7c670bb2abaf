"""Two records of one person become one, and nothing is lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.trainings.domain.attendance import (
    Enrolment,
    Entry,
    Mark,
    Session,
    Settlement,
    Status,
    attendance_of,
    entries_of,
    receive_marks,
)
from services.trainings.domain.merging import (
    MergedAttendance,
    MergeRefusal,
    Move,
    Moved,
    current_id,
    join_periods,
    marks_of_people,
    merge_attendance,
    merge_refusal,
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


def entries(
    person: str, statuses: dict[str, Status], settlements: tuple[Settlement, ...] = ()
) -> dict[str, Entry]:
    marks = [mark(person, session, status) for session, status in statuses.items()]
    return {place[0]: entry for place, entry in entries_of(marks, settlements).items()}


def merge(kept: dict[str, Entry], merged: dict[str, Entry]) -> MergedAttendance:
    return merge_attendance(kept, merged, person_id="a", now=NOW, by="m")


def test_one_person_in_two_organisations() -> None:
    """Both records were marked in cohort 1: each session counts once, with the better status."""
    kept = entries("a", {"s0": Status.PRESENT, "s1": Status.LATE})
    merged = entries("b", {"s0": Status.PRESENT, "s1": Status.ABSENT, "s2": Status.PRESENT})

    found = merge(kept, merged)

    assert found.moves == (
        Move(Moved.ATTENDANCE_COUNTED_ONCE, "s0", None, Status.PRESENT, Status.PRESENT),
        Move(Moved.ATTENDANCE_SETTLED, "s1", None, Status.LATE, Status.LATE),
        Move(Moved.ATTENDANCE_MOVED, "s2", None, None, Status.PRESENT),
    )
    assert [(each.session_id, each.status) for each in found.settlements] == [("s1", Status.LATE)]


def test_the_time_in_two_seats_is_one_time() -> None:
    left = (BEFORE, BEFORE + timedelta(days=1))
    again = (BEFORE + timedelta(days=2), None)
    assert join_periods([again, left]) == (left, again)
    assert join_periods([left, (BEFORE + timedelta(hours=5), None)]) == ((BEFORE, None),)


def test_a_contradiction_of_one_record_stays_one_until_it_is_settled() -> None:
    marks = [mark("a", "s0", Status.PRESENT), mark("a", "s0", Status.ABSENT, "tablet")]
    other = mark("b", "s0", Status.PRESENT)
    entry = entries_of(marks)["s0", "a"]
    kept = {"s0": entry}
    found = merge(kept, entries("b", {"s0": Status.PRESENT}))
    assert found.settlements == ()
    assert found.moves == (Move(Moved.ATTENDANCE_TO_SETTLE, "s0"),)
    assert entries_of(marks_of_people([*marks, other], {"b": "a"}))["s0", "a"].is_contradiction

    settled = Settlement("s0", "b", Status.LATE, "t", "seen", MAY)
    found = merge(kept, entries("b", {"s0": Status.PRESENT}, (settled,)))
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
    plan = merge(entries("a", of_a, tuple(before)), entries("b", of_b))

    marks = [mark("a", *each) for each in of_a.items()] + [mark("b", *e) for e in of_b.items()]
    known = entries_of(marks_of_people(marks, {"b": "a"}), [*before, *plan.settlements])
    found = attendance_of(Enrolment("a", ((BEFORE, None),)), SESSIONS, known)
    attended = {
        session
        for of in (of_a, of_b)
        for session, status in of.items()
        if status in {Status.PRESENT, Status.LATE}
    }
    assert set(found.attended) == attended
    assert len(found.attended) == len(attended)
    assert set(found.open) == {each.id for each in SESSIONS} - of_a.keys() - of_b.keys()
    assert [each.of for each in plan.moves] == sorted(of_b), "each is explained once"


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
