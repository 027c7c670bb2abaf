"""Two records of one person become one: nothing that the person did is lost."""

from __future__ import annotations

from services.trainings.app import App
from services.trainings.domain.admissions import enrol, offer_seats
from services.trainings.domain.merging import Moved
from services.trainings.domain.participants import Participant
from services.trainings.operations import attendance, merging
from services.trainings.schemas.participants import MergeParticipants
from tests.integration.trainings.test_roster_changes import (
    check_sound,
    put_on_roster,
    statuses,
)
from tests.support.attendance import cohort_of, during, mark, seat, send
from tests.support.bookings import MANAGER, call
from tests.support.trainings import now_is, open_cohort, register


def merge(app: App, kept: Participant, merged: Participant) -> list[tuple[str, str]]:
    """What moved, and of what."""
    command = MergeParticipants(kept.id, kept.version, merged.id)
    _, moves = merging.merge_participants(app, call(MANAGER), command)
    return [(each.moved.value, each.of) for each in moves]


def test_one_person_in_two_organisations_has_one_seat(app: App) -> None:
    kept = register(app, "فاطمة أحمد", organisation_id="hope", has_account=True)
    merged = register(app, "فاطمة أحمد", organisation_id="peace", phone="+963944123456")
    first, second = open_cohort(app, capacity=2), open_cohort(app, capacity=2)
    put_on_roster(app, first, kept.id, merged.id, "next", by=enrol)
    app_of_second = f"by-{merged.id}"
    moves = merge(app, kept, merged)
    roster = check_sound(app, first)
    assert {each.person_id for each in roster.entries if each.takes_seat} == {kept.id, "next"}
    assert moves == [
        (Moved.SEAT_GIVEN_BACK, app_of_second),
        (Moved.APPLICATION_MOVED, app_of_second),
    ]
    spare = app.applications.get(app_of_second)
    assert (spare.participant_id, spare.merged_into) == (kept.id, f"by-{kept.id}")
    assert spare.status.value == "withdrawn"
    assert second.roster is not None


def test_a_seat_in_another_cohort_goes_along(app: App) -> None:
    kept, merged = register(app, "هبة"), register(app, "هبة")
    cohort = open_cohort(app)
    put_on_roster(app, cohort, merged.id, by=enrol)
    seat = f"by-{merged.id}"
    assert merge(app, kept, merged) == [
        (Moved.SEAT_MOVED, seat),
        (Moved.APPLICATION_MOVED, seat),
    ]
    assert [each.person_id for each in check_sound(app, cohort).entries] == [kept.id]
    assert statuses(app, cohort) == {kept.id: "enrolled"}


def test_the_better_of_two_standings_stays(app: App) -> None:
    kept, merged = register(app, "هبة"), register(app, "هبة")
    cohort = open_cohort(app, capacity=2)
    # The record that stays waits, the one that goes is offered a seat.
    put_on_roster(app, cohort, "other", merged.id, kept.id, by=offer_seats)
    merge(app, kept, merged)
    roster = check_sound(app, cohort)
    assert [(each.id, each.person_id) for each in roster.entries if each.takes_seat] == [
        ("by-other", "other"),
        (f"by-{merged.id}", kept.id),
    ]
    counting = app.applications.of_person(cohort.id, kept.id)
    assert counting is not None
    assert counting.id == f"by-{merged.id}"
    assert app.applications.get(f"by-{kept.id}").merged_into == counting.id


def test_each_session_counts_once_and_nobody_is_absent_where_they_were_seen(app: App) -> None:
    kept = register(app, "فاطمة أحمد", organisation_id="hope", has_account=True)
    merged = register(app, "فاطمة أحمد", organisation_id="peace")
    cohort = cohort_of(app, sessions=3)
    seat(app, cohort, kept.id, merged.id)
    cohort = app.cohorts.get(cohort.id)
    for number, (of_kept, of_merged) in enumerate(
        [("present", "present"), ("absent", "late"), (None, "present")], start=1
    ):
        during(app, cohort, number)
        sent = {kept.id: of_kept, merged.id: of_merged}
        send(app, cohort, *[mark(cohort, number, who, s) for who, s in sent.items() if s])
    first, second, third = (each.id for each in cohort.sessions)
    attended = [each for each in merge(app, kept, merged) if each[1] in {first, second, third}]
    assert attended == [
        (Moved.ATTENDANCE_COUNTED_ONCE, first),
        (Moved.ATTENDANCE_SETTLED, second),
        (Moved.ATTENDANCE_MOVED, third),
    ]
    found = {
        each.person_id: each.attendance
        for each in attendance.cohort_attendance(app, call(MANAGER), cohort.id)
    }
    assert found[kept.id].attended == (first, second, third)
    assert merged.id not in found
    # A phone that sends its marks again makes no conflict.
    again = send(app, cohort, mark(cohort, 1, merged.id, "present"))
    assert (again["repeated"], again["refused"]) == (1, 0)


def test_the_time_in_both_seats_counts(app: App) -> None:
    kept, merged = register(app, "هبة"), register(app, "هبة")
    cohort = cohort_of(app, sessions=2)
    seat(app, cohort, merged.id)
    during(app, cohort, 1)
    send(app, cohort, mark(cohort, 1, merged.id))
    now_is(app, cohort.sessions[0].ends_at)
    seat(app, cohort, kept.id, by_hand=True)
    during(app, cohort, 2)
    send(app, cohort, mark(cohort, 2, kept.id))
    merge(app, kept, merged)
    (found,) = attendance.cohort_attendance(app, call(MANAGER), cohort.id)
    assert found.person_id == kept.id
    assert found.attendance.attended == tuple(each.id for each in cohort.sessions)
    assert found.attendance.not_enrolled == ()
