"""Rooms of appointments over the real broker: consultations and bookings as they run, each a user
of its own, and any process of them killed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

import pytest

from services.consultations.app import App, build
from services.consultations.domain.appointments import Appointment
from services.consultations.domain.cases import Case
from services.consultations.domain.centres import Centre
from tests.support.adviser_calendars import (
    WithBookings,
    agree,
    at,
    cancel,
    make_adviser,
    move,
    open_case,
)
from tests.support.asked_rooms import (
    RoomProcesses,
    commands_of,
    monday,
    room_processes,
    start_all,
)
from tests.support.awaiting import until
from tests.support.consultations import put_organisations, seed_kinds
from tests.support.stack import Server

PROCESSES = commands_of("consultations")


def day(number: int = 0) -> int:
    """A working day that is far away, as `at` counts: the Monday after next, or so many after."""
    wanted = monday() + timedelta(days=7 * (number // 4) + number % 4)
    return (wanted.date() - at("00:00").date()).days - (at("00:00").hour > 12)


@dataclass
class System:
    """Both branches as processes, and their databases."""

    processes: RoomProcesses
    both: WithBookings
    case: Case
    requests: dict[str, str] = field(default_factory=dict)

    @property
    def app(self) -> App:
        return self.both.app

    def agree(self, clock: str, number: int) -> Appointment:
        return agree(self.app, self.case, clock, day(number), mode="at_centre")

    def status(self, one: Appointment) -> str | None:
        room = self.both.room(one)
        return None if room is None else room.status.value

    def await_room(self, one: Appointment, status: str) -> Appointment:
        until(
            lambda: self.status(one),
            f"the room of {one.id}: {status}",
            40,
            enough=lambda seen: seen == status,
        )
        return self.both.now(one)

    def await_start(self, one: Appointment, clock: str, number: int) -> Appointment:
        until(
            lambda: self.both.now(one).period.starts_at,
            f"{one.id} at {clock}",
            40,
            enough=lambda seen: seen == at(clock, day(number)),
        )
        return self.both.now(one)

    def held(self, one: Appointment) -> set[str]:
        """Ids of what bookings holds for an appointment; also after its request is over."""
        request = self.app.rooms.of(one.id)
        if request is not None:
            self.requests[one.id] = request.id
        return self.processes.held(self.requests[one.id])


@pytest.fixture(scope="module")
def system(
    broker: Server, database: Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[System]:
    folder = tmp_path_factory.mktemp("appointment-rooms")
    with ExitStack() as stack:
        processes = stack.enter_context(room_processes("consultations", broker, database, folder))
        app = build(processes.settings)
        stack.callback(app.close)
        app.centres.seed([Centre("raqqa", {"ar": "مركز الرقة"}, "Asia/Damascus")])
        seed_kinds(app)
        app.database.transact(partial(put_organisations, app))
        make_adviser(app)
        start_all(processes)
        yield System(processes, WithBookings(app, processes.bookings), open_case(app))


def test_an_appointment_has_its_room_moves_loses_it_and_gives_back_nothing_twice(
    system: System,
) -> None:
    made = system.await_room(system.agree("10:00", 0), "granted")
    move(system.app, made, "13:00", day(0))
    moved = system.await_start(made, "13:00", 0)
    [booking_id] = system.held(moved)
    system.processes.cancel(booking_id)
    lost = system.await_room(moved, "lost")
    assert len(system.app.tasks.page({"open": True, "what": "room_lost"})) == 1
    other = system.await_room(system.agree("10:00", 0), "granted")
    assert len(system.held(other)) == 1
    cancel(system.app, lost)
    cancel(system.app, other)
    until(lambda: system.held(other), "rooms given back", 40, enough=lambda held: held == set())
    assert system.held(lost) == set()
    assert system.processes.parked == 0


@pytest.mark.parametrize("name", PROCESSES)
def test_whichever_process_is_killed_rooms_and_times_agree(system: System, name: str) -> None:
    """Killed while rooms are requested, moved and given back, each appointment holds just what it
    says."""
    number = 1 + list(PROCESSES).index(name)
    made = []
    for place, clock in enumerate(("09:00", "10:30", "13:00")):
        made.append(system.agree(clock, number))
        if place == 1:
            system.processes.kill(name)
    system.processes.start(name)
    system.processes.ask_again(system.app.database)
    made = [system.await_room(each, "granted") for each in made]
    for place, (one, clock) in enumerate(zip(made[1:], ("14:30", "10:30"), strict=True)):
        move(system.app, one, clock, day(number))
        if place == 0:
            system.processes.kill(name)
            system.processes.start(name)
        system.processes.ask_again(system.app.database)
        system.await_start(one, clock, number)
    for one in made:
        system.await_room(one, "granted")
        assert len(system.held(one)) == 1
    gone = system.both.now(made[0])
    system.processes.kill(name)
    cancel(system.app, gone)
    system.processes.start(name)
    system.processes.ask_again(system.app.database)
    until(lambda: system.held(gone), "the room given back", 40, enough=lambda held: held == set())
    request = system.app.rooms.of(made[1].id)
    assert request is not None
    assert request.answer is not None
    assert system.held(made[1]) == {each.booking_id for each in request.answer.places}
    assert system.processes.parked == 0


@pytest.mark.parametrize(("user", "as_user"), [("masaha", "masaha"), ("masaha", None)])
def test_an_answer_is_believed_from_bookings_alone(
    system: System, user: str, as_user: str | None
) -> None:
    made = system.await_room(system.agree("10:00", 5 if as_user else 6), "granted")
    system.processes.forge_loss(system.app.rooms.of(made.id), user, as_user)
    assert system.status(made) == "granted"
