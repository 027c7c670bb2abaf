"""Saving cases: the document, an entry of its history, and its event in one step."""

from __future__ import annotations

from services.common.context import Caller
from services.common.contracts.consultations import events
from services.common.contracts.registry import EventType
from services.common.history.steps import record_change
from services.common.storage.mongo import Session
from services.consultations.app import App
from services.consultations.domain.cases import Case
from services.consultations.domain.deadlines import DeadlineKind
from services.consultations.steps.case_meetings import update_meetings
from services.consultations.steps.case_news import record_news
from services.consultations.steps.ratings import request_rating
from services.consultations.steps.tasks import hand_tasks_on
from services.consultations.steps.time_limits import follow_case


def save_case(
    app: App,
    session: Session,
    caller: Caller,
    event_type: EventType,
    before: Case | None,
    after: Case,
    *,
    action: str,
    reason: str | None = None,
) -> None:
    """Store a new version of a case, and record what was done.

    Args:
        before: nothing where it is new.
        action, reason: of the history.

    Raises:
        errors.Stale: if the stored version is another one.
    """
    if before is None:
        app.cases.add(session, after)
    else:
        app.cases.save(session, after, before.version)
        hand_tasks_on(app, session, before, after)
    record_case_event(app, session, caller, event_type, before, after, action=action, reason=reason)
    _set_deadline(app, session, before, after)
    follow_case(app, session, before, after)
    update_meetings(app, session, caller, before, after)
    request_rating(app, session, before, after)


def record_case_event(
    app: App,
    session: Session,
    caller: Caller,
    event_type: EventType,
    before: Case | None,
    after: Case,
    *,
    action: str,
    reason: str | None = None,
) -> None:
    """Record what was done to a case: in its history, as news for its people, and where it is not
    sealed in the open log.

    Nobody else records events of cases. ``after`` is one version further than ``before``.
    """
    facts = None if before is None else before.facts
    record_change(app, caller, session, after, facts, after.facts, reason, action=action)
    record_news(app, session, caller, after, action)
    if after.sealed:
        if before is not None and not before.sealed:
            _record_gone(app, session, caller, after)
        return
    app.outbox.record(
        session,
        event_type,
        subject=after.id,
        version=after.version,
        data={
            "case_id": after.id,
            "kind_id": after.kind_id,
            "organisation_id": after.organisation_id,
            "centre_id": after.centre_id,
            "status": after.status.value,
            "version": after.version,
            "changed_by": caller.id,
        },
        caller=caller,
    )


def _record_gone(app: App, session: Session, caller: Caller, case: Case) -> None:
    """The last event of a case in the open log."""
    app.outbox.record(
        session,
        events.CASE_GONE,
        subject=case.id,
        version=case.version,
        data={"case_id": case.id, "version": case.version},
        caller=caller,
    )


def _set_deadline(app: App, session: Session, before: Case | None, after: Case) -> None:
    due_at = after.closes_at
    if due_at is not None:
        app.deadlines.set(session, DeadlineKind.CASE, after.id, due_at)
    elif before is not None and before.closes_at is not None:
        app.deadlines.clear(session, DeadlineKind.CASE, after.id)
