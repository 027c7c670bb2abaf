"""Attendance from phones: merging, contradictions, clocks, and what counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.trainings.domain.attendance import (
    Attendance,
    Enrolment,
    Entry,
    Mark,
    Outcome,
    Place,
    Refusal,
    Session,
    Settlement,
    Status,
    attendance_of,
    contradictions_of,
    entries_of,
    is_clock_suspect,
    lateness,
    receive_marks,
)

FIRST = datetime(2026, 5, 3, 6, tzinfo=UTC)
SESSIONS = {
    f"s{n}": Session(f"s{n}", FIRST + timedelta(days=n - 1), FIRST + timedelta(days=n - 1, hours=3))
    for n in range(1, 6)
}
PEOPLE = [f"p{n}" for n in range(1, 15)]
BEFORE = FIRST - timedelta(days=10)
ENROLMENTS = {person: Enrolment(person, ((BEFORE, None),)) for person in PEOPLE}


def mark(  # a phone's mark, ten minutes after the session has begun
    id: str = "m1",
    session: str = "s1",
    person: str = "p1",
    status: Status = Status.PRESENT,
    *,
    at: datetime | None = None,
    device: str = "phone",
    received: datetime | None = None,
) -> Mark:
    begins = SESSIONS[session].starts_at if session in SESSIONS else FIRST
    marked = at or begins + timedelta(minutes=10)
    return Mark(
        id,
        session,
        person,
        status,
        marked,
        device,
        "trainer",
        received or begins + timedelta(days=1),
    )


def received_outcomes(*batch: Mark, known: tuple[Mark, ...] = ()) -> list[Outcome]:
    found = receive_marks(batch, {each.id: each for each in known}, SESSIONS, ENROLMENTS)
    return [each.outcome for each in found]


class TestReceiving:
    def test_the_same_mark_twice_counts_once(self) -> None:
        again = replace(mark(), received_at=FIRST + timedelta(days=9))
        assert received_outcomes(mark(), again) == [Outcome.SAVED, Outcome.REPEATED]
        (found,) = receive_marks([again], {"m1": mark()}, SESSIONS, ENROLMENTS)
        assert found.outcome is Outcome.REPEATED
        assert found.mark == mark(), "it keeps the time at which it first arrived"

    def test_a_changed_mark_is_a_conflict_and_the_thirteen_others_are_saved(self) -> None:
        """TR14: one mark's reply was lost; the trainer changes it and sends the same id."""
        wrong = datetime(2015, 1, 1, 0, 7, tzinfo=UTC)
        marks = [mark(f"m{n}", person=p, at=wrong) for n, p in enumerate(PEOPLE)]
        (first,) = receive_marks(marks[:1], {}, SESSIONS, ENROLMENTS)
        assert first.outcome is Outcome.SAVED
        sent = [replace(marks[0], status=Status.ABSENT), *marks[1:]]

        found = receive_marks(sent, {"m0": marks[0]}, SESSIONS, ENROLMENTS)

        assert (found[0].outcome, found[0].refusal) == (Outcome.REFUSED, Refusal.CONFLICT)
        assert found[0].mark.status is Status.PRESENT, "the stored value stands, and is shown"
        assert [each.outcome for each in found[1:]] == [Outcome.SAVED] * 13
        assert all(each.clock_suspect for each in found)
        assert all(lateness(each, SESSIONS["s1"]) is None for each in sent)

    @pytest.mark.parametrize(
        "other",
        [
            {"session_id": "s2"},
            {"person_id": "p2"},
            {"status": Status.LATE},
            {"marked_at": FIRST},
            {"device_id": "other"},
        ],
        ids=str,
    )
    def test_whatever_differs_under_one_id_is_a_conflict(self, other: dict[str, object]) -> None:
        changed = replace(mark(), **other)  # type: ignore[arg-type]
        (found,) = receive_marks([changed], {"m1": mark()}, SESSIONS, ENROLMENTS)
        assert found.refusal is Refusal.CONFLICT
        assert found.mark == mark()

    def test_a_mark_that_another_person_sends_again_is_repeated(self) -> None:
        again = replace(mark(), marked_by="other")
        (found,) = receive_marks([again], {"m1": mark()}, SESSIONS, ENROLMENTS)
        assert found.outcome is Outcome.REPEATED
        assert found.mark == mark()

    def test_two_contents_of_one_id_in_one_batch_are_a_conflict(self) -> None:
        outcomes = received_outcomes(mark(), mark(status=Status.ABSENT), mark("m2", person="p2"))
        assert outcomes == [Outcome.SAVED, Outcome.REFUSED, Outcome.SAVED]

    def test_a_stranger_and_an_unknown_session_are_refused_alone(self) -> None:
        batch = [mark("a", person="stranger"), mark("b", session="s9"), mark("c")]
        found = receive_marks(batch, {}, SESSIONS, ENROLMENTS)
        assert [each.refusal for each in found] == [
            Refusal.NOT_ENROLLED,
            Refusal.NO_SUCH_SESSION,
            None,
        ]

    def test_who_was_promoted_later_is_not_enrolled_in_the_sessions_before(self) -> None:
        late = {"p1": Enrolment("p1", ((SESSIONS["s1"].ends_at, None),))}
        found = receive_marks([mark("a"), mark("b", session="s2")], {}, SESSIONS, late)
        assert [each.refusal for each in found] == [Refusal.NOT_ENROLLED, None]


class TestBefore:
    """A session that has not begun by our clock: a phone that says otherwise is wrong."""

    @pytest.mark.parametrize("status", [Status.PRESENT, Status.LATE, Status.ABSENT])
    def test_nobody_was_there_or_missed_what_has_not_begun(self, status: Status) -> None:
        early = FIRST - timedelta(minutes=61)
        batch = [
            mark("a", status=status, received=early),
            mark("b", status=status, at=early, received=early),
            mark("c", status=status, received=early + timedelta(minutes=1)),
        ]
        found = receive_marks(batch, {}, SESSIONS, ENROLMENTS)
        assert [each.refusal for each in found] == [
            Refusal.NOT_BEGUN,
            Refusal.NOT_BEGUN,
            None,
        ]

    def test_an_excuse_may_come_before(self) -> None:
        early = FIRST - timedelta(days=9)
        (found,) = receive_marks(
            [mark(status=Status.EXCUSED, at=early, received=early)], {}, SESSIONS, ENROLMENTS
        )
        assert (found.outcome, found.clock_suspect) == (Outcome.SAVED, False)
        assert is_clock_suspect(
            replace(found.mark, marked_at=FIRST.replace(year=2015)), SESSIONS["s1"]
        )

    def test_a_mark_that_was_taken_before_the_session_was_moved_is_repeated(self) -> None:
        early = FIRST - timedelta(days=9)
        known = mark(received=early)
        (found,) = receive_marks([known], {"m1": known}, SESSIONS, ENROLMENTS)
        assert found.outcome is Outcome.REPEATED


class TestClocks:
    @pytest.mark.parametrize(
        ("at", "suspect"),
        [
            (datetime(2015, 1, 1, tzinfo=UTC), True),
            (FIRST.replace(year=2031), True),
            (FIRST - timedelta(hours=3), True),
            (FIRST - timedelta(minutes=61), True),
            (FIRST - timedelta(minutes=60), False),
            (FIRST - timedelta(minutes=20), False),
            (FIRST + timedelta(minutes=40), False),
            (FIRST + timedelta(days=1, minutes=14), False),
            (FIRST + timedelta(days=1, minutes=16), True),
        ],
    )
    def test_a_time_well_before_the_session_or_after_its_arrival_is_suspect(
        self, at: datetime, suspect: bool
    ) -> None:
        assert is_clock_suspect(mark(at=at), SESSIONS["s1"]) is suspect

    def test_a_list_that_is_sent_a_month_later_is_not_suspect(self) -> None:
        late = mark(at=FIRST + timedelta(days=20), received=FIRST + timedelta(days=30))
        assert not is_clock_suspect(late, SESSIONS["s1"])

    def test_lateness_is_what_a_late_mark_of_a_good_clock_says(self) -> None:
        session = SESSIONS["s1"]
        late = mark(status=Status.LATE, at=FIRST + timedelta(minutes=25))
        assert lateness(late, session) == timedelta(minutes=25)
        assert lateness(replace(late, status=Status.PRESENT), session) is None
        assert lateness(replace(late, marked_at=FIRST + timedelta(hours=9)), session) is None
        assert lateness(replace(late, marked_at=FIRST.replace(year=2015)), session) is None


class TestContradictions:
    MARKS = (mark("a"), mark("b", status=Status.ABSENT, device="tablet"), mark("c", person="p2"))

    def test_two_statuses_are_shown_and_count_as_none(self) -> None:
        entries = entries_of(self.MARKS)
        (entry,) = contradictions_of(entries)
        assert [each.id for each in entry.marks] == ["a", "b"]
        assert entry.status is None
        assert entries["s1", "p2"].status is Status.PRESENT

    def test_marks_of_two_devices_that_agree_are_one(self) -> None:
        entries = entries_of([mark("a"), mark("b", device="tablet")])
        assert entries["s1", "p1"].status is Status.PRESENT
        assert contradictions_of(entries) == []

    def test_the_settlement_wins_over_later_marks_too_and_shows_those_it_did_not_know(
        self,
    ) -> None:
        settled = Settlement(
            *("s1", "p1", Status.LATE, "trainer", "saw them come at half past", FIRST),
            seen=frozenset({"a", "b"}),
        )
        later = mark("d", status=Status.EXCUSED, device="third")
        entries = entries_of([*self.MARKS, later], [settled])
        entry = entries["s1", "p1"]
        assert entry.status is Status.LATE
        assert entry.unseen == ("d",)
        assert contradictions_of(entries) == []

    def test_of_two_settlements_the_later_one_wins(self) -> None:
        one = Settlement("s1", "p1", Status.LATE, "t", "first", FIRST)
        two = replace(one, status=Status.ABSENT, decided_at=FIRST + timedelta(hours=1))
        for order in ([one, two], [two, one]):
            assert entries_of(self.MARKS, order)["s1", "p1"].status is Status.ABSENT

    def test_a_settlement_without_marks_counts(self) -> None:
        settled = Settlement("s2", "p1", Status.EXCUSED, "t", "paper list", FIRST)
        assert entries_of([], [settled])["s2", "p1"].status is Status.EXCUSED


# -- order ----------------------------------------------------------------------------------------

Batches = list[list[Mark]]


def distinct_marks() -> st.SearchStrategy[list[Mark]]:
    """Marks with an id each; people, sessions and statuses repeat, so that some contradict."""
    one = st.tuples(
        st.sampled_from(sorted(SESSIONS)),
        st.sampled_from(["p1", "p2", "p3", "stranger"]),
        st.sampled_from(list(Status)),
        st.sampled_from(["phone", "tablet"]),
        st.sampled_from([timedelta(minutes=10), timedelta(days=-4000), timedelta(days=4000)]),
    )
    return st.lists(one, min_size=1, max_size=12).map(
        lambda rows: [
            mark(f"m{n}", of, who, what, device=device, at=SESSIONS[of].starts_at + shift)
            for n, (of, who, what, device, shift) in enumerate(rows)
        ]
    )


@st.composite
def two_deliveries(draw: st.DrawFn) -> tuple[Batches, Batches]:
    """The same marks twice over: each in any batches, in any order, some of them repeated."""
    marks = draw(distinct_marks())

    def delivery() -> Batches:
        repeated = draw(st.lists(st.sampled_from(marks), max_size=6))
        left = draw(st.permutations([*marks, *repeated]))
        batches: Batches = []
        while left:
            size = draw(st.integers(1, len(left)))
            batches.append(list(left[:size]))
            left = left[size:]
        return batches

    return delivery(), delivery()


def state_after(batches: Batches) -> tuple[dict[Place, Entry], dict[str, bool]]:
    stored: dict[str, Mark] = {}
    suspect: dict[str, bool] = {}
    for number, batch in enumerate(batches):
        now = FIRST + timedelta(days=30, minutes=number)
        sent = [replace(each, received_at=now) for each in batch]
        known = {each.id: stored[each.id] for each in sent if each.id in stored}
        for received in receive_marks(sent, known, SESSIONS, ENROLMENTS):
            if received.outcome is Outcome.SAVED:
                stored[received.mark.id] = received.mark
                suspect[received.mark.id] = received.clock_suspect
    without_arrival = [replace(each, received_at=FIRST) for each in stored.values()]
    return entries_of(without_arrival), dict(sorted(suspect.items()))


@given(two_deliveries())
def test_the_order_in_which_devices_send_changes_nothing(of: tuple[Batches, Batches]) -> None:
    one, two = of
    assert state_after(one) == state_after(two)


@given(two_deliveries())
def test_sending_everything_again_changes_nothing(of: tuple[Batches, Batches]) -> None:
    one, two = of
    assert state_after([*one, *two]) == state_after(one)


@given(two_deliveries(), st.sampled_from(list(Status)))
def test_a_conflict_changes_nothing_that_is_stored(
    of: tuple[Batches, Batches], status: Status
) -> None:
    one, _ = of
    altered = [[replace(m, status=status, device_id="altered") for m in batch] for batch in one]
    assert state_after([*one, *altered]) == state_after(one)


# -- what counts ----------------------------------------------------------------------------------


def summed(statuses: dict[str, Status], enrolment: Enrolment | None = None) -> Attendance:
    marks = [mark(f"m-{of}", session=of, status=status) for of, status in statuses.items()]
    return attendance_of(enrolment or ENROLMENTS["p1"], SESSIONS.values(), entries_of(marks))


class TestAdding:
    def test_who_was_promoted_after_session_1_has_four_of_four(self) -> None:
        """TR15, H."""
        promoted = Enrolment("p1", ((SESSIONS["s1"].ends_at + timedelta(hours=2), None),))
        present, late = Status.PRESENT, Status.LATE
        found = summed({"s2": present, "s3": present, "s4": late, "s5": present}, promoted)
        assert found.not_enrolled == ("s1",)
        assert (len(found.attended), found.counted, found.share) == (4, 4, Fraction(1))

    def test_excused_leaves_the_denominator(self) -> None:
        """TR15, J."""
        present = dict.fromkeys(("s1", "s2", "s3"), Status.PRESENT)
        found = summed({**present, "s4": Status.EXCUSED, "s5": Status.ABSENT})
        assert (len(found.attended), found.counted, found.share) == (3, 4, Fraction(3, 4))
        assert found.excused == ("s4",)

    def test_a_session_without_a_mark_and_one_with_a_contradiction_are_open(self) -> None:
        entries = entries_of([mark("a"), mark("b", status=Status.ABSENT), mark("c", session="s2")])
        found = attendance_of(ENROLMENTS["p1"], SESSIONS.values(), entries)
        assert found.open == ("s1", "s3", "s4", "s5")
        assert (found.least, found.share, found.most) == (Fraction(1, 5), Fraction(1), Fraction(1))

    def test_who_got_the_seat_during_a_session_may_attend_it_but_does_not_miss_it(self) -> None:
        during = Enrolment("p1", ((FIRST + timedelta(minutes=30), None),))
        assert summed({"s1": Status.LATE}, during).attended == ("s1",)
        assert summed({"s1": Status.ABSENT}, during).not_enrolled == ("s1",)
        assert "s1" in summed({}, during).not_enrolled

    def test_sessions_after_leaving_do_not_count_and_those_after_coming_back_do(self) -> None:
        back = Enrolment(
            "p1",
            ((BEFORE, SESSIONS["s2"].starts_at), (SESSIONS["s4"].starts_at, None)),
        )
        found = summed(dict.fromkeys(SESSIONS, Status.PRESENT), back)
        assert found.attended == ("s1", "s4", "s5")
        assert found.not_enrolled == ("s2", "s3")

    def test_without_a_counted_session_there_is_no_share(self) -> None:
        found = summed(dict.fromkeys(SESSIONS, Status.EXCUSED))
        assert (found.share, found.least, found.most) == (None, None, None)
