"""Time limits: what is sent about one when it is due, and counting them anew."""

from __future__ import annotations

from dataclasses import replace

from services.common.context import SYSTEM, Call
from services.common.contracts.consultations import events
from services.common.storage.deadlines import Deadline
from services.common.storage.mongo import Session
from services.consultations.app import App
from services.consultations.domain.case_access import Reading
from services.consultations.domain.deadlines import DeadlineKind
from services.consultations.domain.tasks import TaskKind
from services.consultations.domain.time_limits import (
    Alarm,
    TimeLimit,
    due_alarm,
    scheduled,
    sent,
)
from services.consultations.steps.case_events import save_case
from services.consultations.steps.case_reading import read_case
from services.consultations.steps.tasks import open_task
from services.consultations.steps.time_limits import clock_at, save_limit

BATCH = 50
"""How many limits of a centre one transaction counts anew."""

_EVENTS = {Alarm.WARNING: events.CASE_LIMIT_WARNED, Alarm.ALERT: events.CASE_LIMIT_PASSED}


def list_time_limits(app: App, call: Call, case_id: str) -> list[TimeLimit]:
    """The limits of a case, oldest first.

    Raises:
        errors.Unauthenticated: for a visitor.
        errors.NotFound: if there is no case that the caller may know of.
    """
    return app.time_limits.of_case(read_case(app, call.caller, case_id, Reading.TIME_LIMITS).id)


def run_time_limit_deadline(app: App, deadline: Deadline) -> None:
    """Send the warning or the alert of a limit, each once. What is overdue outside of working hours
    waits for them.

    Raises:
        LeaseLost: if the deadline was moved or is another worker's by now; nothing has changed.
    """

    def work(session: Session) -> None:
        app.deadlines.finish(session, deadline)
        before = app.time_limits.look_up(deadline.subject, session)
        if before is None:
            return
        now = app.clock.now()
        clock = clock_at(app, session, before)
        limit = scheduled(before, clock)
        alarm = due_alarm(limit, clock, now)
        if alarm is not None:
            _alarm(app, session, limit, alarm)
            limit = sent(limit, alarm, now)
        save_limit(app, session, before, limit)

    app.database.transact(work)


def run_recount_deadline(app: App, deadline: Deadline) -> None:
    """Count limits of a centre anew after its hours or closures have changed, some at a time.

    Raises:
        LeaseLost: if the deadline was moved or is another worker's by now; nothing has changed.
    """
    centre_id = deadline.subject

    def work(session: Session) -> None:
        app.deadlines.finish(session, deadline)
        after = deadline.data.get("after")
        limits = app.time_limits.running_at(centre_id, after=after, limit=BATCH, session=session)
        for each in limits:
            save_limit(app, session, each, each)
        if len(limits) == BATCH:
            more = {"after": limits[-1].id}
            due_at = app.clock.now()
            app.deadlines.set(session, DeadlineKind.RECOUNT_LIMITS, centre_id, due_at, more)

    app.database.transact(work)


def _alarm(app: App, session: Session, limit: TimeLimit, alarm: Alarm) -> None:
    """Tell the case's people. Of a limit that has passed there is a task too: for staff and the
    advisers, and where the case is sealed for its advisers alone."""
    case = app.cases.get(limit.case_id, session)
    after = replace(case, version=case.version + 1)
    action = f"{limit.what.value}_{alarm.value}"
    save_case(app, session, SYSTEM, _EVENTS[alarm], case, after, action=action)
    if alarm is Alarm.ALERT and (case.adviser_ids or not case.sealed):
        open_task(
            app,
            session,
            TaskKind.LIMIT_PASSED,
            subject=limit.id,
            centre_id=limit.centre_id,
            case=case,
            people=case.adviser_ids,
            details={"what": limit.what.value},
        )
