"""Trajectories made anew from the logs of all branches.

The facts are made beside those that people read, and take their place at once. What was published
meanwhile is in the logs before it reaches a subscriber, so the ends of the logs are read once more
afterwards, and nothing is missing. Memory does not grow with the logs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from services.common.events.event_log import EventLog
from services.common.storage.mongo import Session
from services.consultations.app import App
from services.consultations.domain.trajectory_facts import TYPES, RecordedEvent
from services.consultations.operations.loop_events import recorded_event
from services.consultations.steps.trajectory_facts import fold_events

BATCH = 2_000


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild has come to.

    Attributes:
        events: how many events of the logs trajectories are made of.
        facts: how many facts they make.
        hash: over all facts that were made.
        hash_before: over those whose place they took.
    """

    events: int
    facts: int
    hash: str
    hash_before: str


def rebuild_trajectories(app: App, logs: Mapping[str, EventLog]) -> Rebuilt:
    """Make the facts of all trajectories anew.

    Args:
        logs: of each branch by name.

    Raises:
        errors.Unavailable: if the database is away; the facts that people read are as before.
    """
    app.rebuilt_facts.drop()
    app.rebuilt_facts.ensure_indexes()
    seen = dict.fromkeys(logs, 0)
    events = 0
    for branch, log in logs.items():
        for batch, last in _batches(branch, log, 0):
            fold_events(app.rebuilt_facts, batch)
            seen[branch] = last
            events += len(batch)
    _, before = app.trajectory_facts.summarise()
    facts, after = app.rebuilt_facts.summarise()
    app.rebuilt_facts.take_place_of(app.trajectory_facts)
    for branch, log in logs.items():
        for batch, _ in _batches(branch, log, seen[branch]):
            app.database.transact(partial(_fold, app, batch))
    return Rebuilt(events, facts, after, before)


def _fold(app: App, batch: list[RecordedEvent], session: Session) -> None:
    fold_events(app.trajectory_facts, batch, session)


def _batches(branch: str, log: EventLog, after: int) -> Iterator[tuple[list[RecordedEvent], int]]:
    """The events of a log that trajectories are made of, with the number of the last of each."""
    types = [each for each in TYPES if each.startswith(f"{branch}.")]
    batch: list[RecordedEvent] = []
    last = after
    for entry in log.read(after, types=types):
        batch.append(recorded_event(entry.event))
        last = entry.seq
        if len(batch) == BATCH:
            yield batch, last
            batch = []
    if batch:
        yield batch, last
