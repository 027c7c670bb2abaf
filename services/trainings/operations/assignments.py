"""Assignments: staff ask a trainer to teach a cohort; the trainer accepts or declines."""

from __future__ import annotations

from dataclasses import asdict, replace

from services.common import errors
from services.common.authorisation import check_signed_in
from services.common.context import Call
from services.common.contracts.registry import EventType
from services.common.contracts.trainings import events
from services.common.contracts.trainings.assignment_errors import UNKNOWN_SESSION, UNKNOWN_TRAINER
from services.common.contracts.trainings.roster_errors import (
    ALREADY_ON_ROSTER,
    COHORT_NOT_ALLOWED_NOW,
)
from services.common.directory.people import TRAINER
from services.common.errors import FieldError
from services.common.lists import one_more
from services.common.storage.idempotency import Request
from services.common.storage.mongo import Session
from services.trainings.app import App
from services.trainings.domain import permissions
from services.trainings.domain.assignments import (
    Assignment,
    AssignmentAction,
    AssignmentStatus,
    times_of,
)
from services.trainings.domain.cohort_states import HOLDS_ITS_SESSIONS
from services.trainings.domain.cohorts import Cohort
from services.trainings.operations.cohorts import cohort_to_run, get_cohort
from services.trainings.schemas.assignments import (
    AnswerAssignment,
    AssignTrainer,
    EndAssignment,
    ListAssignments,
)
from services.trainings.steps.assignments import put_on_roster, save_assignment, take_off_roster


def find_assignments(app: App, call: Call, query: ListAssignments) -> list[Assignment]:
    """Assignments by id, one more than a page where there are more: those of the caller, and those
    of centres whose staff the caller is.

    Raises:
        errors.Unauthenticated: for a visitor.
    """
    check_signed_in(call.caller)
    return app.assignments.find(
        visible=permissions.visible_assignments(call.caller),
        cohort_id=query.cohort_id,
        trainer_id=query.trainer_id,
        status=query.status,
        after=query.after,
        limit=one_more(query.limit),
    )


def get_assignment(app: App, call: Call, assignment_id: str) -> Assignment:
    """Raises:
    errors.Unauthenticated: for a visitor.
    errors.NotFound: if there is none, for others than its trainer and staff of its centre.
    """
    return _assignment(app, call, assignment_id)


def assign_trainer(app: App, call: Call, command: AssignTrainer) -> Assignment:
    """Ask a trainer to teach; the same key gives the same assignment again, as it is now. The
    trainer is taken from then on.

    Raises:
        errors.NotFound, errors.Unauthenticated, errors.Forbidden: for others than staff of the
            centre.
        errors.Invalid: ``trainings.unknown_session``, ``trainings.unknown_trainer``.
        errors.Conflict: ``trainings.trainer_taken``, ``trainings.already_assigned``,
            ``trainings.already_on_roster``, ``trainings.cohort_not_allowed_now``.
    """
    request = Request.of(call, "trainings.assign_trainer", asdict(command))

    def work(session: Session) -> Assignment:
        cohort = cohort_to_run(app, call, session, command.cohort_id)
        _check_holds_its_sessions(cohort)
        _check_sessions_exist(cohort, command.session_ids)
        _check_works_as_trainer(app, session, command.trainer_id, cohort.centre_id)
        if cohort.roster is not None and cohort.roster.entry_of(command.trainer_id) is not None:
            raise ALREADY_ON_ROSTER()
        assignment = Assignment(
            id=app.new_id(),
            cohort_id=cohort.id,
            centre_id=cohort.centre_id,
            trainer_id=command.trainer_id,
            session_ids=command.session_ids,
            times=times_of(cohort, command.session_ids),
            assigned_by=call.caller.id,
            assigned_at=app.clock.now(),
        )
        event_type = events.ASSIGNMENT_OFFERED
        save_assignment(app, call.caller, session, event_type, cohort, None, assignment)
        return assignment

    # Before an earlier answer is given, too.
    permissions.check_runs_cohorts_at(call.caller, _centre_of(app, call, command.cohort_id))
    # The id alone: what the key held of the trainer would outlive an erasure.
    return app.keys.once(
        request,
        work,
        save=lambda assignment: {"id": assignment.id},
        load=lambda kept: app.assignments.get(kept["id"]),
    )


def accept_assignment(app: App, call: Call, command: AnswerAssignment) -> Assignment:
    """The trainer comes.

    Raises:
        errors.Unauthenticated, errors.NotFound, errors.Forbidden: for others than the trainer.
        errors.Stale: it is not at the expected version any more.
        errors.Conflict: ``trainings.assignment_not_allowed_now``,
            ``trainings.already_on_roster``, ``trainings.cohort_not_allowed_now``.
    """

    def work(session: Session) -> Assignment:
        before = _assignment(app, call, command.id, session)
        permissions.check_is_trainer_of(call.caller, before)
        _check_version(before, command.expected_version)
        cohort = app.cohorts.get(before.cohort_id, session)
        _check_holds_its_sessions(cohort)
        after = before.after(AssignmentAction.ACCEPT, answered_at=app.clock.now())
        event_type = events.ASSIGNMENT_ACCEPTED
        save_assignment(app, call.caller, session, event_type, cohort, before, after)
        put_on_roster(app, call.caller, session, cohort, after)
        return after

    return app.database.transact(work)


def decline_assignment(app: App, call: Call, command: EndAssignment) -> Assignment:
    """The trainer does not come, or not any more; the trainer is free at once.

    Raises:
        errors.Unauthenticated, errors.NotFound, errors.Forbidden: for others than the trainer.
        errors.Stale: it is not at the expected version any more.
        errors.Conflict: ``trainings.assignment_not_allowed_now``.
    """
    return _end(app, call, command, AssignmentAction.DECLINE, events.ASSIGNMENT_DECLINED)


def withdraw_assignment(app: App, call: Call, command: EndAssignment) -> Assignment:
    """Staff need the trainer no more; the trainer is free at once.

    Raises:
        errors.Unauthenticated, errors.NotFound, errors.Forbidden: for others than staff of the
            centre.
        errors.Stale: it is not at the expected version any more.
        errors.Conflict: ``trainings.assignment_not_allowed_now``.
    """
    return _end(app, call, command, AssignmentAction.WITHDRAW, events.ASSIGNMENT_WITHDRAWN)


def _end(
    app: App, call: Call, command: EndAssignment, action: AssignmentAction, event_type: EventType
) -> Assignment:
    def work(session: Session) -> Assignment:
        before = _assignment(app, call, command.id, session)
        if action is AssignmentAction.DECLINE:
            permissions.check_is_trainer_of(call.caller, before)
        else:
            permissions.check_runs_cohorts_at(call.caller, before.centre_id)
        _check_version(before, command.expected_version)
        after = before.after(action, reason=command.reason)
        if action is AssignmentAction.DECLINE:
            after = replace(after, answered_at=app.clock.now())
        cohort = app.cohorts.get(before.cohort_id, session)
        save_assignment(app, call.caller, session, event_type, cohort, before, after)
        if before.status is AssignmentStatus.ACCEPTED:
            take_off_roster(app, call.caller, session, cohort, after)
        return after

    return app.database.transact(work)


def _assignment(
    app: App, call: Call, assignment_id: str, session: Session | None = None
) -> Assignment:
    check_signed_in(call.caller)
    assignment = app.assignments.get(assignment_id, session)
    permissions.check_may_see_assignment(call.caller, assignment)
    return assignment


def _centre_of(app: App, call: Call, cohort_id: str) -> str:
    """Raises:
    errors.NotFound: if there is no such cohort, or it is a draft that the caller may not see.
    """
    return get_cohort(app, call, cohort_id).centre_id


def _check_version(assignment: Assignment, expected_version: int) -> None:
    """Raises:
    errors.Stale: if it is at another version.
    """
    if assignment.version != expected_version:
        raise errors.Stale()


def _check_holds_its_sessions(cohort: Cohort) -> None:
    """Raises:
    errors.Conflict: ``trainings.cohort_not_allowed_now``.
    """
    if cohort.status not in HOLDS_ITS_SESSIONS:
        raise COHORT_NOT_ALLOWED_NOW(state=cohort.status.value)


def _check_works_as_trainer(app: App, session: Session, person_id: str, centre_id: str) -> None:
    """Raises:
    errors.Invalid: ``trainings.unknown_trainer``, for anybody but a trainer who works now.
    """
    # An erasure comes before it, and finds nothing here, or after it, and ends the assignment.
    app.directory.lock_named(session, [person_id])
    person = app.directory.people([person_id], session).get(person_id)
    if person is None or not person.works_as(TRAINER, centre_id):
        raise UNKNOWN_TRAINER(errors=[FieldError("/trainer_id", UNKNOWN_TRAINER.code)])


def _check_sessions_exist(cohort: Cohort, session_ids: tuple[str, ...] | None) -> None:
    """Raises:
    errors.Invalid: ``trainings.unknown_session``, naming each.
    """
    faults = [
        FieldError(f"/session_ids/{number}", UNKNOWN_SESSION.code)
        for number, each in enumerate(session_ids or ())
        if cohort.session(each) is None
    ]
    if faults:
        raise UNKNOWN_SESSION(errors=faults)
