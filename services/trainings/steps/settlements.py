"""Saving what a person has decided about attendance, with its event and its history."""

from __future__ import annotations

from services.common.context import Caller
from services.common.contracts.trainings.events import ATTENDANCE_SETTLED
from services.common.history.steps import record_change
from services.common.storage.mongo import Session
from services.trainings.app import App
from services.trainings.domain.settlements import StoredSettlement


def save_settlement(
    app: App,
    caller: Caller,
    session: Session,
    before: StoredSettlement | None,
    after: StoredSettlement,
) -> None:
    """Store what counts for one person in one session.

    Args:
        before: nothing where it is the first settlement.

    Raises:
        errors.Stale: if the stored version is another one.
    """
    if before is None:
        app.settlements.add(session, after)
    else:
        app.settlements.save(session, after, before.version)
    app.outbox.record(
        session,
        ATTENDANCE_SETTLED,
        subject=after.id,
        version=after.version,
        data={
            "cohort_id": after.cohort_id,
            "session_id": after.session_id,
            "person_id": after.person_id,
            "status": after.status.value,
            "version": after.version,
            "settled_by": caller.id,
        },
        caller=caller,
    )
    was = None if before is None else before.facts
    record_change(app, caller, session, after, was, after.facts, after.reason, action="settle")
