"""Telling of the things that can be booked, and noting who has changed what, with the change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from services.bookings.app import App
from services.bookings.domain.history import Change, differing
from services.common.context import Caller
from services.common.contracts.registry import EventType
from services.common.storage.mongo import Session


class Thing(Protocol):
    """What can be booked and has a history: a space, or equipment."""

    @property
    def kind(self) -> str: ...
    @property
    def id(self) -> str: ...
    @property
    def centre_id(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def facts(self) -> dict[str, Any]: ...


def subject_of(thing: Thing) -> str:
    """Of whom a history speaks."""
    return f"{thing.kind}/{thing.id}"


def cause_of(thing: Thing) -> str:
    """What has released time, where a version of it did; see ``releases.py``."""
    return f"{subject_of(thing)}@{thing.version}"


def record_catalogue_event(
    app: App,
    caller: Caller,
    session: Session,
    event_type: EventType,
    before: Thing | None,
    after: Thing,
    reason: str | None = None,
) -> None:
    """Record the event of the new version, and keep who has made it of what.

    Args:
        before: nothing where it is new.
    """
    app.outbox.record(
        session,
        event_type,
        subject=after.id,
        version=after.version,
        data={
            f"{after.kind}_id": after.id,
            "centre_id": after.centre_id,
            **after.facts,
            "version": after.version,
            "changed_by": caller.id,
        },
        caller=caller,
    )
    was = before.facts if before else None
    record_change(app, caller, session, after, was, after.facts, reason)


def record_change(
    app: App,
    caller: Caller,
    session: Session,
    thing: Thing,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any],
    reason: str | None = None,
) -> None:
    """Keep one entry of a thing's history.

    Args:
        thing: as the change has made it.
        before, after: facts in wire form; nothing before where it is new.
    """
    action = "add" if before is None else "change"
    changes = differing(before, after)
    entry = Change(app.clock.now(), caller.id, action, reason, changes, thing.version)
    app.history.add(session, subject_of(thing), entry)
