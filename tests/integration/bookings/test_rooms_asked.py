"""Rooms by request over the real broker: two branches, each a user of its own, as they run."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from amqp import Message
from kombu import Connection

from deploy.local import rabbitmq
from services.bookings.app import App, build
from services.bookings.domain.booking import Booking
from services.bookings.domain.booking_states import Status as BookingStatus
from services.bookings.operations import bookings
from services.bookings.schemas.bookings import CancelBooking
from services.common.clock import SystemClock
from services.common.config import Settings
from services.common.context import Call
from services.common.contracts.rooms import room_requested
from services.common.events.envelope import CloudEvent
from services.common.ids import new_id
from services.common.messaging import topology as names
from services.common.rooms.requests import Item, RoomRequest, Status
from services.common.rooms.wire import requested_data
from services.common.storage.mongo import Database
from tests.support.awaiting import until
from tests.support.bookings import RAQQA_DESK, raqqa, space
from tests.support.echoing import Running, Wire
from tests.support.mongo import drop_databases
from tests.support.rooms import LABEL, Requester, answers, ask_again
from tests.support.stack import Server

QUEUE = "bookings.rooms.events.v1"
PARKED = f"{QUEUE}.parked"
PROCESSES = {
    "bookings-service": ("services.bookings", "service", "bookings"),
    "bookings-worker": ("services.bookings", "worker", "bookings"),
    "trainings-service": ("tests.support.requester", "service", "trainings"),
    "trainings-worker": ("tests.support.requester", "worker", "trainings"),
}


def monday() -> datetime:
    """Midnight (UTC) of the Monday after next, so that a day before is far away."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today + timedelta(days=14 - today.weekday())


def at(name: str, hour: int, day: int = 0, **values: Any) -> Item:
    """An hour of a working day, by the clock of Damascus (UTC+3)."""
    starts_at = monday() + timedelta(days=day, hours=hour - 3)
    ends_at = starts_at + timedelta(hours=1)
    return Item(name, "raqqa", starts_at, ends_at, people=8, **values)


@dataclass
class System:
    """Both branches, and what can be done with them."""

    folder: Path
    server: Server
    environment: dict[str, str]
    app: App
    branch: Requester
    wire: Wire
    processes: dict[str, Running]

    def uri(self, user: str) -> str:
        return rabbitmq.uri(self.server.stack.settings, user)

    def start(self, name: str) -> None:
        package, command, user = PROCESSES[name]
        self.processes[name] = Running(
            self.folder, self.uri(user), package, command, **self.environment
        )

    def kill(self, name: str) -> None:
        self.processes[name].close()

    def await_status(self, subject: str, status: Status, seconds: float = 40) -> RoomRequest:
        until(
            lambda: self.branch.status(subject),
            f"{subject} {status}",
            seconds,
            enough=lambda seen: seen is status,
        )
        return self.branch.request(subject)

    def held(self, subject: str) -> list[Booking]:
        """What bookings holds for a request."""
        row_id = f"trainings:{self.branch.request(subject).id}"
        found = self.app.bookings.find(
            visible=None, filters={"own_use.request": row_id}, after=None, limit=100
        )
        return [each for each in found if each.status is BookingStatus.CONFIRMED]

    def ask_again(self) -> None:
        ask_again(self.branch.database)


@pytest.fixture(scope="module")
def system(
    broker: Server, database: Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[System]:
    prefix = f"t{new_id()[-12:]}"
    with ExitStack() as stack:
        settings = Settings("amqp://unused", database.uri, database_prefix=prefix)
        app = build(settings)
        stack.callback(app.close)
        branch = Requester(Database(database.uri, settings.database("trainings")), SystemClock())
        stack.callback(branch.close)
        stack.callback(drop_databases, database.uri, prefix)
        app.centres.seed([raqqa()], [space(), space("raqqa-hall", capacity=60)])
        wire = Wire(broker.uri)
        stack.callback(wire.close)
        stack.enter_context(wire.emptied(QUEUE, PARKED, "trainings.events.v1"))
        environment = {"MONGO_URI": database.uri, "DATABASE_PREFIX": prefix}
        folder = tmp_path_factory.mktemp("rooms")
        found = System(folder, broker, environment, app, branch, wire, {})
        for name in PROCESSES:
            found.start(name)
        stack.callback(lambda: [each.close() for each in found.processes.values()])
        for process in found.processes.values():
            process.await_ready(60)
        yield found


def test_rooms_are_asked_for_granted_moved_lost_and_given_back(system: System) -> None:
    branch = system.branch
    branch.want(at("one", 9), at("two", 10), subject="course")
    before = system.await_status("course", Status.GRANTED)
    branch.want(at("one", 9), at("two", 11), subject="course")
    after = system.await_status("course", Status.GRANTED)
    assert before.place_of("one") == after.place_of("one")
    assert {each.period.starts_at for each in system.held("course")} == {
        at("one", 9).starts_at,
        at("two", 11).starts_at,
    }
    place = after.place_of("one")
    assert place is not None
    cancel(system, place.booking_id, "Burst pipe")
    lost = system.await_status("course", Status.LOST)
    assert lost.answer is not None
    assert lost.answer.reason == "Burst pipe"
    branch.release("course")
    until(
        lambda: answers_of(system, lost)[-1:],
        "an answer to the release",
        enough=lambda found: [each.type for each in found] == ["bookings.room.freed"],
    )


def test_a_refusal_arrives_with_alternatives(system: System) -> None:
    system.branch.want(at("one", 14, space_id="raqqa-meeting"), subject="first")
    system.await_status("first", Status.GRANTED)
    system.branch.want(at("one", 14, space_id="raqqa-meeting"), subject="second")
    answer = system.await_status("second", Status.REFUSED).answer
    assert answer is not None
    assert answer.code == "bookings.space_taken"
    assert {each["kind"] for each in answer.problems[0]["alternatives"]} == {
        "other_time",
        "other_space",
    }


@pytest.mark.parametrize("name", PROCESSES)
def test_whichever_process_is_killed_the_request_is_booked_once(system: System, name: str) -> None:
    """Killed while requests are under way, each holds just what its newest version says."""
    day = 7 + list(PROCESSES).index(name)
    subjects = [f"{name}-{hour}" for hour in range(9, 15)]
    for hour, subject in enumerate(subjects, 9):
        system.branch.want(at("one", hour, day), subject=subject)
        if hour == 11:
            system.kill(name)
    system.start(name)
    for hour, subject in enumerate(subjects, 9):
        system.branch.want(at("one", hour, day), at("two", hour, day), subject=subject)
        if hour == 12:
            system.kill(name)
            system.start(name)
    system.ask_again()
    for subject in subjects:
        request = system.await_status(subject, Status.GRANTED)
        assert request.answer is not None
        held = system.held(subject)
        assert {each.id for each in held} == {each.booking_id for each in request.answer.places}
        assert len(held) == 2
        system.branch.release(subject)
    assert system.wire.depth(PARKED) == 0


# -- trust -----------------------------------------------------------------------------------------


def event(**values: Any) -> CloudEvent:
    """A request as trainings publishes it."""
    request = RoomRequest(new_id(), "x", LABEL, (at("one", 16),))
    return replace(
        CloudEvent(
            id=new_id(),
            source="/masaha/trainings",
            type="trainings.room.requested",
            subject=request.id,
            time=datetime.now(UTC),
            dataschema=room_requested("trainings").dataschema,
            data=requested_data(request),
            aggregate_version=1,
            actor_kind="system",
        ),
        **values,
    )


def publish(
    uri: str, told: CloudEvent, user: str | None, key: str | None = None, **headers: Any
) -> None:
    """Publish an event in a user's name, or in nobody's; with headers, to the queue itself."""
    named = {} if user is None else {"user_id": user}
    message = Message(
        told.encode(),
        content_type="application/cloudevents+json",
        content_encoding="utf-8",
        application_headers=headers,
        message_id=told.id,
        delivery_mode=2,
        **named,
    )
    exchange, routing_key = ("", QUEUE) if headers else (names.EVENTS.name, key or told.type)
    with Connection(uri, transport_options={"confirm_publish": True}) as connection:
        connection.channel().basic_publish_confirm(message, exchange, routing_key)


def is_known(system: System, told: CloudEvent) -> bool:
    return system.app.room_requests.look_up(f"trainings:{told.subject}") is not None


@pytest.mark.parametrize(
    ("user", "as_user", "values", "headers"),
    [
        ("masaha", "masaha", {}, {}),
        ("masaha", None, {}, {}),
        ("trainings", None, {}, {}),
        ("trainings", "trainings", {"source": "/masaha/consultations"}, {}),
        ("trainings", "trainings", {"type": "consultations.room.requested"}, {}),
        # The header is believed from bookings itself alone.
        ("masaha", "masaha", {}, {names.PUBLISHER: "trainings"}),
        ("masaha", None, {}, {names.PUBLISHER: "trainings"}),
    ],
)
def test_what_is_not_by_the_branch_that_it_names_is_parked(
    system: System,
    user: str,
    as_user: str | None,
    values: dict[str, Any],
    headers: dict[str, Any],
) -> None:
    told = event(**values)
    if headers:
        headers = {**headers, names.ROUTING_KEY: told.type}
    parked = system.wire.depth(PARKED)
    publish(system.uri(user), told, as_user, "trainings.room.requested", **headers)
    system.wire.await_depth(PARKED, parked + 1)
    assert not is_known(system, told)
    system.wire.channel.queue_purge(PARKED)


def test_a_parked_request_is_replayed_as_its_consumer(system: System) -> None:
    told = event()
    rows = system.app.database.collection("room_requests")
    row_id = f"trainings:{told.subject}"
    last = {names.PUBLISHER: "trainings", names.ROUTING_KEY: told.type, names.ATTEMPT: 99}
    rows.insert_one({"_id": row_id, "damaged": True})
    publish(system.uri("bookings"), told, "bookings", **last)
    system.wire.await_depth(PARKED, 1)
    rows.delete_one({"_id": row_id})
    command = [sys.executable, "-m", "services.common.messaging.parking"]
    subprocess.run(
        [*command, "replay", QUEUE, "--all"],
        env={**os.environ, "AMQP_URI": system.uri("bookings")},
        check=True,
        timeout=30,
    )
    until(lambda: is_known(system, told), "the request", 20, enough=bool)
    assert system.wire.depth(PARKED) == 0


def test_a_request_that_had_to_wait_is_still_its_requesters(system: System) -> None:
    """It comes again in the name of bookings, by way of a delay queue."""
    told = event()
    rows = system.app.database.collection("room_requests")
    row_id = f"trainings:{told.subject}"
    rows.insert_one({"_id": row_id, "damaged": True})
    publish(system.uri("trainings"), told, "trainings")
    system.processes["bookings-service"].await_log('"event.delayed"')
    rows.delete_one({"_id": row_id})
    until(lambda: is_known(system, told), "the request", 20, enough=bool)
    assert system.wire.depth(PARKED) == 0


def cancel(system: System, booking_id: str, reason: str) -> None:
    now = system.app.bookings.get(booking_id)
    call = Call(RAQQA_DESK, idempotency_key=new_id())
    bookings.cancel(system.app, call, CancelBooking(now.id, now.version, reason))


def answers_of(system: System, request: RoomRequest) -> list[CloudEvent]:
    """What bookings has answered to a request, as far as it was not sent yet or is in its log."""
    logged = system.app.database.collection("event_log").find({}).sort("_id", 1)
    told = [CloudEvent.from_wire(each["event"]) for each in logged] + answers(system.app)
    return [each for each in told if each.data.get("request_id") == request.id]
