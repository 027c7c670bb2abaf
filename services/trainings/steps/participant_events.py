"""What a change of a participant records: its event, and an entry of its history."""

from __future__ import annotations

from services.common.context import Caller
from services.common.contracts.trainings import events
from services.common.history.steps import record_change
from services.common.storage.mongo import Session
from services.trainings.app import App
from services.trainings.domain.participants import Participant


def save_participant(
    app: App,
    caller: Caller,
    session: Session,
    before: Participant,
    after: Participant,
    reason: str | None = None,
    *,
    action: str | None = None,
) -> None:
    """Store a new version of a participant, with its event and the entry of its history.

    Args:
        action: of the history; ``change`` unless it is named.

    Raises:
        errors.Stale: if the stored version is another one.
    """
    app.participants.save(session, after, before.version)
    record_change(
        app, caller, session, after, before.facts, after.facts, reason, action=action or "change"
    )
    merged = before.merged_into is None and after.merged_into is not None
    data = {
        "participant_id": after.id,
        "version": after.version,
        "changed_by": caller.id,
        **({"merged_into": after.merged_into} if merged else {}),
    }
    app.outbox.record(
        session,
        events.PARTICIPANT_MERGED if merged else events.PARTICIPANT_CHANGED,
        subject=after.id,
        version=after.version,
        data=data,
        caller=caller,
    )
