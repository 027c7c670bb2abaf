"""Appointments: both times while a move waits for its room, and what an answer brings."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.common import errors
from services.common.rooms.requests import Answer, Outcome, Place, RoomRequest
from services.common.time.period import Period
from services.consultations.domain import appointment_states, visit_states
from services.consultations.domain.adviser_times import Buffers
from services.consultations.domain.appointment_states import AppointmentAction
from services.consultations.domain.appointments import (
    ROOM_ITEM,
    ROOM_LABEL,
    ROOM_PEOPLE,
    Appointment,
    Mode,
    Move,
    RoomStatus,
    follow_answer,
    room_of,
)

NOW = datetime(2027, 3, 1, 6, tzinfo=UTC)
OLD = Period(NOW + timedelta(days=1), NOW + timedelta(days=1, hours=1))
NEW = Period(NOW + timedelta(days=2, minutes=5), NOW + timedelta(days=2, minutes=65))
WHOLE = Period(NOW + timedelta(days=2), NOW + timedelta(days=2, minutes=75))


def appointment(**values: Any) -> Appointment:
    return Appointment(
        **{
            "id": "a",
            "case_id": "c",
            "centre_id": "raqqa",
            "adviser_id": "rim",
            "mode": Mode.AT_CENTRE,
            "period": OLD,
            "buffers": Buffers(after=timedelta(minutes=10)),
            "agreed_by": "rim",
            "agreed_at": NOW,
            "changed_at": NOW,
            **values,
        }
    )


def request_for(value: Appointment) -> RoomRequest:
    return RoomRequest("r", value.id, ROOM_LABEL, value.items())


def answered(request: RoomRequest, outcome: Outcome, *times: Period, version: int = 1) -> Any:
    places = tuple(
        Place(ROOM_ITEM, "b", "room-1", {"ar": "قاعة"}, each.starts_at, each.ends_at)
        for each in times
    )
    code = "bookings.space_taken" if outcome is Outcome.REFUSED else None
    answer = Answer(request.request_version, version, outcome, places, code)
    return replace(request, answer=answer)


def moving() -> Appointment:
    return appointment(move=Move(NEW, NOW))


def test_while_a_move_waits_the_adviser_is_taken_at_both_times() -> None:
    assert appointment().times == (OLD,)
    assert moving().times == (OLD, NEW)
    assert moving().after(AppointmentAction.CANCEL).times == ()


def test_all_rooms_are_requested_alike_and_for_whole_quarters() -> None:
    (item,) = moving().items()
    assert (item.starts_at, item.ends_at) == (WHOLE.starts_at, WHOLE.ends_at)
    assert (item.people, item.space_id, item.item_id) == (ROOM_PEOPLE, None, ROOM_ITEM)
    for elsewhere in (Mode.ON_SITE, Mode.REMOTE):
        assert appointment(mode=elsewhere).items() == ()
    assert appointment(hours_id="h").items() == ()


def test_a_granted_move_is_in_force_and_shown_anew() -> None:
    before = moving()
    later = NOW + timedelta(minutes=3)
    after = follow_answer(before, answered(request_for(before), Outcome.GRANTED, WHOLE), later)
    assert (after.period, after.move) == (NEW, None)
    assert (after.sequence, after.changed_at, after.version) == (1, later, 2)
    room = room_of(after, answered(request_for(before), Outcome.GRANTED, WHOLE))
    assert room is not None
    assert room.status is RoomStatus.GRANTED


def test_a_refused_move_leaves_the_appointment_where_it_is() -> None:
    before = moving()
    request = answered(request_for(before), Outcome.REFUSED, OLD)
    after = follow_answer(before, request, NOW)
    assert (after.period, after.times, after.sequence) == (OLD, (OLD,), 0)
    room = room_of(after, request)
    assert room is not None
    assert (room.status, room.code) == (RoomStatus.REFUSED, "bookings.space_taken")
    assert room.place is not None


def test_an_answer_to_an_older_wish_settles_nothing() -> None:
    before = moving()
    awaiting = replace(answered(request_for(before), Outcome.GRANTED, OLD), request_version=2)
    assert follow_answer(before, awaiting, NOW) is before


@pytest.mark.parametrize(
    ("outcome", "status"),
    [(Outcome.REFUSED, RoomStatus.REFUSED), (Outcome.LOST, RoomStatus.LOST)],
)
def test_a_room_that_is_not_to_be_had_is_said(outcome: Outcome, status: RoomStatus) -> None:
    value = appointment()
    room = room_of(value, answered(request_for(value), outcome))
    assert room is not None
    assert room.status is status


@pytest.mark.parametrize("action", list(AppointmentAction))
@pytest.mark.parametrize("status", sorted(appointment_states.TRANSITIONS.ends))
def test_nothing_happens_to_an_appointment_that_is_over(status: Any, action: Any) -> None:
    with pytest.raises(errors.Conflict, match="appointment_not_allowed_now") as refused:
        appointment(status=status).after(action)
    assert refused.value.params["state"] == status


def test_a_visit_that_takes_place_is_accepted_done_reported_and_approved() -> None:
    status, action = visit_states.VisitStatus.REQUESTED, visit_states.VisitAction
    for each in (action.ACCEPT, action.COMPLETE, action.REPORT, action.APPROVE):
        status = visit_states.TRANSITIONS.after(status, each)
    assert status is visit_states.VisitStatus.APPROVED
    assert visit_states.TRANSITIONS.ends == {
        visit_states.VisitStatus.APPROVED,
        visit_states.VisitStatus.DECLINED,
        visit_states.VisitStatus.CALLED_OFF,
    }
