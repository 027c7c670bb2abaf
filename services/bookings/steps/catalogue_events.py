"""Events and histories of what can be booked, recorded with the change."""

from __future__ import annotations

from typing import Any, Protocol

from services.bookings.app import App
from services.common.context import Caller
from services.common.contracts.registry import EventType
from services.common.history.changes import Subject, subject_of
from services.common.history.steps import record_change
from services.common.storage.mongo import Session


class Thing(Subject, Protocol):
    """What can be booked and has a history: a space, or equipment."""

    @property
    def centre_id(self) -> str: ...
    @property
    def facts(self) -> dict[str, Any]: ...


def cause_of(thing: Subject) -> str:
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
    """Record the event of the new version, and the entry of its history.

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
