"""Absences: nothing is offered, nothing is cancelled, and staff are given a task."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.common import errors
from services.common.context import Caller
from services.consultations.app import App
from services.consultations.domain.tasks import Task, TaskKind
from services.consultations.operations import absences, appointments, assigning, tasks, visits
from services.consultations.schemas.absences import (
    ActOnAbsence,
    change_absence,
    enter_absence,
    list_absences,
)
from services.consultations.schemas.appointments import HandOver
from services.consultations.schemas.assigning import AssignAdviser
from services.consultations.schemas.tasks import list_tasks
from tests.support.adviser_calendars import (
    accept,
    agree,
    ask_visit,
    be_absent,
    make_adviser,
    move,
    open_case,
    put_on_case,
    slots,
    time,
)
from tests.support.bookings import MANAGER, RAQQA_DESK, call
from tests.support.consultations import HUDA, JAMAL, advance, events_of, submit_confidential

DANA = Caller(id="dana", roles=frozenset({"adviser"}))


def open_tasks(app: App, who: Caller = RAQQA_DESK, **query: Any) -> list[Task]:
    query = {"open": True, "what": "adviser_absent", **query}
    return tasks.find_tasks(app, call(who), list_tasks(query))


def test_an_absence_makes_tasks_of_what_it_covers(app: App) -> None:
    """Appointments on Tuesday at 10:00 and Wednesday at 12:30, a visit on Wednesday at 09:00; away
    from Tuesday 08:00 until Wednesday 12:00."""
    make_adviser(app)
    make_adviser(app, JAMAL)
    make_adviser(app, DANA, specialities=["hr"])
    case = open_case(app, speciality="finance")
    tuesday = agree(app, case, "10:00")
    wednesday = agree(app, case, "12:30", 1)
    visit = accept(app, ask_visit(app, case, "09:00", 1))
    absence = be_absent(app, ("08:00", 0), ("12:00", 1))

    found = {each.subject: each for each in open_tasks(app)}
    assert set(found) == {tuesday.id, visit.id}
    assert {each.details["what"] for each in found.values()} == {"appointment", "visit"}
    assert [each.details["substitutes"] for each in found.values()] == [[JAMAL.id]] * 2
    assert app.appointments.get(wednesday.id) == wednesday
    assert app.appointments.get(tuesday.id) == tuesday
    assert app.visits.get(visit.id) == visit
    # Staff cannot override it, either.
    assert slots(app) == []
    for who in (HUDA, RAQQA_DESK, MANAGER):
        with pytest.raises(errors.Conflict, match=r"consultations\.time_not_offered"):
            agree(app, case, "14:00", who=who)
    command = ActOnAbsence(absence.id, absence.version)
    absences.withdraw_absence(app, call(HUDA), command)
    assert open_tasks(app) == []
    assert agree(app, case, "14:00").live


def test_an_appointment_at_the_end_of_an_absence_is_untouched(app: App) -> None:
    make_adviser(app, breaks={})
    case = open_case(app)
    agree(app, case, "12:00", 1)
    be_absent(app, ("08:00", 0), ("12:00", 1))
    assert open_tasks(app) == []


def test_tasks_follow_an_absence_that_is_changed(app: App) -> None:
    make_adviser(app)
    case = open_case(app)
    early, late = agree(app, case, "09:00"), agree(app, case, "14:00")
    absence = be_absent(app, ("08:00", 0), ("12:00", 0))
    assert [each.subject for each in open_tasks(app)] == [early.id]
    request = {"id": absence.id, "expected_version": 1, **time("13:00", minutes=120)}
    absences.change_absence(app, call(HUDA), change_absence(request))
    assert [each.subject for each in open_tasks(app)] == [late.id]


def test_a_task_stays_while_another_absence_covers_the_same(app: App) -> None:
    make_adviser(app)
    agree(app, open_case(app), "10:00")
    first = be_absent(app, ("08:00", 0), ("12:00", 0))
    second = be_absent(app, ("09:30", 0), ("11:00", 0))
    absences.withdraw_absence(app, call(HUDA), ActOnAbsence(first.id, 1))
    assert len(open_tasks(app)) == 1
    absences.withdraw_absence(app, call(HUDA), ActOnAbsence(second.id, 1))
    assert open_tasks(app) == []


def test_a_task_is_closed_when_the_meeting_is_moved_or_given_to_another(app: App) -> None:
    make_adviser(app)
    make_adviser(app, JAMAL)
    case = open_case(app, HUDA, JAMAL)
    one, two = agree(app, case, "09:00"), agree(app, case, "14:00")
    be_absent(app, ("08:00", 0), ("16:00", 0))
    assert len(open_tasks(app)) == 2
    move(app, one, "09:00", 1)
    command = HandOver(two.id, two.version, JAMAL.id)
    given = appointments.hand_over_appointment(app, call(RAQQA_DESK), command)
    assert (given.adviser_id, given.sequence) == (JAMAL.id, 1)
    assert open_tasks(app) == []


def test_a_meeting_of_an_adviser_who_left_the_case_is_given_to_the_next(app: App) -> None:
    make_adviser(app)
    make_adviser(app, JAMAL)
    case = open_case(app, HUDA)
    made = agree(app, case, "10:00")
    before = app.cases.get(case.id)
    command = AssignAdviser(case.id, before.version, JAMAL.id, "سافرت المستشارة")
    assigning.assign_adviser(app, call(RAQQA_DESK), command)
    (task,) = open_tasks(app, what="adviser_left")
    assert (task.subject, task.details["substitutes"][0]) == (made.id, JAMAL.id)
    given = HandOver(made.id, made.version, JAMAL.id)
    appointments.hand_over_appointment(app, call(JAMAL), given)
    assert open_tasks(app, what="adviser_left") == []


def test_all_that_is_to_come_of_an_adviser_who_left_needs_another(app: App) -> None:
    """Huda has met once, and meets and visits; Jamal, who helps, meets once. Then Jamal is given
    the case, and in the end Huda again."""
    make_adviser(app)
    make_adviser(app, JAMAL)
    case = open_case(app, HUDA, JAMAL)
    agree(app, case, "09:00")
    advance(app, timedelta(days=1, hours=7))
    to_come = agree(app, case, "10:00", 1)
    visit = accept(app, ask_visit(app, case, "13:00", 1))
    of_jamal = agree(app, case, "10:00", 1, JAMAL, adviser_id=JAMAL.id)

    def give(person: Caller) -> set[str]:
        command = AssignAdviser(case.id, app.cases.get(case.id).version, person.id, "سافرت")
        assigning.assign_adviser(app, call(RAQQA_DESK), command)
        return {each.subject for each in open_tasks(app, what="adviser_left")}

    assert give(JAMAL) == {to_come.id, visit.id}
    assert [app.appointments.get(each.id) for each in (to_come, of_jamal)] == [to_come, of_jamal]
    assert app.visits.get(visit.id) == visit
    given = HandOver(visit.id, visit.version, JAMAL.id)
    visits.hand_over_visit(app, call(RAQQA_DESK), given)
    assert [each.subject for each in open_tasks(app, what="adviser_left")] == [to_come.id]
    # The task of the first is closed, since she is back; his open.
    assert give(HUDA) == {visit.id, of_jamal.id}


def test_of_a_sealed_case_its_people_alone_are_told_that_an_adviser_left(app: App) -> None:
    make_adviser(app, specialities=["registration"])
    make_adviser(app, JAMAL, specialities=["registration"])
    case = put_on_case(app, submit_confidential(app), HUDA)
    made = agree(app, case, "10:00")
    command = AssignAdviser(case.id, app.cases.get(case.id).version, JAMAL.id, "سافرت")
    assigning.assign_adviser(app, call(HUDA), command)
    (task,) = open_tasks(app, JAMAL, what="adviser_left")
    assert (task.subject, task.sealed) == (made.id, True)
    assert HUDA.id not in task.people
    for who in (RAQQA_DESK, MANAGER, HUDA):
        assert open_tasks(app, who, what="adviser_left") == []
    assert events_of(app, task.id) == []


def test_an_absence_that_covers_a_sealed_case_tells_its_people_alone(app: App) -> None:
    make_adviser(app, specialities=["registration"])
    case = put_on_case(app, submit_confidential(app), HUDA)
    appointment = agree(app, case, "10:00")
    be_absent(app, ("08:00", 0), ("16:00", 0))
    (task,) = open_tasks(app, HUDA)
    assert (task.subject, task.what) == (appointment.id, TaskKind.ADVISER_ABSENT)
    for who in (RAQQA_DESK, MANAGER, JAMAL):
        assert open_tasks(app, who) == []
    assert events_of(app, task.id) == []


def test_who_enters_and_sees_absences(app: App) -> None:
    make_adviser(app)
    absence = be_absent(app, ("08:00", 0), ("16:00", 0))

    def listed(who: Caller) -> list[str]:
        return [each.id for each in absences.find_absences(app, call(who), list_absences({}))]

    assert listed(HUDA) == listed(MANAGER) == [absence.id]
    assert listed(RAQQA_DESK) == listed(JAMAL) == []


WRONG = [
    ({"ends_at": "2026-11-24T05:00:00Z"}, "end_before_start"),
    ({"ends_at": "2026-11-24T05:02:00Z"}, "off_raster"),
    ({"ends_at": "2028-01-01T05:00:00Z"}, "absence_too_long"),
    ({"starts_at": "2026-11-20T05:00:00Z", "ends_at": "2026-11-23T06:00:00Z"}, "in_the_past"),
    ({"starts_at": "2190-01-01T05:00:00Z", "ends_at": "2190-01-02T05:00:00Z"}, "too_far_ahead"),
    ({"adviser_id": "nobody"}, "unknown_adviser"),
]


@pytest.mark.parametrize(("values", "code"), WRONG)
def test_what_is_no_absence_changes_nothing(app: App, values: dict[str, str], code: str) -> None:
    make_adviser(app)
    request = {
        "adviser_id": HUDA.id,
        "starts_at": "2026-11-24T05:00:00Z",
        "ends_at": "2026-11-24T13:00:00Z",
        **values,
    }
    with pytest.raises(errors.MasahaError, match=rf"consultations\.{code}"):
        absences.enter_absence(app, call(MANAGER), enter_absence(request))
    assert absences.find_absences(app, call(MANAGER), list_absences({})) == []
