"""Opening and closing tasks, inside the transaction that gives or takes the cause."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from services.common.context import SYSTEM, Caller
from services.common.contracts.consultations import events
from services.common.contracts.registry import EventType
from services.common.storage.mongo import Session
from services.consultations.app import App
from services.consultations.domain.cases import Case
from services.consultations.domain.tasks import Task, TaskKind


def open_task(
    app: App,
    session: Session,
    what: TaskKind,
    *,
    subject: str,
    centre_id: str,
    case: Case | None = None,
    people: Iterable[str] = (),
    details: Mapping[str, Any] | None = None,
) -> Task:
    """The open task of this kind about a subject; a new one where there is none.

    Args:
        case: the case that it belongs to. Of a sealed one only its people see the task.
        people: who sees it beside the staff of the centre.
    """
    found = app.tasks.open_one(what, subject, session)
    if found is not None:
        return found
    sealed = case is not None and case.sealed
    task = Task(
        id=app.new_id(),
        what=what,
        subject=subject,
        centre_id=centre_id,
        case_id=None if case is None else case.id,
        people=frozenset(people),
        sealed=sealed,
        details=details or {},
        opened_at=app.clock.now(),
    )
    app.tasks.add(session, task)
    _record(app, SYSTEM, session, events.TASK_OPENED, task)
    return task


def close_task(app: App, session: Session, caller: Caller, before: Task) -> Task:
    """Close a task that is done, or has become needless; the task as it is then."""
    after = before.closed(caller.id, app.clock.now())
    if after is not before:
        app.tasks.save(session, after, before.version)
        _record(app, caller, session, events.TASK_CLOSED, after)
    return after


def close_task_about(app: App, session: Session, what: TaskKind, subject: str) -> None:
    """Close the task of this kind about a subject, whose cause is gone; nothing happens where there
    is none."""
    found = app.tasks.open_one(what, subject, session)
    if found is not None:
        close_task(app, session, SYSTEM, found)


def close_tasks_of_case(app: App, session: Session, case: Case) -> None:
    """Close every open task of a case that is over."""
    for each in app.tasks.open_of_case(case.id, session):
        close_task(app, session, SYSTEM, each)


def hand_tasks_on(app: App, session: Session, before: Case, after: Case) -> None:
    """Let who has left a case see its tasks no more, and an adviser who comes for them instead."""
    left = before.people - after.people
    if left:
        app.tasks.hand_on(session, after.id, left, after.adviser_ids - before.adviser_ids)


def seal_tasks_of_case(app: App, session: Session, case: Case) -> None:
    """Let the tasks of a case, closed ones too, be seen by those who may know of the case now. To
    readers of the open log those of a sealed case are closed."""
    app.tasks.seal_closed(session, case)
    for before in app.tasks.open_of_case(case.id, session):
        if before.sealed is case.sealed:
            continue
        after = before.sealed_as(case.sealed, case.people if case.sealed else before.people)
        app.tasks.save(session, after, before.version)
        event_type = events.TASK_CLOSED if case.sealed else events.TASK_OPENED
        _record(app, SYSTEM, session, event_type, replace(after, sealed=False))


def _record(app: App, caller: Caller, session: Session, event_type: EventType, task: Task) -> None:
    if task.sealed:
        return
    app.outbox.record(
        session,
        event_type,
        subject=task.id,
        version=task.version,
        data={
            "task_id": task.id,
            "what": task.what.value,
            "subject": task.subject,
            "centre_id": task.centre_id,
            "version": task.version,
            "changed_by": caller.id,
        },
        caller=caller,
    )
