"""Saving appointments and visits, with their time in the calendar, history, news and event."""

from __future__ import annotations

from datetime import timedelta

from services.common.clock import to_wire
from services.common.context import Caller
from services.common.contracts.registry import EventType
from services.common.history.steps import record_change
from services.common.storage.mongo import Session
from services.consultations.app import App
from services.consultations.domain.appointments import Appointment
from services.consultations.domain.cases import Case
from services.consultations.domain.deadlines import DeadlineKind
from services.consultations.domain.engagements import Meeting
from services.consultations.domain.tasks import TaskKind
from services.consultations.domain.visit_states import VisitStatus
from services.consultations.steps.adviser_calendar import put_engagement
from services.consultations.steps.case_news import record_news
from services.consultations.steps.tasks import close_task_about

REMINDED_BEFORE = timedelta(hours=24)
"""So long before a meeting its people are reminded."""


def save_meeting(
    app: App,
    session: Session,
    caller: Caller,
    event_type: EventType,
    case: Case,
    before: Meeting | None,
    after: Meeting,
    *,
    action: str,
) -> None:
    """Store a new version of an appointment or a visit, with all that follows from it.

    Args:
        before: nothing where it is new.
        action: of the history.

    Raises:
        errors.Stale: if the stored version is another one.
        errors.Conflict: ``consultations.time_not_offered``.
    """
    _store(app, session, before, after)
    put_engagement(app, session, after)
    if before is not None and _leaves_its_hour(before, after):
        close_task_about(app, session, TaskKind.ROOM_LOST, after.id)
    _set_reminder(app, session, after)
    facts = None if before is None else before.facts
    record_change(app, caller, session, after, facts, after.facts, action=action)
    if action != "group":
        # Which way the adviser takes matters to the adviser alone.
        fact = event_type.name.rpartition(".")[2]
        record_news(app, session, caller, case, f"{after.kind}_{fact}")
    if case.sealed:
        return
    app.outbox.record(
        session,
        event_type,
        subject=after.id,
        version=after.version,
        data={
            f"{after.kind}_id": after.id,
            "case_id": case.id,
            "organisation_id": case.organisation_id,
            "centre_id": after.centre_id,
            "adviser_id": after.adviser_id,
            "starts_at": to_wire(after.period.starts_at),
            "ends_at": to_wire(after.period.ends_at),
            "status": after.status.value,
            "version": after.version,
            "changed_by": caller.id,
            **_particulars(after),
        },
        caller=caller,
    )


def _store(app: App, session: Session, before: Meeting | None, after: Meeting) -> None:
    if isinstance(after, Appointment):
        if before is None:
            app.appointments.add(session, after)
        else:
            app.appointments.save(session, after, before.version)
    elif before is None:
        app.visits.add(session, after)
    else:
        app.visits.save(session, after, before.version)


def _leaves_its_hour(before: Meeting, after: Meeting) -> bool:
    """Whether an appointment does not need its time in consulting hours any more."""
    if not isinstance(before, Appointment) or not isinstance(after, Appointment):
        return False
    same = (before.hours_id, before.period) == (after.hours_id, after.period)
    return before.hours_id is not None and not (after.live and same)


def _particulars(meeting: Meeting) -> dict[str, object]:
    if isinstance(meeting, Appointment):
        return {"mode": meeting.mode.value}
    report = meeting.report
    minutes = None
    if report is not None:
        minutes = (report.lasted.ends_at - report.lasted.starts_at) // timedelta(minutes=1)
    return {
        "cause": None if meeting.cause is None else meeting.cause.value,
        "minutes": minutes,
    }


def _set_reminder(app: App, session: Session, meeting: Meeting) -> None:
    """Set when the people of a meeting are reminded; clear it where they are not to be."""
    due_at = meeting.period.starts_at - REMINDED_BEFORE
    agreed = isinstance(meeting, Appointment) or meeting.status is VisitStatus.ACCEPTED
    kind = DeadlineKind.APPOINTMENT if isinstance(meeting, Appointment) else DeadlineKind.VISIT
    wanted = agreed and meeting.live and meeting.reminded_at is None
    if wanted and due_at > app.clock.now():
        app.deadlines.set(session, kind, meeting.id, due_at)
    else:
        app.deadlines.clear(session, kind, meeting.id)
