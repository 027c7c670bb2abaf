"""Saving the marks of a batch."""

from __future__ import annotations

from collections.abc import Sequence, Set

from services.common.context import Caller
from services.common.contracts.trainings.events import ATTENDANCE_RECORDED
from services.common.storage.mongo import AlreadyThere, RetryTransaction, Session
from services.trainings.app import App
from services.trainings.domain.attendance import (
    Enrolment,
    Mark,
    Outcome,
    Received,
    receive_marks,
)
from services.trainings.domain.attendance import Session as TrainingSession
from services.trainings.domain.cohorts import Cohort
from services.trainings.domain.merging import current_id
from services.trainings.steps.enrolments import enrolments_in


def save_marks(
    app: App, caller: Caller, session: Session, cohort: Cohort, batch: Sequence[Mark]
) -> tuple[Received, ...]:
    """Store the marks of a batch that are new, with one event for all of them.

    As many questions to the database for one mark as for five hundred. Batches of many devices do
    not wait for each other: only two marks with one id meet.

    Returns:
        what becomes of each, in the order of the batch.
    """
    received = receive_marks(
        batch,
        app.marks.known(session, cohort.id, {each.id for each in batch}),
        sessions_of(cohort),
        _enrolments_by_any_record(app, session, cohort, {each.person_id for each in batch}),
    )
    new = [each.mark for each in received if each.outcome is Outcome.SAVED]
    if not new:
        return received
    try:
        app.marks.add(session, cohort.id, new)
    except AlreadyThere as error:
        raise RetryTransaction("a mark with the same id arrived meanwhile") from error
    app.outbox.record(
        session,
        ATTENDANCE_RECORDED,
        subject=app.new_id(),
        version=1,
        data={
            "cohort_id": cohort.id,
            "session_ids": sorted({each.session_id for each in new}),
            "marks": len(new),
            "recorded_by": caller.id,
        },
        caller=caller,
    )
    return received


def _enrolments_by_any_record(
    app: App, session: Session, cohort: Cohort, people: Set[str]
) -> dict[str, Enrolment]:
    """The seats in a cohort, also by the ids that these people had before their records were
    merged: a phone that was offline does not know of it."""
    found = enrolments_in(app, cohort.id, session)
    others = people - found.keys()
    merged = app.participants.current_ids(others, session) if others else {}
    current = {each: current_id(each, merged) for each in others}
    return found | {each: found[now] for each, now in current.items() if now in found}


def sessions_of(cohort: Cohort) -> dict[str, TrainingSession]:
    """The sessions of a cohort as attendance takes them, by id."""
    return {
        each.id: TrainingSession(each.id, each.starts_at, each.ends_at) for each in cohort.sessions
    }
