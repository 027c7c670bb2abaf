"""What becomes of a case whose adviser works on it no more: nothing ends by itself, and people who
may do so are asked to give it to another one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from services.common import errors
from services.common.context import SYSTEM
from services.common.contracts.consultations import events
from services.common.storage.mongo import Session
from services.consultations.app import App
from services.consultations.domain.case_states import OPEN
from services.consultations.domain.cases import Case
from services.consultations.domain.deadlines import DeadlineKind
from services.consultations.domain.tasks import TaskKind
from services.consultations.steps.case_events import save_case
from services.consultations.steps.suggestions import (
    find_intake_adviser,
    need_of,
    suggestions_for,
    takes_cases,
    usual_period,
)
from services.consultations.steps.tasks import close_task_about, open_task

MOST_SUBSTITUTES = 5
TRIED_AGAIN_AFTER = timedelta(hours=12)
"""Where nobody knows the kind of a sealed case, an adviser is looked for again after so long."""


def follow_lost_adviser(app: App, session: Session, case: Case) -> Case:
    """Ask for another adviser of a case whose own takes no cases any more; take the question back
    where that has changed. The case as it is then.

    The task of an open case is for staff of its centre, and names who could take over. Of a sealed
    one they may not know: it is for those of its advisers who take cases, and where none is left,
    an adviser of its kind comes to it as to a new one (:func:`find_intake_adviser`).
    """
    if case.status not in OPEN:
        return case
    if case.sealed:
        return _follow_sealed(app, session, case)
    if case.adviser_id is None:
        # Staff of the centre have the task since it was submitted.
        return case
    if takes_cases(app, session, case.adviser_id):
        close_task_about(app, session, TaskKind.ASSIGN_ADVISER, case.id)
    else:
        _ask(app, session, case, frozenset())
    return case


def _follow_sealed(app: App, session: Session, case: Case) -> Case:
    working = frozenset(each for each in case.adviser_ids if takes_cases(app, session, each))
    if not working:
        case, working = _with_another(app, session, case)
    if not working:
        later = app.clock.now() + TRIED_AGAIN_AFTER
        app.deadlines.set(session, DeadlineKind.SEALED_CASE, case.id, later)
        return case
    app.deadlines.clear(session, DeadlineKind.SEALED_CASE, case.id)
    if case.adviser_id is None or case.adviser_id not in working:
        _ask(app, session, case, working)
    else:
        close_task_about(app, session, TaskKind.ASSIGN_ADVISER, case.id)
    return case


def _with_another(app: App, session: Session, before: Case) -> tuple[Case, frozenset[str]]:
    """The case with an adviser of its kind, who sees its open tasks from then on; as it is where
    there is none."""
    try:
        found = find_intake_adviser(app, session, before)
    except errors.Conflict:
        return before, frozenset()
    after = replace(
        before,
        people=before.people | {found},
        adviser_ids=before.adviser_ids | {found},
        version=before.version + 1,
    )
    save_case(app, session, SYSTEM, events.CASE_CHANGED, before, after, action="adviser_joined")
    app.tasks.hand_on(session, after.id, before.adviser_ids, before.adviser_ids | {found})
    return after, frozenset({found})


def _ask(app: App, session: Session, case: Case, people: frozenset[str]) -> None:
    need = need_of(app, session, case)
    suggested = suggestions_for(app, session, need, usual_period(app.clock.now()))
    task = open_task(
        app,
        session,
        TaskKind.ASSIGN_ADVISER,
        subject=case.id,
        centre_id=case.centre_id,
        case=case,
        people=people,
        details={
            "adviser_id": case.adviser_id,
            "substitutes": [each.adviser_id for each in suggested[:MOST_SUBSTITUTES]],
        },
    )
    if case.sealed and task.people != people:
        # One that was open already is for those who can do it now.
        app.tasks.save(session, task.for_people(people), task.version)
