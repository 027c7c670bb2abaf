"""Saving an application: its event and the entry of its history go with it."""

from __future__ import annotations

from services.common.context import Caller
from services.common.contracts.registry import EventType
from services.common.contracts.trainings import events
from services.common.history.steps import record_change
from services.common.storage.mongo import Session
from services.trainings.app import App
from services.trainings.domain.application_states import ApplicationStatus
from services.trainings.domain.applications import Application
from services.trainings.domain.centres import Centre
from services.trainings.domain.cohorts import Cohort
from services.trainings.domain.participants import Participant
from services.trainings.schemas import instant

_STATUS = ApplicationStatus

EVENT_OF_STATUS: dict[ApplicationStatus, EventType] = {
    _STATUS.SUBMITTED: events.APPLICATION_SUBMITTED,
    _STATUS.SHORTLISTED: events.APPLICATION_SHORTLISTED,
    _STATUS.WAITLISTED: events.APPLICATION_WAITLISTED,
    _STATUS.DECLINED: events.APPLICATION_DECLINED,
    _STATUS.OFFERED: events.APPLICATION_OFFERED,
    _STATUS.ENROLLED: events.APPLICATION_ENROLLED,
    _STATUS.WITHDRAWN: events.APPLICATION_WITHDRAWN,
    _STATUS.OFFER_EXPIRED: events.APPLICATION_OFFER_EXPIRED,
    _STATUS.OFFER_DECLINED: events.APPLICATION_OFFER_DECLINED,
    _STATUS.COMPLETED: events.APPLICATION_COMPLETED,
    _STATUS.NOT_COMPLETED: events.APPLICATION_NOT_COMPLETED,
    _STATUS.CANCELLED: events.APPLICATION_CANCELLED,
    _STATUS.ERASED: events.APPLICATION_ERASED,
}
"""What is published when an application comes into a state."""


def save_application(
    app: App,
    caller: Caller,
    session: Session,
    cohort: Cohort,
    before: Application | None,
    after: Application,
    reason: str | None = None,
) -> None:
    """Store a new version of an application, with all that follows from it.

    Args:
        cohort: the one that it is for.
        before: nothing where it is new.
        reason: why it was changed, in words, for the history.

    Raises:
        errors.Stale: if the stored version is another one.
    """
    if before is None:
        app.applications.add(session, after)
    else:
        app.applications.save(session, after, before.version)
    moved = before is None or before.status is not after.status
    event_type = EVENT_OF_STATUS[after.status] if moved else events.APPLICATION_CHANGED
    _record_event(app, caller, session, event_type, cohort, after)
    was = before.facts if before else None
    action = after.status.value if moved else None
    record_change(app, caller, session, after, was, after.facts, reason, action=action)


def _record_event(
    app: App,
    caller: Caller,
    session: Session,
    event_type: EventType,
    cohort: Cohort,
    application: Application,
) -> None:
    centre = app.centres.get(cohort.centre_id, session)
    participant = app.participants.look_up(application.participant_id, session)
    app.outbox.record(
        session,
        event_type,
        subject=application.id,
        version=application.version,
        data=_event_data(caller, cohort, centre, application, participant),
        caller=caller,
    )


def _event_data(
    caller: Caller,
    cohort: Cohort,
    centre: Centre,
    application: Application,
    participant: Participant | None,
) -> dict[str, object]:
    erased = application.status is ApplicationStatus.ERASED
    has_account = participant is not None and participant.has_account and not erased
    return {
        "application_id": application.id,
        "cohort_id": cohort.id,
        "course_id": cohort.course_id,
        "topic_id": cohort.topic_id,
        "centre_id": cohort.centre_id,
        "centre_name": dict(centre.name),
        "time_zone": centre.time_zone,
        "title": dict(cohort.title),
        "mode": cohort.mode.value,
        "starts_at": instant(cohort.starts_at),
        "participant_id": application.participant_id,
        "person_id": application.participant_id if has_account else None,
        "organisation_id": application.organisation_id,
        "source": application.source.value,
        "nominated_by": application.nominated_by,
        "status": application.status.value,
        "reason": application.reason,
        **_reasons(cohort, application),
        "expires_at": instant(application.offer_expires_at),
        "version": application.version,
        "changed_by": caller.id,
    }


def _reasons(cohort: Cohort, application: Application) -> dict[str, object]:
    """What staff say to all about a cohort that does not take place; nothing otherwise."""
    if application.status is not _STATUS.CANCELLED or cohort.cancellation_reason is None:
        return {}
    return {"reasons": dict(cohort.cancellation_reason)}
