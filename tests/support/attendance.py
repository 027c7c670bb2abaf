"""Situations of attendance: people with seats, and what phones send."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from services.common.clock import to_wire
from services.common.context import Caller
from services.common.storage.mongo import Session
from services.trainings.app import App
from services.trainings.domain.admissions import admit_by_hand, enrol
from services.trainings.domain.applications import Source
from services.trainings.domain.assignments import Assignment
from services.trainings.domain.cohorts import Cohort
from services.trainings.domain.participants import Participant
from services.trainings.operations import assignments, attendance
from services.trainings.operations.applying import new_application
from services.trainings.schemas import attendance as schemas
from services.trainings.schemas.assignments import AnswerAssignment, AssignTrainer
from services.trainings.steps.roster_changes import apply_roster_change
from services.trainings.steps.save_application import save_application
from tests.support.bookings import RAQQA_DESK, call
from tests.support.trainings import now_is, open_cohort, session_request

TRAINER = Caller(id="trainer", roles=frozenset({"trainer"}))


def cohort_of(app: App, sessions: int = 5, capacity: int = 14) -> Cohort:
    """A cohort that takes applications, with a session on each of so many days."""
    days = [session_request(7 + number) for number in range(sessions)]
    return open_cohort(app, sessions=days, capacity=capacity)


def seat(app: App, cohort: Cohort, *people: str, by_hand: bool = False) -> Cohort:
    """Give these people seats, as of now."""

    def work(session: Session) -> Cohort:
        stored = app.cohorts.get(cohort.id, session)
        added = []
        for person in people:
            if app.participants.look_up(person, session) is None:
                participant = Participant(person, True, f"Name of {person}", app.clock.now())
                app.participants.add(session, participant)
            known = app.participants.get(person, session)
            application = new_application(app, stored, known, Source.SELF, None, None)
            save_application(app, Caller(id=person), session, stored, None, application)
            added.append(application.entry)
        assert stored.roster is not None
        now = app.clock.now()
        if by_hand:
            (entry,) = added
            change = admit_by_hand(stored.roster, entry, now, note="comes anyway")
        else:
            change = enrol(stored.roster, added, now)
        return apply_roster_change(app, RAQQA_DESK, session, stored, change)

    return app.database.transact(work)


def assign(app: App, cohort: Cohort) -> Assignment:
    """The trainer is asked to teach all sessions."""
    command = AssignTrainer(cohort.id, TRAINER.id, None)
    return assignments.assign_trainer(app, call(RAQQA_DESK), command)


def accept(app: App, assignment: Assignment) -> Assignment:
    """The trainer comes."""
    command = AnswerAssignment(assignment.id, assignment.version)
    return assignments.accept_assignment(app, call(TRAINER), command)


def during(app: App, cohort: Cohort, number: int, minutes: int = 10) -> datetime:
    """Let time come to a session, counted from 1, so many minutes after its start."""
    instant = cohort.sessions[number - 1].starts_at + timedelta(minutes=minutes)
    now_is(app, instant)
    return instant


def mark(
    cohort: Cohort,
    number: int,
    person: str,
    status: str = "present",
    *,
    id: str | None = None,
    minutes: int = 5,
    **values: Any,
) -> dict[str, Any]:
    """A mark as a phone sends it, of a session counted from 1."""
    session = cohort.sessions[number - 1]
    return {
        "id": id or f"{number}-{person}-{status}",
        "session_id": session.id,
        "person_id": person,
        "status": status,
        "marked_at": to_wire(session.starts_at + timedelta(minutes=minutes)),
        **values,
    }


def send(
    app: App,
    cohort: Cohort,
    *marks: dict[str, Any],
    device: str = "phone",
    caller: Caller = RAQQA_DESK,
) -> dict[str, Any]:
    """What a phone is answered."""
    request = {"cohort_id": cohort.id, "device_id": device, "marks": list(marks)}
    command = schemas.record_marks(request)
    received = attendance.record_marks(app, call(caller), command)
    return schemas.recorded_marks(command.marks, received)
