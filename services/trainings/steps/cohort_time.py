"""What time has brought to a cohort, done before anything that depends on it."""

from __future__ import annotations

from datetime import datetime

from services.common.context import SYSTEM
from services.common.contracts.registry import EventType
from services.common.contracts.trainings import events
from services.common.storage.mongo import Session
from services.trainings.app import App
from services.trainings.domain.application_states import ApplicationAction
from services.trainings.domain.cohort_states import CohortAction, CohortStatus
from services.trainings.domain.cohorts import Cohort
from services.trainings.domain.roster import Reason
from services.trainings.domain.roster_limits import settle
from services.trainings.steps.certificate_issue import set_certificates_deadline
from services.trainings.steps.roster_changes import apply_roster_change, end_undecided_applications
from services.trainings.steps.save_cohort import save_cohort


def advance_cohort(app: App, session: Session, cohort: Cohort) -> Cohort:
    """Bring a cohort to where it stands now: a late timer alters no rule.

    Nothing is written where nothing is due.
    """
    now = app.clock.now()
    if cohort.roster is not None:
        change = settle(cohort.roster, now)
        cohort = apply_roster_change(app, SYSTEM, session, cohort, change)
    while (step := due_action(cohort, now)) is not None:
        action, event_type = step
        after = cohort.after(action)
        save_cohort(app, SYSTEM, session, event_type, cohort, after)
        if action is CohortAction.START:
            end_undecided_applications(
                app, SYSTEM, session, after, ApplicationAction.DECLINE, Reason.COHORT_STARTED
            )
        if action is CohortAction.COMPLETE:
            set_certificates_deadline(app, session, after)
        cohort = after
    return cohort


def due_action(cohort: Cohort, now: datetime) -> tuple[CohortAction, EventType] | None:
    """What time has brought to a cohort and nobody has done yet, with its event."""

    def is_past(instant: datetime | None) -> bool:
        return instant is not None and instant <= now

    match cohort.status:
        case CohortStatus.ANNOUNCED if is_past(cohort.applications_open_at):
            return CohortAction.OPEN_APPLICATIONS, events.APPLICATIONS_OPENED
        case CohortStatus.APPLICATIONS_OPEN if is_past(cohort.applications_close_at):
            return CohortAction.CLOSE_APPLICATIONS, events.APPLICATIONS_CLOSED
        case (
            CohortStatus.ANNOUNCED
            | CohortStatus.APPLICATIONS_OPEN
            | CohortStatus.APPLICATIONS_CLOSED
        ) if is_past(cohort.starts_at):
            return CohortAction.START, events.COHORT_STARTED
        case CohortStatus.RUNNING if is_past(cohort.ends_at):
            return CohortAction.COMPLETE, events.COHORT_COMPLETED
    return None
