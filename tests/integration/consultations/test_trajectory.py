"""Trajectories: taken in as events arrive, and made anew from the logs to the same hash."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

import pytest

from services.common.config import Settings
from services.common.events.envelope import CloudEvent
from services.common.events.event_log import FIRST_HASH, Entry, EventLog, chained
from services.common.storage.mongo import Database, connect
from services.consultations.app import App
from services.consultations.domain.trajectory import Stage
from services.consultations.operations import trajectory
from services.consultations.operations.loop_events import apply_loop_events
from services.consultations.operations.rebuilding import rebuild_trajectories
from services.consultations.schemas.trajectory import GetTrajectory
from tests.support.bookings import MEMBER, call
from tests.support.mongo import PREFIX, clear
from tests.support.stack import Server
from tests.support.trajectories import EVENTS, joint_meeting


@pytest.fixture
def databases(app: App, database: Server) -> Iterator[Mapping[str, Database]]:
    """Those of the branches whose events trajectories are made of."""
    settings = Settings("amqp://unused", database.uri, database_prefix=PREFIX)
    others = {name: connect(settings, name) for name in ("bookings", "trainings")}
    yield {**others, "consultations": app.database}
    for name, each in others.items():
        clear(each, settings.database(name))
        each.close()


@pytest.fixture
def logs(databases: Mapping[str, Database]) -> Mapping[str, EventLog]:
    """The log of each branch, with what it published."""
    found = {}
    for name, each in databases.items():
        append(each, [event for event in EVENTS if event.type.startswith(f"{name}.")])
        found[name] = EventLog(each)
    return found


def append(database: Database, events: Sequence[CloudEvent]) -> None:
    """Append events to the log of a branch, as its relay does."""
    log = EventLog(database)
    log.ensure_indexes()
    entries = list(log.read())
    seq, digest = (entries[-1].seq, entries[-1].hash) if entries else (0, FIRST_HASH)
    added = []
    for number, each in enumerate(events, seq + 1):
        numbered = each.numbered(number)
        digest = chained(digest, numbered)
        added.append(Entry(number, numbered, digest))
    database.transact(partial(log.append, entries=added))


class GrowingLog(EventLog):
    """A log to which its branch appends while it is read."""

    def __init__(self, database: Database, append_more: Callable[[], None]) -> None:
        super().__init__(database)
        self.append_more = append_more

    def read(
        self, after: int = 0, limit: int | None = None, *, types: Sequence[str] = ()
    ) -> Iterator[Entry]:
        yield from super().read(after, limit, types=types)
        append_more, self.append_more = self.append_more, lambda: None
        append_more()


@pytest.mark.parametrize("seed", [1, 2])
def test_the_logs_give_what_the_events_gave_in_any_order(
    app: App, logs: Mapping[str, EventLog], seed: int
) -> None:
    arriving = [*EVENTS, *random.Random(seed).sample(EVENTS, 9)]
    random.Random(seed).shuffle(arriving)
    for number in range(0, len(arriving), 4):
        apply_loop_events(app, arriving[number : number + 4])
    live = app.trajectory_facts.summarise()
    made = rebuild_trajectories(app, logs)
    assert (made.facts, made.hash) == live
    assert made.hash == made.hash_before
    assert app.trajectory_facts.summarise() == live


def test_a_projection_that_was_damaged_is_whole_again(
    app: App, logs: Mapping[str, EventLog]
) -> None:
    apply_loop_events(app, EVENTS)
    live = app.trajectory_facts.summarise()
    app.trajectory_facts.collection.delete_one({"of": "training"})
    app.trajectory_facts.collection.update_one({"of": "meeting"}, {"$set": {"months": ["1999-01"]}})
    app.trajectory_facts.collection.insert_one({"_id": "training/nobody", "of": "training"})
    made = rebuild_trajectories(app, logs)
    assert made.hash != made.hash_before
    assert app.trajectory_facts.summarise() == live


def test_an_event_that_comes_during_the_rebuild_is_not_lost(
    app: App, databases: Mapping[str, Database], logs: Mapping[str, EventLog]
) -> None:
    apply_loop_events(app, EVENTS)
    late = joint_meeting("late")

    def publish() -> None:
        append(databases["bookings"], late)
        apply_loop_events(app, late)

    growing = GrowingLog(databases["bookings"], publish)
    rebuild_trajectories(app, {**logs, "bookings": growing})
    assert "meeting/late" in app.trajectory_facts.named(["meeting/late"])


def test_people_of_the_organisation_see_its_points(app: App) -> None:
    apply_loop_events(app, EVENTS)
    points = trajectory.get_trajectory(app, call(MEMBER), GetTrajectory("amal"))
    assert [str(each.month) for each in points] == ["2026-06", "2026-09", "2026-11"]
    assert [each.stage for each in points] == [None, Stage.RELIEF, Stage.STABILISING]
