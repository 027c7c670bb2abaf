"""Saving a cohort: its event, the entry of its history and its deadline go with it."""

from __future__ import annotations

from dataclasses import replace

from services.common.context import Caller
from services.common.contracts.registry import EventType
from services.common.history.steps import record_change
from services.common.storage.mongo import Session
from services.trainings.app import App
from services.trainings.domain.answering import REQUESTED_AFTER
from services.trainings.domain.cohort_states import CohortStatus
from services.trainings.domain.cohorts import Cohort
from services.trainings.domain.deadlines import DeadlineKind
from services.trainings.domain.roster import Change
from services.trainings.schemas import instant
from services.trainings.schemas.cohorts import event_sessions


def save_cohort(
    app: App,
    caller: Caller,
    session: Session,
    event_type: EventType,
    before: Cohort | None,
    after: Cohort,
    reason: str | None = None,
) -> None:
    """Store a new version of a cohort, with all that follows from it.

    Args:
        before: nothing where it is new.
        reason: why it was changed, for the history.

    Raises:
        errors.Stale: if the stored version is another one.
    """
    if before is None:
        app.cohorts.add(session, after)
    else:
        app.cohorts.save(session, after, before.version)
    set_cohort_deadline(app, session, after)
    completed = before is not None and before.status is not CohortStatus.COMPLETED
    if completed and after.status is CohortStatus.COMPLETED:
        set_answer_deadlines(app, session, after)
    record_cohort_event(app, caller, session, event_type, after)
    was = before.facts if before else None
    record_change(app, caller, session, after, was, after.facts, reason)


def save_roster(app: App, session: Session, cohort: Cohort, change: Change) -> Cohort:
    """Store the next roster of a cohort, which was read in the same transaction.

    Returns:
        the cohort with it.
    """
    after = replace(cohort, roster=change.roster, roster_version=cohort.roster_version + 1)
    app.cohorts.save_roster(session, after)
    set_cohort_deadline(app, session, after)
    return after


def set_cohort_deadline(app: App, session: Session, cohort: Cohort) -> None:
    """Set the moment at which time changes the cohort next, or clear it."""
    due_at = cohort.due_at
    if due_at is None:
        app.deadlines.clear(session, DeadlineKind.COHORT, cohort.id)
    else:
        app.deadlines.set(session, DeadlineKind.COHORT, cohort.id, due_at)


def set_answer_deadlines(app: App, session: Session, cohort: Cohort) -> None:
    """Set when participants are asked for feedback, and for what has changed months later."""
    ends_at = cohort.ends_at
    assert ends_at is not None, "a cohort is completed after its last session"
    for occasion, after in REQUESTED_AFTER.items():
        data = {"cohort_id": cohort.id, "occasion": occasion.value}
        subject = f"{cohort.id}.{occasion.value}"
        app.deadlines.set(session, DeadlineKind.ANSWERS, subject, ends_at + after, data)


def record_cohort_event(
    app: App, caller: Caller, session: Session, event_type: EventType, cohort: Cohort
) -> None:
    """Record the event of a cohort's new version."""
    centre = app.centres.get(cohort.centre_id, session)
    data = {
        "cohort_id": cohort.id,
        "course_id": cohort.course_id,
        "topic_id": cohort.topic_id,
        "centre_id": cohort.centre_id,
        "centre_name": dict(centre.name),
        "time_zone": centre.time_zone,
        "title": dict(cohort.title),
        "mode": cohort.mode.value,
        "language": cohort.language,
        "status": cohort.status.value,
        "capacity": cohort.capacity,
        "sessions": event_sessions(cohort),
        "applications_open_at": instant(cohort.applications_open_at),
        "applications_close_at": instant(cohort.applications_close_at),
        "version": cohort.version,
        "changed_by": caller.id,
    }
    if cohort.cancellation_reason is not None:
        data["reason"] = dict(cohort.cancellation_reason)
    app.outbox.record(
        session,
        event_type,
        subject=cohort.id,
        version=cohort.version,
        data=data,
        caller=caller,
    )
