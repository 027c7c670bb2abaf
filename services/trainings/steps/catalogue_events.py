"""What a change of the catalogue records: its event, and an entry of the course's history."""

from __future__ import annotations

from services.common.context import Caller
from services.common.contracts.registry import EventType
from services.common.history.steps import record_change
from services.common.storage.mongo import Session
from services.trainings.app import App
from services.trainings.domain.catalogue import Course


def record_course_event(
    app: App,
    caller: Caller,
    session: Session,
    event_type: EventType,
    before: Course | None,
    after: Course,
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
            "course_id": after.id,
            **after.facts,
            "version": after.version,
            "changed_by": caller.id,
        },
        caller=caller,
    )
    was = before.facts if before else None
    record_change(app, caller, session, after, was, after.facts, reason)
