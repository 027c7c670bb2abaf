"""Saving plans and milestones: the document, an entry of its history, and its event in one step."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from services.common.context import Caller
from services.common.contracts.consultations import events
from services.common.contracts.registry import EventType
from services.common.directory.people import REPRESENTATIVE
from services.common.history.steps import record_change
from services.common.storage.mongo import Session
from services.common.time.working_time import NeverOpen
from services.consultations.app import App
from services.consultations.domain.action_plans import ActionPlan
from services.consultations.domain.cases import Case
from services.consultations.domain.centre_hours import working_time
from services.consultations.domain.deadlines import DeadlineKind
from services.consultations.domain.milestone_states import OPEN, MilestoneStatus
from services.consultations.domain.milestones import (
    Milestone,
    after_agreement,
    overdue_at,
    reminder_at,
)
from services.consultations.domain.tasks import TaskKind
from services.consultations.steps.case_news import record_news
from services.consultations.steps.case_people import readers_among
from services.consultations.steps.tasks import close_task_about

OVERDUE, REMIND = "overdue", "remind"
"""The actions of a history where time did it."""
_BY_TIME = frozenset({OVERDUE, REMIND})

#: What a person's action is as news. An agreement is one piece of news, not one for each milestone.
_NEWS = {
    "block": "milestone_blocked",
    "report": "milestone_reported",
    "confirm": "milestone_reached",
    "return": "milestone_returned",
    "reopen": "milestone_reopened",
    REMIND: "milestone_due_soon",
    OVERDUE: "milestone_overdue",
}


def save_plan(
    app: App,
    session: Session,
    caller: Caller,
    case: Case,
    event_type: EventType,
    before: ActionPlan | None,
    after: ActionPlan,
    *,
    action: str,
    reason: str | None = None,
) -> None:
    """Store a new version of a plan, and its edition before where that is another one.

    Args:
        before: nothing where it is new.
        action, reason: of the history.

    Raises:
        errors.Stale: if the stored version is another one.
    """
    if before is None:
        app.action_plans.add(session, after)
    else:
        if after.current.number != before.current.number:
            app.plan_editions.add(session, before)
        app.action_plans.save(session, after, before.version)
    was = None if before is None else before.facts
    record_change(app, caller, session, after, was, after.facts, reason, action=action)
    data = {
        "plan_id": after.id,
        "case_id": after.case_id,
        "organisation_id": after.organisation_id,
        "centre_id": after.centre_id,
        "status": after.status.value,
        "edition": after.current.number,
        "agreed_edition": after.agreed_edition,
        "version": after.version,
        "changed_by": caller.id,
    }
    _record(app, session, caller, case, event_type, after.id, after.version, data)
    record_news(app, session, caller, case, f"plan_{event_type.name.rpartition('.')[2]}")


def save_milestone(
    app: App,
    session: Session,
    caller: Caller,
    case: Case,
    event_type: EventType,
    before: Milestone | None,
    after: Milestone,
    *,
    action: str,
    reason: str | None = None,
) -> None:
    """Store a new version of a milestone, and set when its due date is near and when it has passed.

    Args:
        before: nothing where it is new.
        action, reason: of the history.

    Raises:
        errors.Stale: if the stored version is another one.
    """
    if before is None:
        app.milestones.add(session, after)
    else:
        app.milestones.save(session, after, before.version)
    was = None if before is None else before.facts
    record_change(app, caller, session, after, was, after.facts, reason, action=action)
    data = {
        "milestone_id": after.id,
        "plan_id": after.plan_id,
        "case_id": after.case_id,
        "organisation_id": after.organisation_id,
        "centre_id": after.centre_id,
        "status": after.status.value,
        "due_on": after.planned.due_on.isoformat(),
        "item_ids": list(after.planned.item_ids),
        "version": after.version,
        "changed_by": caller.id,
    }
    _record(app, session, caller, case, event_type, after.id, after.version, data)
    if (what := _NEWS.get(action)) is not None:
        also = _others_to_remind(app, session, case, after) if action in _BY_TIME else ()
        record_news(app, session, caller, case, what, also=also)
    set_due_date(app, session, after)
    _set_reminder(app, session, before, after)
    if not after.overdue:
        close_task_about(app, session, TaskKind.MILESTONE_OVERDUE, after.id)


def apply_agreement(
    app: App, session: Session, caller: Caller, case: Case, plan: ActionPlan
) -> None:
    """Have the milestones of a plan be as its agreed edition says."""
    known = app.milestones.of_plan(plan.id, session)
    for before, after in after_agreement(plan, known):
        event_type, action = _after_agreement(before, after)
        save_milestone(app, session, caller, case, event_type, before, after, action=action)


def _after_agreement(before: Milestone | None, after: Milestone) -> tuple[EventType, str]:
    if before is None or before.status is MilestoneStatus.DROPPED:
        return events.MILESTONE_PLANNED, "plan"
    if after.status is MilestoneStatus.DROPPED:
        return events.MILESTONE_DROPPED, "drop"
    return events.MILESTONE_CHANGED, "replan"


def stop_milestones(app: App, session: Session, plan: ActionPlan) -> None:
    """Have no due date of a closed plan matter any more."""
    for each in app.milestones.of_plan(plan.id, session).values():
        app.deadlines.clear(session, DeadlineKind.MILESTONE, each.id)
        app.deadlines.clear(session, DeadlineKind.MILESTONE_REMINDER, each.id)
        close_task_about(app, session, TaskKind.MILESTONE_OVERDUE, each.id)


def set_due_date(app: App, session: Session, milestone: Milestone) -> None:
    """Set when the due date of a milestone has passed, or that it does not matter."""
    if milestone.status not in OPEN or milestone.overdue:
        app.deadlines.clear(session, DeadlineKind.MILESTONE, milestone.id)
        return
    centre = app.centres.get(milestone.centre_id, session)
    due_at = overdue_at(milestone.planned.due_on, centre.time_zone)
    app.deadlines.set(session, DeadlineKind.MILESTONE, milestone.id, due_at)


def _set_reminder(
    app: App, session: Session, before: Milestone | None, milestone: Milestone
) -> None:
    """Set when those who see to a milestone are reminded. There is no reminder of a date that was
    agreed on when it was near already; one that waits for the centre to open goes on waiting."""
    kind = DeadlineKind.MILESTONE_REMINDER
    if not milestone.waits_for_reminder:
        app.deadlines.clear(session, kind, milestone.id)
        return
    centre = app.centres.get(milestone.centre_id, session)
    due_on = milestone.planned.due_on
    at = reminder_at(due_on, centre.time_zone)
    if at > app.clock.now():
        app.deadlines.set(session, kind, milestone.id, at)
    elif before is None or before.planned.due_on != due_on:
        app.deadlines.clear(session, kind, milestone.id)


def _others_to_remind(
    app: App, session: Session, case: Case, milestone: Milestone
) -> Collection[str]:
    """Who beside the people of a case is reminded of a milestone: of an open case those who
    represent the organisation, and who sees to it, if that person may read it; of a sealed one
    nobody."""
    if case.sealed:
        return ()
    members = app.directory.members([case.organisation_id], session).get(case.organisation_id, {})
    represent = {person_id for person_id, role in members.items() if role == REPRESENTATIVE}
    owner = milestone.planned.owner.person_id
    return represent | readers_among(app, session, case, [] if owner is None else [owner])


def _record(
    app: App,
    session: Session,
    caller: Caller,
    case: Case,
    event_type: EventType,
    subject: str,
    version: int,
    data: dict[str, Any],
) -> None:
    # Nothing of a sealed case is in the open log.
    if not case.sealed:
        app.outbox.record(
            session, event_type, subject=subject, version=version, data=data, caller=caller
        )


def next_opening(app: App, session: Session, centre_id: str, now: datetime) -> datetime:
    """Now, where the centre is open, else when it opens next: nobody is disturbed at midnight. Of a
    centre whose hours are not known, or that is closed for good, it is now."""
    hours = app.centre_hours.look_up(centre_id, session)
    if hours is None:
        return now
    closures = app.centre_closures.of_centre(centre_id, session)
    try:
        return working_time(hours, closures).add(now, timedelta())
    except NeverOpen:
        return now
