"""What a use case does with histories inside its own transaction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from services.common.clock import Clock
from services.common.context import Caller
from services.common.history.changes import Change, Subject, differing, subject_of
from services.common.history.store import HistoryStore
from services.common.storage.mongo import Session


class WithHistory(Protocol):
    """The app of a branch that has histories."""

    @property
    def clock(self) -> Clock: ...
    @property
    def history(self) -> HistoryStore: ...


def record_change(
    app: WithHistory,
    caller: Caller,
    session: Session,
    thing: Subject,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any],
    reason: str | None = None,
    *,
    action: str | None = None,
) -> None:
    """Record one entry of a thing's history.

    Args:
        thing: as the change has made it.
        before, after: facts in wire form; ``None`` before where it is new.
        action: ``add`` where it is new and ``change`` otherwise, unless it is named.
    """
    entry = entry_of(app, caller, thing, before, after, reason, action=action)
    app.history.add(session, subject_of(thing), entry)


def entry_of(
    app: WithHistory,
    caller: Caller,
    thing: Subject,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any],
    reason: str | None = None,
    *,
    action: str | None = None,
) -> Change:
    """The entry that :func:`record_change` stores, for who stores many at once."""
    if action is None:
        action = "add" if before is None else "change"
    changes = differing(before, after)
    return Change(app.clock.now(), caller.id, action, reason, changes, thing.version)
