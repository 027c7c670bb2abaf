"""Two records of one person become one: nothing that the person did is lost."""

from __future__ import annotations

import pytest

from services.common import errors
from services.common.context import Caller
from services.common.contracts.trainings.form_purposes import FormPurpose
from services.common.storage.mongo import Session
from services.trainings.app import App
from services.trainings.domain.admissions import enrol, offer_seats
from services.trainings.domain.application_states import ApplicationStatus
from services.trainings.domain.applications import Application, Source
from services.trainings.domain.attendance import Status
from services.trainings.domain.certificates import Kind
from services.trainings.domain.merging import Moved
from services.trainings.domain.participants import Participant
from services.trainings.operations import (
    attendance,
    cohort_forms,
    materials,
    merging,
    selection,
)
from services.trainings.operations import certificates as certificate_operations
from services.trainings.schemas.applications import (
    AdmitApplication,
    DecideOnApplication,
)
from services.trainings.schemas.attendance import ListContradictions, Place, SettleAttendance
from services.trainings.schemas.certificates import ListMyCertificates
from services.trainings.schemas.forms import OfCohort
from services.trainings.schemas.participants import MergeParticipants
from services.trainings.steps.certificate_issue import issue_to
from services.trainings.steps.earnings import earnings_in
from services.trainings.steps.save_application import save_application
from tests.integration.trainings.test_roster_changes import (
    check_sound,
    put_on_roster,
    statuses,
)
from tests.support.attendance import cohort_of, during, mark, seat, send
from tests.support.bookings import MANAGER, call
from tests.support.trainings import make_form, now_is, open_cohort, register, use_form


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


def test_a_phone_that_did_not_know_of_the_merge_is_heard_and_its_contradiction_settled(
    app: App,
) -> None:
    kept, merged = register(app, "هبة"), register(app, "هبة")
    cohort = cohort_of(app, sessions=1)
    seat(app, cohort, kept.id, merged.id)
    during(app, cohort, 1)
    send(app, cohort, mark(cohort, 1, kept.id, "absent"))
    merge(app, kept, merged)
    late = send(app, cohort, mark(cohort, 1, merged.id, "present"))
    assert (late["saved"], late["refused"]) == (1, 0)
    first = cohort.sessions[0].id
    open_now = ListContradictions(cohort.id, 9, None)
    (found,) = attendance.find_contradictions(app, call(MANAGER), open_now)
    assert (found.session_id, found.person_id) == (first, kept.id)
    # By the old id it is the same place.
    by_old_id = Place(cohort.id, first, merged.id)
    assert attendance.get_attendance(app, call(MANAGER), by_old_id) == found
    said = SettleAttendance(by_old_id, found.version, Status.PRESENT, "was seen")
    settled = attendance.settle_attendance(app, call(MANAGER), said)
    assert settled.version > found.version
    assert attendance.find_contradictions(app, call(MANAGER), open_now) == []
    (person,) = attendance.cohort_attendance(app, call(MANAGER), cohort.id)
    assert (person.person_id, person.attendance.attended) == (kept.id, (first,))
    (row,) = attendance.session_attendance(app, call(MANAGER), cohort.id, first)
    assert row.person_id == kept.id


def test_a_contradiction_of_the_record_that_went_is_settled_for_the_one_that_stays(
    app: App,
) -> None:
    kept, merged = register(app, "هبة"), register(app, "هبة")
    cohort = cohort_of(app, sessions=1)
    seat(app, cohort, kept.id, merged.id)
    during(app, cohort, 1)
    for status in ("absent", "present"):
        send(app, cohort, mark(cohort, 1, merged.id, status))
    merge(app, kept, merged)
    first = cohort.sessions[0].id
    place = Place(cohort.id, first, kept.id)
    found = attendance.get_attendance(app, call(MANAGER), place)
    assert found.entry is not None
    assert found.entry.is_contradiction

    def is_earned(session: Session) -> bool:
        stored = app.cohorts.get(cohort.id, session)
        return earnings_in(app, session, stored, [kept.id], Kind.COMPLETION)[kept.id].is_earned

    assert not app.database.transact(is_earned)
    said = SettleAttendance(place, found.version, Status.PRESENT, "was seen")
    attendance.settle_attendance(app, call(MANAGER), said)
    assert app.database.transact(is_earned)


def test_a_declined_application_that_does_not_count_gets_no_second_seat(app: App) -> None:
    kept, merged = register(app, "هبة"), register(app, "هبة")
    cohort = put_on_roster(app, open_cohort(app, capacity=2), kept.id, by=enrol)
    declined = Application(
        f"by-{merged.id}",
        cohort.id,
        "raqqa",
        merged.id,
        app.clock.now(),
        Source.SELF,
        status=ApplicationStatus.DECLINED,
    )
    app.database.transact(
        lambda session: save_application(app, MANAGER, session, cohort, None, declined)
    )
    merge(app, kept, merged)
    spare = app.applications.get(declined.id)
    assert spare.merged_into == f"by-{kept.id}"
    reconsider = DecideOnApplication(spare.id, spare.version)
    admit = AdmitApplication(spare.id, spare.version, "comes anyway")
    for act in (
        lambda: selection.reconsider_application(app, call(MANAGER), reconsider),
        lambda: selection.admit_application(app, call(MANAGER), admit),
    ):
        with pytest.raises(errors.Conflict, match=r"application_not_allowed_now"):
            act()
    assert app.applications.get(spare.id) == spare
    assert [each.person_id for each in check_sound(app, cohort).entries] == [kept.id]


def test_an_account_that_was_merged_finds_all_that_is_its_own(app: App) -> None:
    kept = register(app, "هبة", has_account=True)
    merged = register(app, "هبة", has_account=True)
    other = register(app, "هبة")
    form = make_form(app, purpose="feedback")
    cohort = use_form(app, cohort_of(app, sessions=1), form)
    seat(app, cohort, kept.id, other.id)
    during(app, cohort, 1)
    send(app, cohort, mark(cohort, 1, other.id))
    now_is(app, cohort.sessions[0].ends_at)
    merge(app, kept, merged)
    merge(app, app.participants.get(kept.id), other)
    ended = app.cohorts.get(cohort.id)
    (certificate,) = app.database.transact(
        lambda session: issue_to(app, MANAGER, session, ended, [kept.id], Kind.COMPLETION)
    )
    owner = call(Caller(id=merged.id))
    own = attendance.my_attendance(app, owner, cohort.id)
    assert (own.person_id, own.attendance.attended) == (kept.id, (cohort.sessions[0].id,))
    assert materials.list_materials(app, owner, cohort.id) == []
    form_of_cohort = OfCohort(cohort.id, FormPurpose.FEEDBACK)
    assert cohort_forms.get_cohort_form(app, owner, form_of_cohort).id == form.id
    listed = certificate_operations.list_my_certificates(app, owner, ListMyCertificates(9, None))
    assert listed == [certificate]
    assert certificate_operations.get_certificate(app, owner, certificate.id) == certificate
