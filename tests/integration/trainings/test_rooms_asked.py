"""Rooms of cohorts over the real broker: trainings and bookings as they run, each a user of its
own, and any process of them killed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from deploy.local import rabbitmq
from services.bookings.app import App as Bookings
from services.bookings.app import build as build_bookings
from services.bookings.operations import bookings as booking_operations
from services.bookings.schemas.bookings import CancelBooking
from services.common.clock import to_wire
from services.common.config import Settings
from services.common.contracts.rooms import RoomStanding
from services.common.events.envelope import CloudEvent
from services.common.ids import new_id
from services.trainings.app import App, build
from services.trainings.domain.catalogue import Topic
from services.trainings.domain.centres import Centre
from services.trainings.domain.cohorts import Cohort
from services.trainings.operations import cohorts
from services.trainings.schemas.cohorts import CancelCohort
from tests.integration.bookings.test_rooms_asked import publish
from tests.support.awaiting import until
from tests.support.bookings import RAQQA_DESK, call, raqqa, space
from tests.support.cohort_rooms import Branches
from tests.support.echoing import Running, Wire
from tests.support.mongo import drop_databases
from tests.support.rooms import ask_again
from tests.support.stack import Server
from tests.support.trainings import prepare

QUEUE = "trainings.rooms.events.v1"
PARKED = f"{QUEUE}.parked"
PROCESSES = ("bookings-service", "bookings-worker", "trainings-service", "trainings-worker")


def monday() -> datetime:
    """Midnight (UTC) of the Monday after next, so that a day before is far away."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today + timedelta(days=14 - today.weekday())


def hour(of_day: int, day: int = 0) -> dict[str, Any]:
    """An hour in the meeting room, by the clock of Damascus (UTC+3)."""
    starts_at = monday() + timedelta(days=day, hours=of_day - 3)
    return {
        "starts_at": to_wire(starts_at),
        "ends_at": to_wire(starts_at + timedelta(hours=1)),
        "space_id": "raqqa-meeting",
    }


@dataclass
class System:
    """Both branches as processes, and their databases."""

    folder: Path
    server: Server
    environment: dict[str, str]
    branches: Branches
    wire: Wire
    processes: dict[str, Running]

    @property
    def app(self) -> App:
        return self.branches.app

    def uri(self, user: str) -> str:
        return rabbitmq.uri(self.server.stack.settings, user)

    def start(self, name: str) -> None:
        branch, _, command = name.partition("-")
        self.processes[name] = Running(
            self.folder, self.uri(branch), f"services.{branch}", command, **self.environment
        )

    def kill(self, name: str) -> None:
        self.processes[name].close()

    def await_rooms(self, cohort: Cohort, *statuses: str, seconds: float = 40) -> Cohort:
        until(
            lambda: self.branches.statuses(cohort),
            f"{cohort.id}: {statuses}",
            seconds,
            enough=lambda seen: seen == list(statuses),
        )
        return self.branches.now(cohort)

    def held(self, cohort: Cohort) -> set[str]:
        """Ids of what bookings holds for a cohort."""
        request = self.branches.request(cohort)
        assert request is not None
        rows = (each for each in self.branches.held() if each.own_use is not None)
        found = f"trainings:{request.id}"
        return {each.id for each in rows if each.own_use and each.own_use.request == found}

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
        bookings.centres.seed([raqqa()], [space(), space("raqqa-hall", capacity=60)])
        app.centres.seed([Centre("raqqa", {"ar": "مركز الرقة"}, "Asia/Damascus")])
        app.topics.seed([Topic("project-management", {"ar": "إدارة المشاريع"})])
        wire = Wire(broker.uri)
        stack.callback(wire.close)
        queues = (QUEUE, PARKED, "bookings.rooms.events.v1", "trainings.events.v1")
        stack.enter_context(wire.emptied(*queues))
        environment = {"MONGO_URI": database.uri, "DATABASE_PREFIX": prefix}
        folder = tmp_path_factory.mktemp("cohort-rooms")
        found = System(folder, broker, environment, Branches(app, bookings), wire, {})
        for name in PROCESSES:
            found.start(name)
        stack.callback(lambda: [each.close() for each in found.processes.values()])
        for process in found.processes.values():
            process.await_ready(60)
        yield found


def test_a_cohort_has_its_rooms_moves_loses_one_and_gives_them_back(system: System) -> None:
    branches = system.branches
    cohort = prepare(system.app, sessions=[hour(9), hour(10)])
    cohort = branches.announce(system.await_rooms(cohort, "granted", "granted"))
    session_id = cohort.sessions[1].id
    later = hour(12)
    branches.move(cohort, 1, starts_at=later["starts_at"], ends_at=later["ends_at"])

    def moved() -> str:
        found = branches.now(cohort).session(session_id)
        assert found is not None
        return to_wire(found.starts_at)

    until(moved, "the session moves", 40, enough=lambda seen: seen == later["starts_at"])
    cohort = system.await_rooms(cohort, "granted", "granted")
    request = branches.request(cohort)
    assert request is not None
    place = request.place_of(session_id)
    assert place is not None
    booking = branches.bookings.bookings.get(place.booking_id)
    command = CancelBooking(booking.id, booking.version, "Burst pipe")
    booking_operations.cancel(branches.bookings, call(RAQQA_DESK), command)
    cohort = system.await_rooms(cohort, "granted", "lost")
    assert [each.what for each in system.app.tasks.page()] == ["rooms_lost"]
    cancellation = CancelCohort(cohort.id, cohort.version, {"ar": "سبب"})
    cohorts.cancel_cohort(system.app, call(RAQQA_DESK), cancellation)
    until(branches.held, "rooms given back", 40, enough=lambda held: held == [])
    assert system.wire.depth(PARKED) == 0


@pytest.mark.parametrize("name", PROCESSES)
def test_whichever_process_is_killed_rooms_and_times_agree(system: System, name: str) -> None:
    """Killed while rooms are requested and moved, each cohort holds just what its sessions say."""
    branches = system.branches
    day = 7 + list(PROCESSES).index(name)
    made = []
    for number, of_day in enumerate((9, 11, 13)):
        made.append(prepare(system.app, sessions=[hour(of_day, day)]))
        if number == 1:
            system.kill(name)
    system.start(name)
    system.ask_again()
    made = [branches.announce(system.await_rooms(each, "granted")) for each in made]
    for number, cohort in enumerate(made):
        later = hour(10 + 2 * number, day)
        branches.move(cohort, 0, starts_at=later["starts_at"], ends_at=later["ends_at"])
        if number == 1:
            system.kill(name)
            system.start(name)
    system.ask_again()
    for number, cohort in enumerate(made):
        after = system.await_rooms(cohort, "granted")
        assert to_wire(after.sessions[0].starts_at) == hour(10 + 2 * number, day)["starts_at"]
        request = branches.request(cohort)
        assert request is not None
        assert request.answer is not None
        assert system.held(cohort) == {each.booking_id for each in request.answer.places}
        assert len(system.held(cohort)) == 1
    assert system.wire.depth(PARKED) == 0


def answer(system: System, cohort: Cohort) -> CloudEvent:
    """An answer that says that the cohort has lost all its rooms, as bookings would publish it."""
    request = system.branches.request(cohort)
    assert request is not None
    data = {
        "requester": "trainings",
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
    branches = system.branches
    cohort = prepare(system.app, sessions=[hour(9, 14 if as_user else 15)])
    system.await_rooms(cohort, "granted")
    parked = system.wire.depth(PARKED)
    publish(system.uri(user), answer(system, cohort), as_user)
    system.wire.await_depth(PARKED, parked + 1)
    assert branches.statuses(cohort) == ["granted"]
    system.wire.channel.queue_purge(PARKED)
