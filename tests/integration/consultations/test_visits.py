"""Visits: asked for, accepted by the other side, done, reported, approved; and trips of a day."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.common import errors
from services.common.context import Caller
from services.consultations.app import App
from services.consultations.domain.appointment_states import AppointmentStatus
from services.consultations.domain.case_states import CaseStatus
from services.consultations.domain.trips import Trip, TripStatus
from services.consultations.domain.visit_states import VisitStatus
from services.consultations.domain.visits import Visit
from services.consultations.operations import case_steps, sealing, trips, visits
from services.consultations.schemas.appointments import ActOnMeeting, HandOver
from services.consultations.schemas.case_steps import StepOfCase
from services.consultations.schemas.trips import ActOnTrip, change_trip
from services.consultations.schemas.visits import (
    call_off_visit,
    move_visit,
    report_visit,
    return_report,
)
from tests.support.adviser_calendars import (
    accept,
    agree,
    ask_visit,
    make_adviser,
    open_case,
    plan_trip_of,
    put_on_case,
    slots,
    time,
)
from tests.support.bookings import MANAGER, MEMBER, RAQQA_DESK, call
from tests.support.consultations import (
    HUDA,
    JAMAL,
    advance,
    events_of,
    submit_confidential,
)


def now(app: App, visit: Visit) -> Visit:
    return app.visits.get(visit.id)


def facts(app: App, visit: Visit) -> list[str]:
    return [each["type"].rpartition(".")[2] for each in events_of(app, visit.id)]


def move(app: App, visit: Visit, clock: str, day: int = 0, who: Caller = HUDA) -> Visit:
    request = {"id": visit.id, "expected_version": visit.version, **time(clock, day)}
    return visits.move_visit(app, call(who), move_visit(request))


def report(app: App, visit: Visit, who: Caller = HUDA, **values: Any) -> Visit:
    request = {
        "id": visit.id,
        "expected_version": visit.version,
        **time("10:00", minutes=75),
        "women": 3,
        "men": 2,
        "text": "راجعنا الهيكلية.",
        **values,
    }
    return visits.report_visit(app, call(who), report_visit(request))


def trip_now(app: App, trip: Trip) -> Trip:
    return app.trips.get(trip.id)


def test_a_visit_from_its_request_to_its_approved_report(app: App) -> None:
    make_adviser(app)
    case = open_case(app)
    visit = ask_visit(app, case, "10:00", who=MEMBER, travel_minutes=30)
    with pytest.raises(errors.Forbidden):
        accept(app, visit, MEMBER)
    accepted = accept(app, visit, HUDA)
    advance(app, timedelta(days=1, hours=5))
    act = ActOnMeeting(visit.id, accepted.version)
    done = visits.complete_visit(app, call(HUDA), act)
    assert app.cases.get(case.id).status is CaseStatus.IN_PROGRESS
    reported = report(app, done)
    request = {"id": visit.id, "expected_version": reported.version, "remark": "ينقصه الاتفاق."}
    returned = visits.return_report(app, call(RAQQA_DESK), return_report(request))
    assert (returned.status, returned.content.remark) == (VisitStatus.DONE, "ينقصه الاتفاق.")
    again = report(app, returned)
    command = ActOnMeeting(visit.id, again.version)
    with pytest.raises(errors.Forbidden):
        visits.approve_report(app, call(HUDA), command)
    approved = visits.approve_report(app, call(MANAGER), command)
    assert (approved.status, approved.approved_by) == (VisitStatus.APPROVED, MANAGER.id)
    assert facts(app, visit) == [
        *("requested", "accepted", "done", "reported", "report_returned", "reported"),
        "approved",
    ]
    last = events_of(app, visit.id)[-1]["data"]
    assert last["minutes"] == 75
    assert "text" not in last
    assert "place" not in last


def test_the_way_is_taken_and_may_cross_a_break(app: App) -> None:
    make_adviser(app, buffer_minutes=0)
    ask_visit(app, open_case(app), "10:30", minutes=60, travel_minutes=60)
    assert slots(app) == ["12:30", "12:45", *slots(app)[2:]]


def test_a_visit_that_is_moved_waits_for_the_other_side(app: App) -> None:
    make_adviser(app)
    visit = accept(app, ask_visit(app, open_case(app), "10:00"))
    moved = move(app, visit, "13:00", who=MEMBER)
    assert (moved.status, moved.sequence) == (VisitStatus.REQUESTED, 2)
    assert "10:00" in slots(app)
    assert accept(app, moved, HUDA).status is VisitStatus.ACCEPTED


def test_a_visit_is_called_off_as_unsafe_and_frees_the_adviser(app: App) -> None:
    make_adviser(app)
    visit = accept(app, ask_visit(app, open_case(app), "10:00"))
    request = {"id": visit.id, "expected_version": visit.version, "cause": "unsafe"}
    off = visits.call_off_visit(app, call(MEMBER), call_off_visit(request))
    assert off.status is VisitStatus.CALLED_OFF
    assert "10:00" in slots(app)
    assert events_of(app, visit.id)[-1]["data"]["cause"] == "unsafe"
    with pytest.raises(errors.Conflict, match="visit_not_allowed_now"):
        move(app, off, "13:00")


def test_a_report_is_of_a_visit_that_was_made(app: App) -> None:
    make_adviser(app)
    visit = accept(app, ask_visit(app, open_case(app), "10:00"))
    with pytest.raises(errors.Conflict, match=r"consultations\.not_begun"):
        visits.complete_visit(app, call(HUDA), ActOnMeeting(visit.id, visit.version))
    with pytest.raises(errors.Conflict, match=r"consultations\.not_begun"):
        report(app, visit)
    assert now(app, visit) == visit


def test_visits_of_a_day_are_one_trip(app: App) -> None:
    """Alone, each takes half an hour there and back; the last of the day ends at a home."""
    make_adviser(app, buffer_minutes=0)
    case = open_case(app)
    first = accept(app, ask_visit(app, case, "09:00", travel_minutes=30))
    second = accept(app, ask_visit(app, case, "13:00", travel_minutes=30))
    with pytest.raises(errors.Conflict, match=r"consultations\.time_not_offered"):
        agree(app, case, "14:00")
    trip = plan_trip_of(app, first, second, ways=(30, 20, 0))
    assert [now(app, each).trip_id for each in (first, second)] == [trip.id, trip.id]
    assert agree(app, case, "14:00").live
    with pytest.raises(errors.Invalid, match=r"consultations\.not_a_trip"):
        plan_trip_of(app, now(app, first))


def test_a_trip_closes_the_gap_of_a_visit_that_leaves(app: App) -> None:
    make_adviser(app, buffer_minutes=0)
    case = open_case(app)
    made = [accept(app, ask_visit(app, case, clock)) for clock in ("09:00", "10:30", "13:00")]
    trip = plan_trip_of(app, *made, ways=(15, 20, 25, 15))
    move(app, now(app, made[1]), "09:00", 1)
    after = trip_now(app, trip)
    assert after.visit_ids == (made[0].id, made[2].id)
    assert [each // timedelta(minutes=1) for each in after.ways] == [15, 45, 15]
    assert now(app, made[1]).trip_id is None
    request = {
        "id": trip.id,
        "expected_version": after.version,
        "visit_ids": [made[2].id],
        "ways_minutes": [10, 10],
    }
    changed = trips.change_trip(app, call(RAQQA_DESK), change_trip(request))
    assert now(app, made[0]).trip_id is None
    command = ActOnTrip(trip.id, changed.version)
    dissolved = trips.dissolve_trip(app, call(HUDA), command)
    assert dissolved.status is TripStatus.DISSOLVED
    assert now(app, made[2]).trip_id is None


def test_visits_of_sealed_cases_join_no_trip(app: App) -> None:
    make_adviser(app, specialities=["registration"])
    sealed = put_on_case(app, submit_confidential(app), HUDA)
    visit = accept(app, ask_visit(app, sealed, "10:00"))
    codes = []
    for who in (HUDA, RAQQA_DESK):
        with pytest.raises(errors.Invalid) as refused:
            plan_trip_of(app, visit, who=who)
        codes.append((refused.value.code, refused.value.errors[0].pointer))
    assert codes == [("consultations.not_a_trip", "/visit_ids/0")] * 2
    assert events_of(app, visit.id) == []


def test_a_trip_is_dissolved_when_a_case_of_it_is_sealed(app: App) -> None:
    make_adviser(app, buffer_minutes=0)
    opened, secret = open_case(app), open_case(app)
    first = accept(app, ask_visit(app, opened, "09:00", travel_minutes=30))
    second = accept(app, ask_visit(app, secret, "13:00", travel_minutes=30))
    trip = plan_trip_of(app, first, second, ways=(30, 20, 30))
    case = app.cases.get(secret.id)
    sealing.seal_case(app, call(HUDA), StepOfCase(case.id, case.version))
    left = trip_now(app, trip)
    assert (left.status, left.visit_ids) == (TripStatus.DISSOLVED, (first.id,))
    assert [each // timedelta(minutes=1) for each in left.ways] == [30, 20]
    for each in (first, second):
        assert (now(app, each).trip_id, now(app, each).period) == (None, each.period)
    assert len(facts(app, first)) == len(facts(app, second)) + 1


def test_a_trip_that_was_dissolved_before_names_no_visit_of_a_sealed_case(app: App) -> None:
    make_adviser(app, buffer_minutes=0)
    secret = open_case(app)
    trip = plan_trip_of(app, accept(app, ask_visit(app, secret, "13:00")), ways=(0, 0))
    trips.dissolve_trip(app, call(HUDA), ActOnTrip(trip.id, trip.version))
    case = app.cases.get(secret.id)
    sealing.seal_case(app, call(HUDA), StepOfCase(case.id, case.version))
    assert (trip_now(app, trip).visit_ids, trip_now(app, trip).ways) == ((), ())


def test_meetings_of_a_case_that_is_over_are_cancelled_and_said(app: App) -> None:
    make_adviser(app)
    case = open_case(app)
    appointment = agree(app, case, "09:00")
    visit = accept(app, ask_visit(app, case, "13:00"))
    now_of = app.cases.get(case.id)
    case_steps.withdraw_case(app, call(MEMBER), StepOfCase(case.id, now_of.version))
    assert app.appointments.get(appointment.id).status is AppointmentStatus.CANCELLED
    assert now(app, visit).status is VisitStatus.CALLED_OFF
    assert events_of(app, appointment.id)[-1]["type"].endswith(".cancelled")
    assert events_of(app, visit.id)[-1]["type"].endswith(".called_off")
    what = {each["what"] for each in app.database.collection("news").find({})}
    assert {"appointment_cancelled", "visit_called_off"} <= what
    assert "09:00" in slots(app)


def test_what_people_wrote_is_encrypted(app: App) -> None:
    make_adviser(app)
    case = open_case(app)
    visit = ask_visit(app, case, "13:00")
    agree(app, case, "09:00", place="بيت سعاد")
    stored = [
        str(each)
        for name in ("visits", "appointments", "history", "outbox", "engagements")
        for each in app.database.collection(name).find({})
    ]
    assert now(app, visit).content.place == "حي المشلب"
    assert not any("المشلب" in each or "سعاد" in each for each in stored)


def test_another_adviser_of_the_case_accepts_what_is_handed_over(app: App) -> None:
    make_adviser(app)
    make_adviser(app, JAMAL)
    case = open_case(app, HUDA, JAMAL)
    visit = accept(app, ask_visit(app, case, "10:00"))
    command = HandOver(visit.id, visit.version, JAMAL.id)
    given = visits.hand_over_visit(app, call(HUDA), command)
    assert (given.status, given.adviser_id) == (VisitStatus.REQUESTED, JAMAL.id)
    assert "10:00" in slots(app)
    with pytest.raises(errors.Forbidden):
        accept(app, given, HUDA)
    assert accept(app, given, JAMAL).status is VisitStatus.ACCEPTED
