"""Saving assignments with their events; and what a change of a cohort means for them."""

from __future__ import annotations

from dataclasses import replace

from services.common.clock import to_wire
from services.common.context import Caller
from services.common.contracts.registry import EventType
from services.common.contracts.trainings import events
from services.common.storage.mongo import Session
from services.trainings.app import App
from services.trainings.domain.admissions import add_staff
from services.trainings.domain.assignments import Assignment, AssignmentAction, AssignmentStatus
from services.trainings.domain.cohorts import Cohort
from services.trainings.domain.departures import withdraw
from services.trainings.domain.roster import Change, Entry, Rank, Role
from services.trainings.steps.roster_changes import apply_roster_change


def trains(app: App, caller: Caller, cohort_id: str, session: Session | None = None) -> bool:
    """Whether the caller teaches the cohort: has the role of a trainer, and has accepted to teach
    sessions of it. An assignment stays when the role ends; the access does not."""
    return _is_trainer(caller) and app.assignments.trains(caller.id, cohort_id, session)


def is_assigned(app: App, caller: Caller, cohort_id: str, session: Session | None = None) -> bool:
    """Whether the caller has the role of a trainer, and teaches the cohort or is asked to."""
    return _is_trainer(caller) and app.assignments.is_assigned(caller.id, cohort_id, session)


def cohorts_of_trainer(app: App, caller: Caller) -> list[str]:
    """The cohorts that the caller teaches, or is asked to teach; none without the role."""
    return app.assignments.cohorts_of(caller.id) if _is_trainer(caller) else []


def _is_trainer(caller: Caller) -> bool:
    return caller.kind == "person" and "trainer" in caller.roles


def save_assignment(
    app: App,
    caller: Caller,
    session: Session,
    event_type: EventType,
    cohort: Cohort,
    before: Assignment | None,
    after: Assignment,
) -> None:
    """Store a new version of an assignment with its event.

    Args:
        before: nothing where it is new.

    Raises:
        errors.Conflict: ``trainings.trainer_taken``, ``trainings.already_assigned``.
        errors.Stale: if the stored version is another one.
    """
    if before is None:
        app.assignments.add(session, after)
    else:
        app.assignments.save(session, after, before.version)
    centre = app.centres.get(after.centre_id, session)
    app.outbox.record(
        session,
        event_type,
        subject=after.id,
        version=after.version,
        data={
            "assignment_id": after.id,
            "cohort_id": after.cohort_id,
            "cohort_title": dict(cohort.title),
            "centre_id": after.centre_id,
            "trainer_id": after.trainer_id,
            "status": after.status.value,
            "times": [
                {"starts_at": to_wire(each.starts_at), "ends_at": to_wire(each.ends_at)}
                for each in after.times
            ],
            "time_zone": centre.time_zone,
            "version": after.version,
            "changed_by": caller.id,
        },
        caller=caller,
    )


def follow_sessions(app: App, caller: Caller, session: Session, cohort: Cohort) -> Cohort:
    """Claim the trainers of a cohort at the times that its sessions have now.

    Returns:
        the cohort; its roster forgets those who have nothing left to teach.

    Raises:
        errors.Conflict: ``trainings.trainer_taken``.
    """
    for before in app.assignments.live_of(cohort.id, session):
        after = before.following(cohort)
        if after is before:
            continue
        if after.session_ids == ():
            cohort = withdraw_assignment(app, caller, session, cohort, before)
        else:
            save_assignment(app, caller, session, events.ASSIGNMENT_CHANGED, cohort, before, after)
    return cohort


def withdraw_assignments(app: App, caller: Caller, session: Session, cohort: Cohort) -> Cohort:
    """Let the trainers of a cohort go, which does not take place.

    Returns:
        the cohort, whose roster forgets them.
    """
    for each in app.assignments.live_of(cohort.id, session):
        cohort = withdraw_assignment(app, caller, session, cohort, each)
    return cohort


def withdraw_assignment(
    app: App, caller: Caller, session: Session, cohort: Cohort, before: Assignment
) -> Cohort:
    """End an assignment that nobody ends by hand: its sessions or its trainer are gone.

    Returns:
        the cohort, whose roster forgets the trainer.
    """
    after = before.after(AssignmentAction.WITHDRAW)
    save_assignment(app, caller, session, events.ASSIGNMENT_WITHDRAWN, cohort, before, after)
    return take_off_roster(app, caller, session, cohort, after)


def put_on_roster(
    app: App, caller: Caller, session: Session, cohort: Cohort, assignment: Assignment
) -> None:
    """Have the roster of a cohort, if it has one, know its trainer, who cannot take part.

    Raises:
        errors.Conflict: ``trainings.already_on_roster``.
    """
    if cohort.roster is not None:
        change = add_staff(cohort.roster, _entry(assignment), app.clock.now())
        apply_roster_change(app, caller, session, cohort, change)


def put_trainers_on_roster(app: App, session: Session, cohort: Cohort) -> Cohort:
    """The cohort, whose roster begins, with those who have accepted to train it."""
    assert cohort.roster is not None
    change = Change(cohort.roster, ())
    for each in app.assignments.live_of(cohort.id, session):
        if each.status is AssignmentStatus.ACCEPTED:
            change = add_staff(change.roster, _entry(each), app.clock.now())
    return replace(cohort, roster=change.roster)


def take_off_roster(
    app: App, caller: Caller, session: Session, cohort: Cohort, assignment: Assignment
) -> Cohort:
    """Have the roster of a cohort forget a trainer who has gone."""
    roster = cohort.roster
    if roster is None or roster.entry(assignment.id) is None:
        return cohort
    change = withdraw(roster, assignment.id, app.clock.now())
    return apply_roster_change(app, caller, session, cohort, change)


def _entry(assignment: Assignment) -> Entry:
    return Entry(
        id=assignment.id,
        person_id=assignment.trainer_id,
        rank=Rank(assignment.assigned_at),
        role=Role.TRAINER,
    )
