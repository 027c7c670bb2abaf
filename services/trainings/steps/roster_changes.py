"""A change of a roster reaches the cohort's document and the applications that it decides about."""

from __future__ import annotations

from services.common.context import SYSTEM, Caller
from services.common.storage.mongo import Session
from services.trainings.app import App
from services.trainings.domain.application_states import ApplicationAction, ApplicationStatus
from services.trainings.domain.applications import is_by_rule
from services.trainings.domain.cohorts import Cohort
from services.trainings.domain.roster import Change, Reason, Role, Roster
from services.trainings.steps.save_application import Saved, save_applications
from services.trainings.steps.save_cohort import save_roster


def apply_roster_change(
    app: App, caller: Caller, session: Session, cohort: Cohort, change: Change
) -> Cohort:
    """Store the next roster of a cohort, and decide its applications as the change says.

    An application gets a version, an event and an entry of its history for each decision that says
    something new about it. Those of trainers and observers, who have no application, are left out.

    Args:
        caller: who caused the change. What the rules decide by themselves is the system's.
        cohort: as it was read or saved in the same transaction.
        change: of the cohort's roster; nothing is written where it changes nothing.

    Returns:
        the cohort with the roster.

    Raises:
        errors.Conflict: ``trainings.application_not_allowed_now``, if a decision does not fit the
            application that it names.
    """
    if change.roster == cohort.roster and not change.decisions:
        return cohort
    after = save_roster(app, session, cohort, change)
    staff = _staff_ids(cohort.roster) | _staff_ids(change.roster)
    decisions = [each for each in change.decisions if each.entry_id not in staff]
    applications = app.applications.named({each.entry_id for each in decisions}, session)
    steps: list[Saved] = []
    for decision in decisions:
        before = applications[decision.entry_id]
        decided = before.decided(decision)
        if decided is before:
            continue
        who = SYSTEM if is_by_rule(decision) else caller
        steps.append(Saved(who, before, decided, decision.note))
        applications[decided.id] = decided
    save_applications(app, session, after, steps)
    return after


def end_undecided_applications(
    app: App,
    caller: Caller,
    session: Session,
    cohort: Cohort,
    action: ApplicationAction,
    reason: Reason,
) -> None:
    """End the applications that wait for a selection and have no place on the roster: the cohort
    has started, or is cancelled."""
    undecided = (ApplicationStatus.SUBMITTED, ApplicationStatus.SHORTLISTED)
    now = app.clock.now()
    steps = [
        Saved(caller, before, before.after(action, now, reason=reason.value))
        for before in app.applications.of_cohort(cohort.id, undecided, session)
    ]
    save_applications(app, session, cohort, steps)


def _staff_ids(roster: Roster | None) -> set[str]:
    entries = () if roster is None else roster.entries
    return {each.id for each in entries if each.role is not Role.PARTICIPANT}
