"""Rooms of cohorts over the real broker: trainings and bookings as they run, each a user of its
own, and any process of them killed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from services.common.clock import to_wire
from services.trainings.app import App, build
from services.trainings.domain.catalogue import Topic
from services.trainings.domain.centres import Centre
from services.trainings.domain.cohorts import Cohort
from services.trainings.operations import cohorts
from services.trainings.schemas.cohorts import CancelCohort
from tests.support.asked_rooms import (
    RoomProcesses,
    commands_of,
    monday,
    room_processes,
    start_all,
)
from tests.support.awaiting import until
from tests.support.bookings import RAQQA_DESK, call
from tests.support.cohort_rooms import Branches
from tests.support.stack import Server
from tests.support.trainings import prepare

PROCESSES = commands_of("trainings")


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

    processes: RoomProcesses
    branches: Branches

    @property
    def app(self) -> App:
        return self.branches.app

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
        return self.processes.held(request.id)


@pytest.fixture(scope="module")
def system(
    broker: Server, database: Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[System]:
    folder = tmp_path_factory.mktemp("cohort-rooms")
    with ExitStack() as stack:
        processes = stack.enter_context(room_processes("trainings", broker, database, folder))
        app = build(processes.settings)
        stack.callback(app.close)
        app.centres.seed([Centre("raqqa", {"ar": "مركز الرقة"}, "Asia/Damascus")])
        app.topics.seed([Topic("project-management", {"ar": "إدارة المشاريع"})])
        start_all(processes)
        yield System(processes, Branches(app, processes.bookings))


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
    system.processes.cancel(place.booking_id)
    cohort = system.await_rooms(cohort, "granted", "lost")
    assert [each.what for each in system.app.tasks.page()] == ["rooms_lost"]
    cancellation = CancelCohort(cohort.id, cohort.version, {"ar": "سبب"})
    cohorts.cancel_cohort(system.app, call(RAQQA_DESK), cancellation)
    until(branches.held, "rooms given back", 40, enough=lambda held: held == [])
    assert system.processes.parked == 0


@pytest.mark.parametrize("name", PROCESSES)
def test_whichever_process_is_killed_rooms_and_times_agree(system: System, name: str) -> None:
    """Killed while rooms are requested and moved, each cohort holds just what its sessions say."""
    branches = system.branches
    day = 7 + list(PROCESSES).index(name)
    made = []
    for number, of_day in enumerate((9, 11, 13)):
        made.append(prepare(system.app, sessions=[hour(of_day, day)]))
        if number == 1:
            system.processes.kill(name)
    system.processes.start(name)
    system.processes.ask_again(system.app.database)
    made = [branches.announce(system.await_rooms(each, "granted")) for each in made]
    for number, cohort in enumerate(made):
        later = hour(10 + 2 * number, day)
        branches.move(cohort, 0, starts_at=later["starts_at"], ends_at=later["ends_at"])
        if number == 1:
            system.processes.kill(name)
            system.processes.start(name)
    system.processes.ask_again(system.app.database)
    for number, cohort in enumerate(made):
        after = system.await_rooms(cohort, "granted")
        assert to_wire(after.sessions[0].starts_at) == hour(10 + 2 * number, day)["starts_at"]
        request = branches.request(cohort)
        assert request is not None
        assert request.answer is not None
        assert system.held(cohort) == {each.booking_id for each in request.answer.places}
        assert len(system.held(cohort)) == 1
    assert system.processes.parked == 0


@pytest.mark.parametrize(("user", "as_user"), [("masaha", "masaha"), ("masaha", None)])
def test_an_answer_is_believed_from_bookings_alone(
    system: System, user: str, as_user: str | None
) -> None:
    branches = system.branches
    cohort = prepare(system.app, sessions=[hour(9, 14 if as_user else 15)])
    system.await_rooms(cohort, "granted")
    system.processes.forge_loss(branches.request(cohort), user, as_user)
    assert branches.statuses(cohort) == ["granted"]
