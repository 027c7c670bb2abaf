"""What a change of an instrument records: its event, and an entry of its history."""

from __future__ import annotations

from services.common.context import Caller
from services.common.contracts.registry import EventType
from services.common.history.steps import record_change
from services.common.storage.mongo import Session
from services.consultations.app import App
from services.consultations.domain.instruments import Instrument


def record_instrument_event(
    app: App,
    caller: Caller,
    session: Session,
    event_type: EventType,
    before: Instrument | None,
    after: Instrument,
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
            "instrument_id": after.id,
            "family": after.family,
            "edition": after.edition,
            "status": after.status.value,
            "version": after.version,
            "changed_by": caller.id,
        },
        caller=caller,
    )
    was = before.facts if before else None
    record_change(app, caller, session, after, was, after.facts, reason)
