"""Rooms of appointments and consulting hours: requested, granted, refused, moved, lost, given back;
both branches on the real database."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from services.bookings.domain.booking_states import Status as BookingStatus
from services.bookings.operations import bookings as booking_operations
from services.bookings.schemas.bookings import CancelBooking
from services.common import errors
from services.common.context import Caller
from services.common.rooms.requests import Status
from services.common.time.period import Period
from services.consultations.app import App
from services.consultations.domain.appointments import ROOM_LABEL, ROOM_PEOPLE, RoomStatus
from services.consultations.domain.consulting_hours import granted
from services.consultations.operations import calendars, consulting_hours, tasks
from services.consultations.operations.appointments import show_appointments
from services.consultations.operations.room_answers import apply_room_answer
from services.consultations.schemas.consulting_hours import change_consulting_hours
from services.consultations.schemas.tasks import list_tasks
from tests.support.adviser_calendars import (
    WithBookings,
    agree,
    at,
    cancel,
    make_adviser,
    move,
    open_case,
    put_on_case,
    set_up_hours,
    slots,
    time,
)
from tests.support.bookings import MANAGER, RAQQA_DESK, book, call, open_centre, period, tomorrow
from tests.support.consultations import HUDA, events_of, submit_confidential
from tests.support.rooms import answers
from tests.support.stack import Server


@pytest.fixture
def both(app: App, database: Server) -> Iterator[WithBookings]:
    make_adviser(app)
    for bookings in open_centre(database.uri):
        yield WithBookings(app, bookings)


def open_tasks(both: WithBookings, who: Caller = RAQQA_DESK) -> list[str]:
    found = tasks.find_tasks(both.app, call(who), list_tasks({"open": True}))
    return [each.what.value for each in found if each.what.value.startswith("room")]


def held(both: WithBookings) -> list[Period]:
    """All that bookings holds for requests."""
    found = both.bookings.bookings.find(visible=None, filters={}, after=None, limit=100)
    return sorted(
        (
            each.period
            for each in found
            if each.status is BookingStatus.CONFIRMED and each.own_use is not None
        ),
        key=lambda period: period.starts_at,
    )


def fill_centre(both: WithBookings, from_hour: int, to_hour: int) -> None:
    """Take every room of the centre, as others do."""
    for space in both.bookings.centres.spaces():
        if space.centre_id != "raqqa":
            continue
        try:
            book(both.bookings, period=period(from_hour, to_hour), space_id=space.id)
        except errors.Conflict:
            continue


def test_an_appointment_at_the_centre_gets_a_room(both: WithBookings) -> None:
    made = agree(both.app, open_case(both.app), "10:05", mode="at_centre")
    room = both.room(made)
    assert room is not None
    assert room.status is RoomStatus.AWAITING
    both.exchange()
    room = both.room(made)
    assert room is not None
    assert room.status is RoomStatus.GRANTED
    # Whole quarters of an hour; label and people tell nothing of the case.
    assert held(both) == [Period(at("10:00"), at("11:15"))]
    (request,) = both.requests()
    assert request.data["label"] == ROOM_LABEL
    assert [each["people"] for each in request.data["items"]] == [ROOM_PEOPLE]
    assert made.id not in str(request.data)
    assert [each["type"] for each in events_of(both.app, made.id)] == [
        "consultations.appointment.agreed",
        "consultations.appointment.room_answered",
    ]


def test_a_calendar_shows_the_room_and_each_change_of_it_with_a_higher_sequence(
    both: WithBookings,
) -> None:
    made = agree(both.app, open_case(both.app), "10:00", mode="at_centre")

    def shown() -> tuple[int, str]:
        (entry,) = calendars.calendar_entries(both.app, call(HUDA), "en")
        return entry.sequence, entry.place

    assert shown() == (0, "Raqqa centre")
    both.exchange()
    first, place = shown()
    room = both.room(made)
    assert room is not None
    assert room.place is not None
    assert (first, place) == (1, f"{room.place.space_name['en']}, Raqqa centre")
    found = both.bookings.bookings.find(visible=None, filters={}, after=None, limit=10)
    (booking,) = [each for each in found if each.own_use is not None]
    booking_operations.cancel(
        both.bookings, call(RAQQA_DESK), CancelBooking(booking.id, booking.version, "صيانة")
    )
    both.exchange()
    assert shown() == (2, "Raqqa centre")


def test_a_move_is_in_force_once_its_room_is_granted(both: WithBookings) -> None:
    case = open_case(both.app)
    made = agree(both.app, case, "10:00", mode="at_centre")
    both.exchange()
    moved = move(both.app, both.now(made), "13:00")
    assert moved.period.starts_at == at("10:00")
    with pytest.raises(errors.Conflict, match=r"consultations\.move_awaited"):
        move(both.app, moved, "14:00")
    for clock in ("10:00", "13:00"):
        with pytest.raises(errors.Conflict, match="time_not_offered"):
            agree(both.app, case, clock)
    both.exchange()
    after = both.now(made)
    assert (after.period.starts_at, after.move, after.sequence) == (at("13:00"), None, 2)
    assert held(both) == [Period(at("13:00"), at("14:00"))]
    assert "10:00" in slots(both.app)


def test_a_move_that_is_refused_leaves_the_appointment_with_its_room(both: WithBookings) -> None:
    made = agree(both.app, open_case(both.app), "10:00", mode="at_centre")
    both.exchange()
    fill_centre(both, 13, 14)
    move(both.app, both.now(made), "13:00")
    both.exchange()
    after = both.now(made)
    room = both.room(made)
    assert room is not None
    assert (after.period.starts_at, room.status) == (at("10:00"), RoomStatus.REFUSED)
    assert room.place is not None
    assert room.code == "bookings.space_taken"
    assert "13:00" in slots(both.app)
    assert open_tasks(both) == ["room_refused"]
    # Asking for the time that it has gives the move up.
    move(both.app, after, "10:00")
    both.exchange()
    room = both.room(made)
    assert room is not None
    assert room.status is RoomStatus.GRANTED
    assert open_tasks(both) == []


def test_a_room_that_is_lost_makes_a_task(both: WithBookings) -> None:
    made = agree(both.app, open_case(both.app), "10:00", mode="at_centre")
    both.exchange()
    found = both.bookings.bookings.find(visible=None, filters={}, after=None, limit=10)
    (booking,) = [each for each in found if each.own_use is not None]
    booking_operations.cancel(
        both.bookings, call(RAQQA_DESK), CancelBooking(booking.id, booking.version, "صيانة")
    )
    both.exchange()
    room = both.room(made)
    assert room is not None
    assert room.status is RoomStatus.LOST
    assert {each["kind"] for each in room.alternatives} >= {"other_time", "other_space"}
    assert open_tasks(both) == ["room_lost"]
    cancel(both.app, both.now(made))
    assert open_tasks(both) == []


def test_a_cancelled_appointment_gives_its_room_back(both: WithBookings) -> None:
    made = agree(both.app, open_case(both.app), "10:00", mode="at_centre")
    both.exchange()
    cancel(both.app, both.now(made))
    both.exchange()
    assert held(both) == []
    request = both.app.rooms.of(made.id)
    assert request is None or request.status is Status.FREED


def test_answers_that_come_again_change_nothing(both: WithBookings) -> None:
    made = agree(both.app, open_case(both.app), "10:00", mode="at_centre")
    both.exchange()
    before = both.now(made)
    for event in answers(both.bookings) * 2:
        apply_room_answer(both.app, event)
    assert both.now(made) == before


def test_consulting_hours_have_rooms_and_sealed_cases_meet_in_them(both: WithBookings) -> None:
    app = both.app
    sealed = put_on_case(app, submit_confidential(app), HUDA)
    with pytest.raises(errors.Conflict, match="time_not_offered") as refused:
        agree(app, sealed, "10:00", mode="at_centre")
    assert refused.value.extra["alternatives"] == []
    month = set_up_hours(app, time("09:00", minutes=180), time("13:00", 1, minutes=120))
    both.exchange()
    assert len(granted(month, app.rooms.of(month.id))) == 2
    before = len(both.requests())
    offered = slots(app, case_id=sealed.id, mode="at_centre")
    assert (offered[0], offered[-1]) == ("09:00", "11:00")
    made = agree(app, sealed, "10:00", mode="at_centre")
    assert made.hours_id == month.id
    # No request, no event, no room of its own; the same for an open case.
    opened = agree(app, open_case(app), "13:00", 1, mode="at_centre")
    assert opened.hours_id == month.id
    both.exchange()
    assert len(both.requests()) == before
    assert events_of(app, made.id) == []
    shown = show_appointments(app, [made, opened])
    assert all(shown[each.id].place is not None for each in (made, opened))
    with pytest.raises(errors.Conflict, match="time_not_offered"):
        move(app, made, "14:00")
    assert move(app, made, "09:00").hours_id == month.id


def test_hours_with_appointments_stay(both: WithBookings) -> None:
    app = both.app
    month = set_up_hours(app, time("09:00", minutes=180), time("13:00", 1, minutes=120))
    both.exchange()
    agree(app, open_case(app), "10:00", mode="at_centre")

    def change(*hours: dict[str, str]) -> Any:
        request = {"id": month.id, "expected_version": 1, "hours": list(hours)}
        command = change_consulting_hours(request)
        return consulting_hours.change_consulting_hours(app, call(MANAGER), command)

    with pytest.raises(errors.Conflict, match="hours_in_use"):
        change(time("13:00", 1, minutes=120))
    kept = held(both)
    change(time("09:00", minutes=180))
    both.exchange()
    assert held(both) == kept[:1]
    assert tomorrow(9) == kept[0].starts_at


def test_hours_of_a_sealed_appointment_are_given_up_like_others(both: WithBookings) -> None:
    """A refusal would tell staff that there is one. Its people get a task, and nothing is
    cancelled."""
    app = both.app
    sealed = put_on_case(app, submit_confidential(app), HUDA)
    month = set_up_hours(app, time("09:00", minutes=180), time("13:00", 1, minutes=120))
    both.exchange()
    made = agree(app, sealed, "10:00", mode="at_centre")
    app.news.collection.delete_many({})

    def change(who: Caller, version: int, *hours: dict[str, str]) -> Any:
        request = {"id": month.id, "expected_version": version, "hours": list(hours)}
        command = change_consulting_hours(request)
        return consulting_hours.change_consulting_hours(app, call(who), command)

    left = time("13:00", 1, minutes=120)
    with pytest.raises(errors.Conflict, match="hours_in_use"):
        change(HUDA, 1, left)
    changed = change(RAQQA_DESK, 1, left)
    both.exchange()
    assert [each.period.starts_at for each in changed.hours] == [at("13:00", 1)]
    assert app.appointments.get(made.id) == made
    assert open_tasks(both) == []
    query = list_tasks({"open": True, "what": "room_lost"})
    (task,) = tasks.find_tasks(app, call(HUDA), query)
    assert (task.subject, task.sealed) == (made.id, True)
    assert events_of(app, task.id) == []
    cancel(app, made)
    assert tasks.find_tasks(app, call(HUDA), query) == []


def test_a_consulting_hour_that_loses_its_room_is_told_to_the_people_who_meet_in_it(
    both: WithBookings,
) -> None:
    app = both.app
    sealed = put_on_case(app, submit_confidential(app), HUDA)
    set_up_hours(app, time("09:00", minutes=180))
    both.exchange()
    made = agree(app, sealed, "10:00", mode="at_centre")
    found = both.bookings.bookings.find(visible=None, filters={}, after=None, limit=10)
    (booking,) = [each for each in found if each.own_use is not None]
    booking_operations.cancel(
        both.bookings, call(RAQQA_DESK), CancelBooking(booking.id, booking.version, "صيانة")
    )
    both.exchange()
    assert open_tasks(both) == ["room_lost"]
    query = list_tasks({"open": True, "what": "room_lost"})
    assert [each.subject for each in tasks.find_tasks(app, call(HUDA), query)] == [made.id]


def test_hours_that_get_no_room_make_a_task(both: WithBookings) -> None:
    fill_centre(both, 13, 15)
    month = set_up_hours(both.app, time("13:00", minutes=60))
    both.exchange()
    assert granted(month, both.app.rooms.of(month.id)) == []
    assert open_tasks(both) == ["room_refused"]
    request = {"id": month.id, "expected_version": 1, "hours": [time("09:00", minutes=60)]}
    consulting_hours.change_consulting_hours(both.app, call(HUDA), change_consulting_hours(request))
    both.exchange()
    assert open_tasks(both) == []
