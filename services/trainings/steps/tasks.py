"""Opening and closing tasks of staff, inside the transaction that gives or takes the cause."""

from __future__ import annotations

from collections.abc import Mapping

from services.common.context import SYSTEM, Caller
from services.common.contracts.registry import EventType
from services.common.contracts.trainings import events
from services.common.storage.mongo import Session
from services.trainings.app import App
from services.trainings.domain.cohorts import Cohort
from services.trainings.domain.tasks import Task, TaskKind


def update_tasks(
    app: App, session: Session, cohort: Cohort, wanted: Mapping[TaskKind, tuple[str, ...]]
) -> None:
    """Have a cohort's open tasks of these kinds be as they are to be.

    Args:
        wanted: kind → the sessions that a task is about; none where there is nothing to do.
    """
    found = app.tasks.open_of(cohort.id, session)
    for kind, session_ids in wanted.items():
        task = found.get(kind)
        if session_ids and task is None:
            _open(app, session, cohort, kind, session_ids)
        elif session_ids and task is not None:
            _save(app, SYSTEM, session, events.TASK_CHANGED, task, task.about(session_ids), cohort)
        elif task is not None:
            close_task(app, SYSTEM, session, task, cohort)


def close_task(app: App, caller: Caller, session: Session, before: Task, cohort: Cohort) -> Task:
    """Close a task that is done, or has become needless; the task as it is then."""
    after = before.closed(caller.id, app.clock.now())
    _save(app, caller, session, events.TASK_CLOSED, before, after, cohort)
    return after


def _open(
    app: App, session: Session, cohort: Cohort, kind: TaskKind, session_ids: tuple[str, ...]
) -> None:
    task = Task(
        id=app.new_id(),
        what=kind,
        cohort_id=cohort.id,
        centre_id=cohort.centre_id,
        session_ids=session_ids,
        opened_at=app.clock.now(),
    )
    app.tasks.add(session, task)
    _record(app, SYSTEM, session, events.TASK_OPENED, task, cohort)


def _save(
    app: App,
    caller: Caller,
    session: Session,
    event_type: EventType,
    before: Task,
    after: Task,
    cohort: Cohort,
) -> None:
    if after is before:
        return
    app.tasks.save(session, after, before.version)
    _record(app, caller, session, event_type, after, cohort)


def _record(
    app: App, caller: Caller, session: Session, event_type: EventType, task: Task, cohort: Cohort
) -> None:
    app.outbox.record(
        session,
        event_type,
        subject=task.id,
        version=task.version,
        data={
            "task_id": task.id,
            "what": task.what.value,
            "cohort_id": task.cohort_id,
            "title": dict(cohort.title),
            "centre_id": task.centre_id,
            "session_ids": list(task.session_ids),
            "version": task.version,
            "changed_by": caller.id,
        },
        caller=caller,
    )
