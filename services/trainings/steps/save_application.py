"""Saving an application: its event and the entry of its history go with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.common.context import Caller
from services.common.contracts.registry import EventType
from services.common.contracts.trainings import events
from services.common.events.outbox import Fact
from services.common.history.changes import Change, subject_of
from services.common.history.steps import entry_of
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


@dataclass(frozen=True, slots=True)
class Saved:
    """One step of an application, to be stored.

    Attributes:
        caller: who has caused it.
        before: nothing where the application is new.
        reason: why it was changed, in words, for the history.
    """

    caller: Caller
    before: Application | None
    after: Application
    reason: str | None = None


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
    save_applications(app, session, cohort, [Saved(caller, before, after, reason)])


def save_applications(app: App, session: Session, cohort: Cohort, steps: Sequence[Saved]) -> None:
    """Store steps of many applications of a cohort, with all that follows from them. There are as
    many round trips for five hundred as for one.

    Args:
        steps: in the order in which they are published; those of one application by version.

    Raises:
        errors.Stale: if a stored version is another one.
    """
    if not steps:
        return
    _store(app, session, steps)
    centre = app.centres.get(cohort.centre_id, session)
    people = app.participants.named({each.after.participant_id for each in steps}, session)
    app.outbox.record_each(
        session,
        (
            (
                _event_type(each),
                Fact(
                    each.after.id,
                    each.after.version,
                    _event_data(
                        each.caller,
                        cohort,
                        centre,
                        each.after,
                        people.get(each.after.participant_id),
                    ),
                ),
                each.caller,
            )
            for each in steps
        ),
    )
    app.history.add_many(session, ((subject_of(each.after), _entry(app, each)) for each in steps))


def _store(app: App, session: Session, steps: Sequence[Saved]) -> None:
    """Store where the steps lead to: of an application that has several, the last."""
    first: dict[str, Application | None] = {}
    last: dict[str, Application] = {}
    for each in steps:
        first.setdefault(each.after.id, each.before)
        last[each.after.id] = each.after
    app.applications.add_many(session, [last[id] for id, was in first.items() if was is None])
    app.applications.save_many(
        session, [(last[id], was.version) for id, was in first.items() if was is not None]
    )


def _has_moved(step: Saved) -> bool:
    return step.before is None or step.before.status is not step.after.status


def _event_type(step: Saved) -> EventType:
    return EVENT_OF_STATUS[step.after.status] if _has_moved(step) else events.APPLICATION_CHANGED


def _entry(app: App, step: Saved) -> Change:
    was = step.before.facts if step.before else None
    action = step.after.status.value if _has_moved(step) else None
    return entry_of(app, step.caller, step.after, was, step.after.facts, step.reason, action=action)


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
