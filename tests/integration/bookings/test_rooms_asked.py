"""Rooms by request over the real broker: two branches, each a user of its own, as they run."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.bookings.app import App
from services.bookings.domain.booking import Booking
from services.common.clock import SystemClock
from services.common.contracts.rooms import room_requested
from services.common.events.envelope import CloudEvent
from services.common.ids import new_id
from services.common.messaging import topology as names
from services.common.rooms.requests import Item, RoomRequest, Status
from services.common.rooms.wire import requested_data
from services.common.storage.mongo import Database
from tests.support.asked_rooms import (
    REQUESTS,
    RoomProcesses,
    commands_of,
    monday,
    room_processes,
    start_all,
)
from tests.support.awaiting import until
from tests.support.rooms import LABEL, Requester, answers
from tests.support.stack import Server

PROCESSES = commands_of("trainings", "tests.support.requester")


def at(name: str, hour: int, day: int = 0, **values: Any) -> Item:
    """An hour of a working day, by the clock of Damascus (UTC+3)."""
    starts_at = monday() + timedelta(days=day, hours=hour - 3)
    ends_at = starts_at + timedelta(hours=1)
    return Item(name, "raqqa", starts_at, ends_at, people=8, **values)


@dataclass
class System:
    """Both branches, and what can be done with them."""

    processes: RoomProcesses
    branch: Requester

    @property
    def app(self) -> App:
        return self.processes.bookings

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
        found = self.processes.held(self.branch.request(subject).id)
        return [self.app.bookings.get(each) for each in found]


@pytest.fixture(scope="module")
def system(
    broker: Server, database: Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[System]:
    folder = tmp_path_factory.mktemp("rooms")
    package = "tests.support.requester"
    with ExitStack() as stack:
        processes = stack.enter_context(
            room_processes("trainings", broker, database, folder, package=package, queue=REQUESTS)
        )
        theirs = Database(database.uri, processes.settings.database("trainings"))
        branch = Requester(theirs, SystemClock())
        stack.callback(branch.close)
        start_all(processes)
        yield System(processes, branch)


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
    system.processes.cancel(place.booking_id)
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
            system.processes.kill(name)
    system.processes.start(name)
    for hour, subject in enumerate(subjects, 9):
        system.branch.want(at("one", hour, day), at("two", hour, day), subject=subject)
        if hour == 12:
            system.processes.kill(name)
            system.processes.start(name)
    system.processes.ask_again(system.branch.database)
    for subject in subjects:
        request = system.await_status(subject, Status.GRANTED)
        assert request.answer is not None
        held = system.held(subject)
        assert {each.id for each in held} == {each.booking_id for each in request.answer.places}
        assert len(held) == 2
        system.branch.release(subject)
    assert system.processes.parked == 0


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
    with system.processes.one_parked():
        key = "trainings.room.requested"
        system.processes.publish(user, told, as_user, key, **headers)
    assert not is_known(system, told)


def test_a_parked_request_is_replayed_as_its_consumer(system: System) -> None:
    told = event()
    rows = system.app.database.collection("room_requests")
    row_id = f"trainings:{told.subject}"
    last = {names.PUBLISHER: "trainings", names.ROUTING_KEY: told.type, names.ATTEMPT: 99}
    rows.insert_one({"_id": row_id, "damaged": True})
    system.processes.publish("bookings", told, "bookings", **last)
    system.processes.wire.await_depth(f"{REQUESTS}.parked", 1)
    rows.delete_one({"_id": row_id})
    command = [sys.executable, "-m", "services.common.messaging.parking"]
    subprocess.run(
        [*command, "replay", REQUESTS, "--all"],
        env={**os.environ, "AMQP_URI": system.processes.uri("bookings")},
        check=True,
        timeout=30,
    )
    until(lambda: is_known(system, told), "the request", 20, enough=bool)
    assert system.processes.parked == 0


def test_a_request_that_had_to_wait_is_still_its_requesters(system: System) -> None:
    """It comes again in the name of bookings, by way of a delay queue."""
    told = event()
    rows = system.app.database.collection("room_requests")
    row_id = f"trainings:{told.subject}"
    rows.insert_one({"_id": row_id, "damaged": True})
    system.processes.publish("trainings", told, "trainings")
    system.processes.running["bookings-service"].await_log('"event.delayed"')
    rows.delete_one({"_id": row_id})
    until(lambda: is_known(system, told), "the request", 20, enough=bool)
    assert system.processes.parked == 0


def answers_of(system: System, request: RoomRequest) -> list[CloudEvent]:
    """What bookings has answered to a request, as far as it was not sent yet or is in its log."""
    logged = system.app.database.collection("event_log").find({}).sort("_id", 1)
    told = [CloudEvent.from_wire(each["event"]) for each in logged] + answers(system.app)
    return [each for each in told if each.data.get("request_id") == request.id]
