"""Events folded into the facts of trajectories, alike when they arrive and when all is rebuilt."""

from __future__ import annotations

from collections.abc import Iterable

from services.common.storage.mongo import Session
from services.consultations.domain.trajectory_facts import (
    Fact,
    FactKind,
    RecordedEvent,
    fold_event,
    key_of,
)
from services.consultations.store.trajectory_facts import TrajectoryFactStore


def fold_events(
    facts: TrajectoryFactStore, events: Iterable[RecordedEvent], session: Session | None = None
) -> None:
    """Fold a batch of events into the facts that they report: one question, one write."""
    events_of: dict[str, list[RecordedEvent]] = {}
    kinds: dict[str, FactKind] = {}
    for event in events:
        key = key_of(event)
        if key is not None:
            kind, id = key
            kinds[id] = kind
            events_of.setdefault(id, []).append(event)
    if not events_of:
        return
    known = facts.named(events_of, session)
    changed = []
    for id, said in events_of.items():
        before = known.get(id) or Fact(id, kinds[id])
        after = before
        for event in said:
            after = fold_event(after, event)
        if after is not before:
            changed.append(after)
    facts.put(changed, session)
