"""Whether what is stored of cases keeps every rule: recomputed, and compared."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import timedelta

from services.common.encryption import NotDecrypted
from services.common.events.event_log import EventLog, LogBroken
from services.common.history.changes import subject_of
from services.common.storage.mongo import Session
from services.consultations.app import App
from services.consultations.domain.audit import (
    Difference,
    LastEvent,
    Rule,
    audit_calendar,
    audit_case,
    audit_limits,
    audit_moments,
    audit_plan,
)
from services.consultations.domain.cases import Case
from services.consultations.domain.engagements import Meeting, engagement_of
from services.consultations.steps.time_limits import clock_at
from services.consultations.store.case_keys import CaseKeyMissing

#: A deadline is done within so much time; until then it is no difference.
TIMER_DELAY = timedelta(minutes=2)


def audit_all(app: App) -> Iterator[Difference]:
    """Every difference between what is stored and what the rules say, of one moment; then both
    logs, from their first entry on."""
    with app.database.snapshot() as session:
        last = app.recorded_facts.last_of_cases(session)
        to_count = app.recorded_facts.centres_to_count(session)
        for case_id in app.cases.all_ids(session):
            yield from _audit_case(app, session, case_id, last.get(case_id), to_count)
        yield from _audit_calendar(app, session)
        for plan in app.action_plans.page(session=session):
            earlier = app.plan_editions.find(plan.id, before=plan.current.number, limit=0)
            yield from audit_plan(plan, (*earlier, plan.current))
    yield from _audit_log("open", app.event_log)
    yield from _audit_log("sealed", app.news_log)


def _audit_case(
    app: App,
    session: Session,
    case_id: str,
    last: LastEvent | None,
    to_count: Collection[str],
) -> Iterator[Difference]:
    try:
        case: Case = app.cases.get(case_id, session)
    except (NotDecrypted, CaseKeyMissing) as error:
        yield Difference(Rule.KEY, f"case/{case_id}", "readable", type(error).__name__)
        return
    recorded = app.history.recorded(subject_of(case), session)
    yield from audit_case(case, recorded, last, app.tasks.open_of_case(case_id, session))
    limits = app.time_limits.of_case(case_id, session)
    yield from audit_limits(case, limits)
    for each in limits:
        if each.live and each.centre_id not in to_count:
            clock = clock_at(app, session, each)
            yield from audit_moments(each, clock, app.clock.now(), TIMER_DELAY)


def _audit_calendar(app: App, session: Session) -> Iterator[Difference]:
    meetings: list[Meeting] = [
        *app.appointments.all_to_come(session),
        *app.visits.all_to_come(session),
    ]
    expected = {each.id: engagement_of(each) for each in meetings}
    found = {each.id: each for each in app.engagements.all(session)}
    yield from audit_calendar({id: e for id, e in expected.items() if e is not None}, found)


def _audit_log(name: str, log: EventLog) -> Iterator[Difference]:
    try:
        log.verify()
    except LogBroken as error:
        yield Difference(Rule.CHAIN, f"log/{name}", "as written", str(error))
