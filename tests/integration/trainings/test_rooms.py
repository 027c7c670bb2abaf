"""Rooms of cohorts: requested, granted, refused, moved, lost and given back; both branches on the
real database, with messages that come twice, late and out of order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from services.bookings.operations import bookings as booking_operations
from services.bookings.operations.closures import resolve as resolve_closure
from services.bookings.schemas.bookings import CancelBooking
from services.bookings.schemas.closures import ResolveClosure
from services.common import errors
from services.common.clock import from_wire
from services.common.context import SYSTEM, VISITOR, Caller
from services.common.rooms.requester import REPEAT_REQUEST
from services.common.rooms.requests import Status
from services.common.time.period import Period
from services.trainings.app import App
from services.trainings.domain.cohort_states import CohortStatus
from services.trainings.domain.cohorts import Cohort
from services.trainings.domain.tasks import TaskKind
from services.trainings.operations import assignments, cohorts, tasks
from services.trainings.operations.room_answers import apply_room_answer
from services.trainings.schemas.assignments import assign_trainer
from services.trainings.schemas.cohorts import ActOnCohort, CancelCohort, create_cohort
from services.trainings.schemas.cohorts import cohort as to_wire
from services.trainings.schemas.tasks import CloseTask, list_tasks
from tests.support import closures
from tests.support.bookings import MANAGER, RAQQA_DESK, TABQA_DESK, book, call, open_centre
from tests.support.closures import let_worker_work
from tests.support.cohort_rooms import Branches, in_room
from tests.support.rooms import answers
from tests.support.stack import Server
from tests.support.trainings import (
    cohort_request,
    events_of,
    prepare,
    run_due_deadlines,
    session_request,
)

RIM = Caller(id="rim", roles=frozenset({"trainer"}))


@pytest.fixture
def both(app: App, database: Server) -> Iterator[Branches]:
    for bookings in open_centre(database.uri):
        yield Branches(app, bookings)


def open_tasks(both: Branches, who: Caller = RAQQA_DESK) -> list[TaskKind]:
    found = tasks.find_tasks(both.app, call(who), list_tasks({"open": True}))
    return [each.what for each in found]


def take_away(both: Branches, cohort: Cohort, number: int) -> None:
    """The desk cancels the booking of a session's room."""
    request = both.request(cohort)
    assert request is not None
    place = request.place_of(cohort.sessions[number].id)
    assert place is not None
    now = both.bookings.bookings.get(place.booking_id)
    command = CancelBooking(now.id, now.version, "Burst pipe")
    booking_operations.cancel(both.bookings, call(RAQQA_DESK), command)


def rival(both: Branches, day: int, hours: tuple[int, int]) -> None:
    """The meeting room is an organisation's at this time."""
    times = in_room(day, hours)
    period = Period(from_wire(times["starts_at"]), from_wire(times["ends_at"]))
    book(both.bookings, period=period, people=2)


# -- the draft -------------------------------------------------------------------------------------


def test_a_draft_has_its_rooms_before_it_is_announced(both: Branches) -> None:
    cohort = prepare(both.app, sessions=[in_room(7), session_request(8)])
    assert both.statuses(cohort) == ["awaiting", "elsewhere"]
    with pytest.raises(errors.Conflict, match=r"trainings\.rooms_not_granted") as refused:
        both.announce(cohort)
    assert [each.pointer for each in refused.value.errors] == [f"/sessions/{cohort.sessions[0].id}"]
    both.exchange()
    assert both.statuses(cohort) == ["granted", "elsewhere"]
    both.check_agreement(cohort)
    assert both.announce(both.now(cohort)).status is CohortStatus.ANNOUNCED


def test_people_are_the_capacity_and_the_trainers(both: Branches) -> None:
    cohort = both.prepare(in_room(7), capacity=5)
    assert [each.people for each in both.held()] == [6]
    both.change(cohort, capacity=9)
    both.exchange()
    assert [each.people for each in both.held()] == [10]
    both.check_agreement(cohort)


def test_a_refusal_comes_with_ways_on_and_a_task(both: Branches) -> None:
    rival(both, 7, (9, 13))
    cohort = both.prepare(in_room(7), in_room(8))
    refused, other = both.rooms(cohort)
    assert refused is not None
    assert other is not None
    assert refused.code == "bookings.space_taken"
    assert {each["kind"] for each in refused.alternatives} >= {"other_time"}
    # All or nothing.
    assert (other.status, other.alternatives) == ("refused", ())
    assert both.held() == []
    assert open_tasks(both) == open_tasks(both, MANAGER) == [TaskKind.ROOMS_REFUSED]
    assert open_tasks(both, TABQA_DESK) == []
    way = refused.alternatives[0]
    both.move(
        both.now(cohort), 0, **{name: way[name] for name in ("starts_at", "ends_at", "space_id")}
    )
    both.exchange()
    assert both.statuses(cohort) == ["granted", "granted"]
    assert open_tasks(both) == []


# -- a move ----------------------------------------------------------------------------------------


def announced(both: Branches, *wanted: dict[str, Any]) -> Cohort:
    return both.announce(both.prepare(*wanted))


def test_a_time_is_in_force_from_its_grant_on(both: Branches) -> None:
    cohort = announced(both)
    session_id = cohort.sessions[0].id
    old = cohort.sessions[0].period
    asked = both.move_to(cohort, 0, 9, (10, 12))
    assert asked.sessions[0].period == old
    assert both.statuses(cohort)[0] == "awaiting"
    both.deliver_requests()
    # Bookings has decided, and nobody here knows.
    assert both.now(cohort).sessions[0].period == old
    both.deliver_answers()
    moved = both.now(cohort).session(session_id)
    assert moved is not None
    wanted = in_room(9, (10, 12))
    assert moved.period == Period(from_wire(wanted["starts_at"]), from_wire(wanted["ends_at"]))
    assert both.statuses(cohort) == ["granted", "granted"]
    both.check_agreement(cohort)
    [said] = [each for each in events_of(both.app, session_id) if each["type"].endswith("moved")]
    assert from_wire(said["data"]["previous_starts_at"]) == old.starts_at
    roster = both.now(cohort).roster
    assert roster is not None
    assert roster.starts_at == both.now(cohort).starts_at


def test_a_move_that_is_refused_moves_neither(both: Branches) -> None:
    rival(both, 9, (10, 12))
    cohort = announced(both)
    before = both.now(cohort).sessions[0]
    both.move_to(cohort, 0, 9, (10, 12))
    both.exchange()
    room = both.rooms(cohort)[0]
    assert room is not None
    assert (room.status, room.code) == ("refused", "bookings.space_taken")
    assert room.place is not None
    assert room.alternatives
    assert both.now(cohort).sessions[0].period == before.period
    both.check_agreement(cohort)
    # The request stands granted again, so that the next change does not fail by this one.
    request = both.request(cohort)
    assert request is not None
    assert request.status is Status.GRANTED
    assert open_tasks(both) == [TaskKind.ROOMS_REFUSED]
    added = both.add(both.now(cohort), **in_room(12))
    both.exchange()
    assert both.statuses(added) == ["refused", "granted", "granted"]
    both.move_to(both.now(cohort), 0, 9, (13, 15))
    both.exchange()
    assert both.statuses(cohort) == ["granted", "granted", "granted"]
    assert open_tasks(both) == []
    both.check_agreement(cohort)


def test_to_stay_is_said_by_the_time_in_force(both: Branches) -> None:
    rival(both, 9, (10, 12))
    cohort = announced(both)
    times = in_room(7)
    both.move_to(cohort, 0, 9, (10, 12))
    both.exchange()
    both.move(both.now(cohort), 0, starts_at=times["starts_at"], ends_at=times["ends_at"])
    both.exchange()
    assert both.statuses(cohort) == ["granted", "granted"]
    assert both.now(cohort).sessions[0].move is None


def test_while_a_move_is_awaited_the_trainer_is_taken_at_both_times(both: Branches) -> None:
    cohort = announced(both)
    command = assign_trainer({"cohort_id": cohort.id, "trainer_id": RIM.id})
    asked = assignments.assign_trainer(both.app, call(RAQQA_DESK), command)
    both.move_to(cohort, 0, 9, (10, 12))
    taken = both.app.assignments.get(asked.id).times
    wanted = in_room(9, (10, 12))
    new = Period(from_wire(wanted["starts_at"]), from_wire(wanted["ends_at"]))
    assert set(taken) == {cohort.sessions[0].period, cohort.sessions[1].period, new}
    for day, hours in ((7, (9, 13)), (9, (10, 12))):
        other = prepare(both.app, sessions=[session_request(day, hours)])
        elsewhere = assign_trainer({"cohort_id": other.id, "trainer_id": RIM.id})
        with pytest.raises(errors.Conflict, match=r"trainings\.trainer_taken"):
            assignments.assign_trainer(both.app, call(RAQQA_DESK), elsewhere)
    both.exchange()
    after = both.app.assignments.get(asked.id).times
    assert set(after) == {cohort.sessions[1].period, new}


def test_one_move_at_a_time(both: Branches) -> None:
    cohort = announced(both)
    asked = both.move_to(cohort, 0, 9, (10, 12))
    with pytest.raises(errors.Conflict, match=r"trainings\.move_awaited"):
        both.move_to(asked, 0, 9, (12, 14))
    # Another session may move meanwhile.
    both.move_to(asked, 1, 9, (13, 15))
    both.exchange()
    assert both.statuses(cohort) == ["granted", "granted"]
    both.check_agreement(cohort)


def test_a_move_that_was_granted_is_in_force_though_the_next_change_is_refused(
    both: Branches,
) -> None:
    rival(both, 12, (9, 13))
    cohort = announced(both)
    first = cohort.sessions[0].id
    asked = both.move_to(cohort, 0, 9, (10, 12))
    both.deliver_requests()
    both.add(asked, **in_room(12))
    both.exchange()
    moved = both.now(cohort).session(first)
    assert moved is not None
    assert moved.starts_at == from_wire(in_room(9, (10, 12))["starts_at"])
    assert both.statuses(cohort) == ["granted", "granted", "refused"]
    both.check_agreement(cohort)


def test_what_is_elsewhere_moves_at_once_and_gives_its_room_back(both: Branches) -> None:
    cohort = announced(both)
    at = session_request(9)
    said = {name: at[name] for name in ("starts_at", "ends_at", "elsewhere")}
    moved = both.move(cohort, 0, **said).session(cohort.sessions[0].id)
    assert moved is not None
    assert moved.starts_at == from_wire(at["starts_at"])
    both.exchange()
    assert len(both.held()) == 1
    # Back into the centre it comes when it has a room.
    number = [each.elsewhere is not None for each in both.now(cohort).sessions].index(True)
    back = both.move(both.now(cohort), number, elsewhere=None)
    assert back.sessions[number].elsewhere is not None
    both.exchange()
    assert both.statuses(cohort) == ["granted", "granted"]
    both.check_agreement(cohort)


# -- what is lost and given back -------------------------------------------------------------------


def test_a_room_that_is_lost_is_a_task_until_there_is_another(both: Branches) -> None:
    cohort = announced(both)
    take_away(both, both.now(cohort), 0)
    both.exchange()
    room = both.rooms(cohort)[0]
    assert room is not None
    assert (room.status, room.reason) == ("lost", "Burst pipe")
    assert {each["kind"] for each in room.alternatives} >= {"other_time", "other_space"}
    assert both.statuses(cohort) == ["lost", "granted"]
    assert open_tasks(both) == [TaskKind.ROOMS_LOST]
    task = both.app.tasks.page()[0]
    assert task.session_ids == (cohort.sessions[0].id,)
    assert [each["type"] for each in events_of(both.app, task.id)] == ["trainings.task.opened"]
    # Nothing is taken again by itself; a person asks.
    now = both.now(cohort)
    command = ActOnCohort(now.id, now.version)
    cohorts.request_rooms_again(both.app, call(RAQQA_DESK), command)
    both.exchange()
    assert both.statuses(cohort) == ["granted", "granted"]
    assert open_tasks(both) == []
    both.check_agreement(cohort)


def test_a_closure_takes_rooms_away(both: Branches) -> None:
    cohort = announced(both, in_room(7))
    times = in_room(7, (8, 18))
    period = Period(from_wire(times["starts_at"]), from_wire(times["ends_at"]))
    closure = closures.close(both.bookings, period=period)
    version = closures.seen(both.bookings, closure["id"])["version"]
    resolve_closure(
        both.bookings,
        call(RAQQA_DESK),
        ResolveClosure(id=closure["id"], expected_version=version, action="cancel"),
    )
    let_worker_work(both.bookings)
    both.exchange()
    assert both.statuses(cohort) == ["lost"]
    room = both.rooms(cohort)[0]
    assert room is not None
    assert room.reason == "صيانة الكهرباء"
    assert room.alternatives
    assert both.held() == []
    assert open_tasks(both) == [TaskKind.ROOMS_LOST]


def test_a_cancelled_cohort_gives_all_rooms_back(both: Branches) -> None:
    cohort = announced(both)
    take_away(both, both.now(cohort), 0)
    both.exchange()
    assert len(both.held()) == 1
    now = both.now(cohort)
    command = CancelCohort(now.id, now.version, {"ar": "سبب"})
    cohorts.cancel_cohort(both.app, call(RAQQA_DESK), command)
    both.exchange()
    assert both.held() == []
    assert both.request(cohort) is None
    assert open_tasks(both) == []


def test_a_session_that_is_removed_gives_its_room_back(both: Branches) -> None:
    cohort = both.prepare()
    both.remove(cohort, 0)
    both.exchange()
    assert len(both.held()) == 1
    both.check_agreement(cohort)
    both.remove(both.now(cohort), 0)
    both.exchange()
    assert both.held() == []
    both.add(both.now(cohort), **in_room(9))
    both.exchange()
    assert both.statuses(cohort) == ["granted"]


# -- messages --------------------------------------------------------------------------------------


def test_answers_that_come_twice_late_and_out_of_order_change_nothing(both: Branches) -> None:
    cohort = announced(both)
    both.move_to(cohort, 0, 9, (10, 12))
    both.exchange()
    take_away(both, both.now(cohort), 0)
    both.exchange()
    before = both.now(cohort), both.rooms(cohort), both.app.tasks.page()
    for event in [*reversed(answers(both.bookings)), *answers(both.bookings)]:
        apply_room_answer(both.app, event)
    assert (both.now(cohort), both.rooms(cohort), both.app.tasks.page()) == before


def test_the_loss_may_come_before_the_grant(both: Branches) -> None:
    cohort = announced(both)
    both.move_to(cohort, 0, 9, (10, 12))
    both.deliver_requests()
    granted = answers(both.bookings)[-1]
    place = granted.data["places"][0]
    now = both.bookings.bookings.get(place["booking_id"])
    command = CancelBooking(now.id, now.version, "Burst pipe")
    booking_operations.cancel(both.bookings, call(RAQQA_DESK), command)
    for event in reversed(answers(both.bookings)):
        apply_room_answer(both.app, event)
        both.heard.add(event.id)
    both.exchange()
    assert sorted(both.statuses(cohort)) in (["granted", "lost"], ["granted", "refused"])
    both.check_agreement(cohort)
    assert open_tasks(both) != []


def test_silence_is_a_task_and_the_same_is_asked_again(both: Branches) -> None:
    cohort = prepare(both.app, sessions=[in_room(7)])
    for pause in (timedelta(minutes=2), timedelta(minutes=15)):
        both.app.clock.advance(pause)  # type: ignore[attr-defined]
        run_due_deadlines(both.app)
    first, *again = both.requests()
    assert len(again) == 2
    assert all(each.data == first.data for each in again)
    assert open_tasks(both) == [TaskKind.ROOMS_UNANSWERED]
    both.exchange()
    assert both.statuses(cohort) == ["granted"]
    assert open_tasks(both) == []
    assert len(both.held()) == 1
    due = both.app.database.collection("deadlines").find_one({"kind": REPEAT_REQUEST})
    assert due is not None


def test_staff_close_a_task_by_hand(both: Branches) -> None:
    cohort = announced(both)
    take_away(both, both.now(cohort), 0)
    both.exchange()
    task = both.app.tasks.page()[0]
    with pytest.raises(errors.Forbidden):
        tasks.close_task(both.app, call(TABQA_DESK), CloseTask(task.id, task.version))
    closed = tasks.close_task(both.app, call(RAQQA_DESK), CloseTask(task.id, task.version))
    assert (closed.open, closed.closed_by) == (False, RAQQA_DESK.id)
    assert open_tasks(both) == []


# -- who sees what ---------------------------------------------------------------------------------


def test_visitors_see_a_room_that_is_held_and_nothing_else(both: Branches) -> None:
    cohort = announced(both)
    take_away(both, both.now(cohort), 0)
    both.exchange()

    def seen(who: Caller) -> list[Any]:
        now = cohorts.get_cohort(both.app, call(who), cohort.id)
        shown = to_wire(cohorts.show_cohorts(both.app, call(who), [now])[0])
        return [each["room"] for each in shown["sessions"]]

    lost, held = seen(RAQQA_DESK)
    assert (lost["status"], lost["reason"]) == ("lost", "Burst pipe")
    assert seen(VISITOR)[0] is None
    assert seen(VISITOR)[1]["space"] == held["space"]
    assert SYSTEM.id not in str(seen(VISITOR))


def test_the_same_key_shows_the_rooms_as_they_are_now(both: Branches) -> None:
    command = create_cohort(cohort_request(both.app, sessions=[in_room(7)]))
    first = cohorts.create_cohort(both.app, call(RAQQA_DESK, "one"), command)
    both.exchange()
    again = cohorts.create_cohort(both.app, call(RAQQA_DESK, "one"), command)
    assert again == both.now(first)
    assert again.version > first.version
    assert len(both.held()) == 1
