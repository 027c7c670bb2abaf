"""What a change of a case means for its time limits, inside its transaction."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from services.common.storage.mongo import Session
from services.common.time.working_time import WorkingTime
from services.consultations.app import App
from services.consultations.domain.case_states import CaseStatus
from services.consultations.domain.cases import Case
from services.consultations.domain.centre_hours import CentreHours
from services.consultations.domain.deadlines import DeadlineKind
from services.consultations.domain.tasks import TaskKind
from services.consultations.domain.time_limits import (
    LimitAction,
    Limited,
    TimeLimit,
    action_on,
    clock_of,
    next_alarm,
    scheduled,
)
from services.consultations.steps.tasks import close_task_about


def follow_case(app: App, session: Session, before: Case | None, after: Case) -> None:
    """Start, pause, resume, meet or drop the limits of a case, as its new state says.

    Args:
        before: nothing where the case is new.

    Raises:
        errors.Conflict: ``consultations.paused_too_often``.
    """
    if before is None:
        for what in Limited:
            _start(app, session, after, what, 1)
        return
    if after.status is CaseStatus.REOPENED and before.status is not CaseStatus.REOPENED:
        rounds = [each.round for each in app.time_limits.of_case(after.id, session)]
        _start(app, session, after, Limited.RESOLUTION, max(rounds, default=0) + 1)
        return
    for limit in app.time_limits.live_of(after.id, session):
        moved = limit
        if limit.centre_id != after.centre_id:
            moved = replace(limit, centre_id=after.centre_id)
        action = action_on(limit.what, after.status)
        if action is not None:
            moved = moved.after(action, app.clock.now())
        if moved != limit:
            save_limit(app, session, limit, moved)


def meet_first_answer(app: App, session: Session, case: Case) -> None:
    """Note that an adviser has answered the organisation; again does no harm."""
    for limit in app.time_limits.live_of(case.id, session):
        if limit.what is Limited.FIRST_ANSWER:
            met = limit.after(LimitAction.MEET, app.clock.now())
            save_limit(app, session, limit, met)


def save_limit(app: App, session: Session, before: TimeLimit, changed: TimeLimit) -> TimeLimit:
    """Store a limit with its moments counted anew, and set the moment at which something is sent
    about it next; the limit as it is then."""
    clock = clock_at(app, session, changed)
    after = scheduled(changed, clock)
    if after != before:
        after = replace(after, version=before.version + 1)
        app.time_limits.save(session, after, before.version)
    _set_deadline(app, session, after, clock)
    if before.live and not after.live:
        close_task_about(app, session, TaskKind.LIMIT_PASSED, after.id)
    return after


def clock_at(app: App, session: Session, limit: TimeLimit) -> WorkingTime:
    """The working time that counts for a limit, as far as the news of its centre have come."""
    hours = app.centre_hours.look_up(limit.centre_id, session)
    closures = app.centre_closures.of_centre(limit.centre_id, session)
    return clock_of(limit, hours or CentreHours(limit.centre_id, ()), closures)


def _start(app: App, session: Session, case: Case, what: Limited, round: int) -> None:
    limits = app.kinds.get(case.kind_id, session).limits
    minutes = {
        Limited.FIRST_ANSWER: limits.first_answer_minutes,
        Limited.RESOLUTION: limits.resolution_minutes,
    }
    limit = TimeLimit(
        id=app.new_id(),
        case_id=case.id,
        centre_id=case.centre_id,
        what=what,
        amount=timedelta(minutes=minutes[what]),
        warn_before=timedelta(minutes=limits.warning_minutes),
        started_at=app.clock.now(),
        round=round,
    )
    clock = clock_at(app, session, limit)
    limit = scheduled(limit, clock)
    app.time_limits.add(session, limit)
    _set_deadline(app, session, limit, clock)


def _set_deadline(app: App, session: Session, limit: TimeLimit, clock: WorkingTime) -> None:
    at = next_alarm(limit, clock, app.clock.now())
    if at is None:
        app.deadlines.clear(session, DeadlineKind.TIME_LIMIT, limit.id)
    else:
        app.deadlines.set(session, DeadlineKind.TIME_LIMIT, limit.id, at)
