"""Whether what is stored of a cohort keeps every rule: recomputed, and compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from services.common.context import SYSTEM, Call
from services.common.history.changes import subject_of
from services.common.storage.mongo import Session
from services.trainings.app import App
from services.trainings.domain import permissions
from services.trainings.domain.audit import (
    Record,
    Rule,
    audit_applications,
    audit_facts,
    audit_records,
    audit_roster,
)
from services.trainings.domain.cohorts import Cohort
from services.trainings.domain.seats import count_seats
from services.trainings.operations.cohorts import get_cohort
from services.trainings.schemas.applications import AuditReport

#: A deadline is done within so much time; until then it is no difference.
TIMER_DELAY = timedelta(minutes=1)


def audit_cohort(app: App, call: Call, cohort_id: str) -> AuditReport:
    """Recompute every rule of a cohort's seats from its documents and histories.

    Raises:
        errors.NotFound: if there is none, or it is a draft that the caller may not see.
        errors.Unauthenticated, errors.Forbidden: for anybody but staff of its centre.
    """
    cohort = get_cohort(app, call, cohort_id)
    permissions.check_runs_cohorts_at(call.caller, cohort.centre_id)
    with app.database.snapshot() as session:
        return _audit(app, session, app.cohorts.get(cohort_id, session))


def audit_all(app: App) -> Iterator[AuditReport]:
    """Recompute every rule of every cohort, also from the events, one cohort after another.

    All of it is of one moment.
    """
    with app.database.snapshot() as session:
        facts = app.recorded_facts.of_applications(session)
        for cohort in app.cohorts.page(session=session):
            yield _audit(app, session, cohort, facts)


def _audit(
    app: App, session: Session, cohort: Cohort, facts: Mapping[str, Record] | None = None
) -> AuditReport:
    applications = app.applications.of_cohort(cohort.id, session=session)
    by_id = {each.id: each for each in applications}
    histories = {
        each.id: Record(*recorded)
        for each in applications
        if (recorded := app.history.recorded(subject_of(each), session))
    }
    now = app.clock.now()
    found = list(audit_records(Rule.HISTORY, applications, histories))
    # No event was published of what the first data brought.
    if facts is not None and cohort.created_by != SYSTEM.id:
        found += audit_records(Rule.EVENTS, applications, facts)
    roster = cohort.roster
    if roster is not None:
        # One that a merge has put another in the place of has no entry, also if it has ended.
        statuses = {each.id: each.status for each in applications if each.merged_into is None}
        found += audit_roster(roster, now - TIMER_DELAY)
        found += audit_applications(roster, statuses)
        found += audit_facts(roster, by_id)
    return AuditReport(
        cohort_id=cohort.id,
        at=now,
        capacity=cohort.capacity,
        seats_taken=0 if roster is None else count_seats(roster).taken,
        applications=len(applications),
        differences=tuple(found),
    )
