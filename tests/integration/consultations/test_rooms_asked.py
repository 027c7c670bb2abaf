"""Rooms of appointments over the real broker: consultations and bookings as they run, each a user
of its own, and any process of them killed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from deploy.local import rabbitmq
from services.bookings.app import App as Bookings
from services.bookings.app import build as build_bookings
from services.bookings.domain.booking_states import Status as BookingStatus
from services.bookings.operations import bookings as booking_operations
from services.bookings.schemas.bookings import CancelBooking
from services.common.config import Settings
from services.common.contracts.rooms import RoomStanding
from services.common.events.envelope import CloudEvent
from services.common.ids import new_id
from services.consultations.app import App, build
from services.consultations.domain.appointments import Appointment
from services.consultations.domain.cases import Case
from services.consultations.domain.centres import Centre
from tests.integration.bookings.test_rooms_asked import publish
from tests.support.adviser_calendars import (
    WithBookings,
    agree,
    at,
    cancel,
    make_adviser,
    move,
    open_case,
)
from tests.support.awaiting import until
from tests.support.bookings import RAQQA_DESK, call, raqqa, space
from tests.support.consultations import put_organisations, seed_kinds
from tests.support.echoing import Running, Wire
from tests.support.mongo import drop_databases
from tests.support.rooms import ask_again
from tests.support.stack import Server

QUEUE = "consultations.rooms.events.v1"
PARKED = f"{QUEUE}.parked"
PROCESSES = (
    "bookings-service",
    "bookings-worker",
    "consultations-service",
    "consultations-worker",
)


def day(number: int = 0) -> int:
    """A working day that is far away, as `at` counts: the Monday after next, or so many after."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    monday = today + timedelta(days=14 - today.weekday() + 7 * (number // 4) + number % 4)
    return (monday.date() - at("00:00").date()).days - (at("00:00").hour > 12)


@dataclass
class System:
    """Both branches as processes, and their databases."""

    folder: Path
    server: Server
    environment: dict[str, str]
    both: WithBookings
    case: Case
    wire: Wire
    processes: dict[str, Running]
    requests: dict[str, str] = field(default_factory=dict)

    @property
    def app(self) -> App:
        return self.both.app

    def uri(self, user: str) -> str:
        return rabbitmq.uri(self.server.stack.settings, user)

    def start(self, name: str) -> None:
        branch, _, command = name.partition("-")
        self.processes[name] = Running(
            self.folder, self.uri(branch), f"services.{branch}", command, **self.environment
        )

    def kill(self, name: str) -> None:
        self.processes[name].close()

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

    def held(self, one: Appointment) -> list[str]:
        """Ids of what bookings holds for an appointment; also after its request is over."""
        request = self.app.rooms.of(one.id)
        if request is not None:
            self.requests[one.id] = request.id
        asked = f"consultations:{self.requests[one.id]}"
        found = self.both.bookings.bookings.find(visible=None, filters={}, after=None, limit=100)
        return [
            each.id
            for each in found
            if each.status is BookingStatus.CONFIRMED
            and each.own_use is not None
            and each.own_use.request == asked
        ]

    def ask_again(self) -> None:
        ask_again(self.app.database)


@pytest.fixture(scope="module")
def system(
    broker: Server, database: Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[System]:
    prefix = f"t{new_id()[-12:]}"
    with ExitStack() as stack:
        settings = Settings("amqp://unused", database.uri, database_prefix=prefix)
        bookings: Bookings = build_bookings(settings)
        stack.callback(bookings.close)
        app = build(settings)
        stack.callback(app.close)
        stack.callback(drop_databases, database.uri, prefix)
        spaces = [space(), space("raqqa-hall", capacity=60)]
        bookings.centres.seed([raqqa()], spaces)
        app.centres.seed([Centre("raqqa", {"ar": "مركز الرقة"}, "Asia/Damascus")])
        seed_kinds(app)
        app.database.transact(partial(put_organisations, app))
        make_adviser(app)
        wire = Wire(broker.uri)
        stack.callback(wire.close)
        queues = (QUEUE, PARKED, "bookings.rooms.events.v1", "consultations.events.v1")
        stack.enter_context(wire.emptied(*queues))
        environment = {"MONGO_URI": database.uri, "DATABASE_PREFIX": prefix}
        folder = tmp_path_factory.mktemp("appointment-rooms")
        both = WithBookings(app, bookings)
        found = System(folder, broker, environment, both, open_case(app), wire, {})
        for name in PROCESSES:
            found.start(name)
        stack.callback(lambda: [each.close() for each in found.processes.values()])
        for process in found.processes.values():
            process.await_ready(60)
        yield found


def test_an_appointment_has_its_room_moves_loses_it_and_gives_back_nothing_twice(
    system: System,
) -> None:
    made = system.await_room(system.agree("10:00", 0), "granted")
    move(system.app, made, "13:00", day(0))
    moved = system.await_start(made, "13:00", 0)
    [booking_id] = system.held(moved)
    booking = system.both.bookings.bookings.get(booking_id)
    command = CancelBooking(booking.id, booking.version, "Burst pipe")
    booking_operations.cancel(system.both.bookings, call(RAQQA_DESK), command)
    lost = system.await_room(moved, "lost")
    assert len(system.app.tasks.page({"open": True, "what": "room_lost"})) == 1
    other = system.await_room(system.agree("10:00", 0), "granted")
    assert len(system.held(other)) == 1
    cancel(system.app, lost)
    cancel(system.app, other)
    until(lambda: system.held(other), "rooms given back", 40, enough=lambda held: held == [])
    assert system.held(lost) == []
    assert system.wire.depth(PARKED) == 0


@pytest.mark.parametrize("name", PROCESSES)
def test_whichever_process_is_killed_rooms_and_times_agree(system: System, name: str) -> None:
    """Killed while rooms are requested, moved and given back, each appointment holds just what it
    says."""
    number = 1 + list(PROCESSES).index(name)
    made = []
    for place, clock in enumerate(("09:00", "10:30", "13:00")):
        made.append(system.agree(clock, number))
        if place == 1:
            system.kill(name)
    system.start(name)
    system.ask_again()
    made = [system.await_room(each, "granted") for each in made]
    for place, (one, clock) in enumerate(zip(made[1:], ("14:30", "10:30"), strict=True)):
        move(system.app, one, clock, day(number))
        if place == 0:
            system.kill(name)
            system.start(name)
        system.ask_again()
        system.await_start(one, clock, number)
    for one in made:
        system.await_room(one, "granted")
        assert len(system.held(one)) == 1
    gone = system.both.now(made[0])
    system.kill(name)
    cancel(system.app, gone)
    system.start(name)
    system.ask_again()
    until(lambda: system.held(gone), "the room given back", 40, enough=lambda held: held == [])
    request = system.app.rooms.of(made[1].id)
    assert request is not None
    assert request.answer is not None
    assert system.held(made[1]) == [each.booking_id for each in request.answer.places]
    assert system.wire.depth(PARKED) == 0


def answer(system: System, one: Appointment) -> CloudEvent:
    """An answer that says that the appointment has lost its room, as bookings would publish it."""
    request = system.app.rooms.of(one.id)
    assert request is not None
    data = {
        "requester": "consultations",
        "request_id": request.id,
        "request_version": request.request_version,
        "places": [],
        "code": None,
        "problems": [],
        "reason": "Forged",
    }
    assert RoomStanding().validate(data) == {}
    return CloudEvent(
        id=new_id(),
        source="/masaha/bookings",
        type="bookings.room.lost",
        subject=new_id(),
        time=datetime.now(UTC),
        dataschema="/schemas/bookings.room.lost/1",
        data=data,
        aggregate_version=1_000,
        actor_kind="system",
    )


@pytest.mark.parametrize(("user", "as_user"), [("masaha", "masaha"), ("masaha", None)])
def test_an_answer_is_believed_from_bookings_alone(
    system: System, user: str, as_user: str | None
) -> None:
    made = system.await_room(system.agree("10:00", 5 if as_user else 6), "granted")
    parked = system.wire.depth(PARKED)
    publish(system.uri(user), answer(system, made), as_user)
    system.wire.await_depth(PARKED, parked + 1)
    assert system.status(made) == "granted"
    system.wire.channel.queue_purge(PARKED)
