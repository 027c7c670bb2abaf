"""The sessions of a cohort: adding, moving and removing them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from services.common import errors
from services.common.context import Call
from services.common.contracts.trainings import events
from services.common.contracts.trainings.errors import NO_SESSIONS, SESSION_OVER
from services.common.storage.idempotency import Request
from services.common.storage.mongo import Session
from services.trainings.app import App
from services.trainings.domain import permissions
from services.trainings.domain.cohort_states import CohortStatus
from services.trainings.domain.cohort_times import check_application_times, check_session_time
from services.trainings.domain.cohorts import (
    Cohort,
    CohortSession,
)
from services.trainings.domain.rooms import holds_room
from services.trainings.domain.roster_of_cohort import follow_cohort
from services.trainings.domain.session_changes import change_session_of_cohort
from services.trainings.operations.cohorts import cohort_to_run, get_cohort, new_session
from services.trainings.schemas.cohorts import AddSession, ChangeSession, RemoveSession
from services.trainings.steps.assignments import follow_sessions
from services.trainings.steps.rooms import request_changed_rooms
from services.trainings.steps.roster_changes import apply_roster_change
from services.trainings.steps.save_cohort import save_cohort
from services.trainings.steps.session_events import record_session_events
from services.trainings.store.cohorts import turn_of_cohort


def add_session(app: App, call: Call, command: AddSession) -> Cohort:
    """Give a cohort one more session; the same key gives the same answer again.

    Raises:
        errors.NotFound: if there is no such cohort, or it is a draft that the caller may not see.
        errors.Unauthenticated, errors.Forbidden: for anybody but staff of its centre.
        errors.Invalid, errors.Conflict: as of the rules of a session; and
            ``trainings.cohort_not_allowed_now``.
    """
    # Before an earlier answer is given, too.
    cohort = get_cohort(app, call, command.cohort_id)
    permissions.check_runs_cohorts_at(call.caller, cohort.centre_id)
    request = Request.of(call, "trainings.add_session", asdict(command))

    def work(session: Session) -> Cohort:
        before = cohort_to_run(app, call, session, command.cohort_id)
        added = new_session(app, command.session)
        check_session_time(added, app.clock.now())
        return _save_sessions(app, call, session, before, (*before.sessions, added), None)

    turn = turn_of_cohort(command.cohort_id)
    # The id alone: a roster in the key would outlive an erasure, and be older than what is known.
    app.keys.once(
        request,
        work,
        save=lambda changed: {"id": changed.id},
        load=lambda kept: app.cohorts.get(kept["id"]),
        turn=turn,
    )
    return app.cohorts.get(command.cohort_id)


def change_session(app: App, call: Call, command: ChangeSession) -> Cohort:
    """Move a session or change its place or words. A request that changes nothing gives the cohort
    as it is.

    A session of an announced cohort, and one that has a room, keeps its time and its room until
    bookings has granted the new ones.

    Raises:
        errors.NotFound: if there is no such cohort or session.
        errors.Unauthenticated, errors.Forbidden: for anybody but staff of its centre.
        errors.Stale: it is not at the expected version any more.
        errors.Invalid, errors.Conflict: as of the rules of a session;
            ``trainings.session_over``, ``trainings.cohort_not_allowed_now``,
            ``trainings.move_awaited``, ``trainings.trainer_taken``.
    """

    def work(session: Session) -> Cohort:
        before = cohort_to_run(app, call, session, command.id, command.expected_version)
        old = _session_to_come(app, before, command.session_id)
        now = app.clock.now()
        draft = before.status is CohortStatus.DRAFT
        stays = not draft or holds_room(old, app.rooms.of(before.id, session))
        new = change_session_of_cohort(old, command.changes, stays=stays, now=now)
        if new == old:
            return before
        check_session_time(new.wanted, now)
        sessions = [new if each.id == new.id else each for each in before.sessions]
        return _save_sessions(app, call, session, before, sessions, command.reason)

    return app.database.transact(work, turn=turn_of_cohort(command.id))


def remove_session(app: App, call: Call, command: RemoveSession) -> Cohort:
    """Take a session away. A cohort that is announced keeps at least one.

    Raises:
        errors.NotFound: if there is no such cohort or session.
        errors.Unauthenticated, errors.Forbidden: for anybody but staff of its centre.
        errors.Stale: it is not at the expected version any more.
        errors.Conflict: ``trainings.session_over``, ``trainings.no_sessions``,
            ``trainings.cohort_not_allowed_now``.
    """

    def work(session: Session) -> Cohort:
        before = cohort_to_run(app, call, session, command.id, command.expected_version)
        removed = _session_to_come(app, before, command.session_id)
        sessions = [each for each in before.sessions if each.id != removed.id]
        if not sessions and before.status is not CohortStatus.DRAFT:
            raise NO_SESSIONS()
        return _save_sessions(app, call, session, before, sessions, command.reason)

    return app.database.transact(work, turn=turn_of_cohort(command.id))


def _session_to_come(app: App, cohort: Cohort, session_id: str) -> CohortSession:
    """Raises:
    errors.NotFound: if the cohort has no such session.
    errors.Conflict: ``trainings.session_over``.
    """
    found = cohort.session(session_id)
    if found is None:
        raise errors.NotFound()
    if cohort.status is not CohortStatus.DRAFT and found.starts_at <= app.clock.now():
        raise SESSION_OVER()
    return found


def _save_sessions(
    app: App,
    call: Call,
    session: Session,
    before: Cohort,
    sessions: Sequence[CohortSession],
    reason: str | None,
) -> Cohort:
    after = before.with_sessions(sessions)
    check_application_times(after, app.clock.now())
    check_application_times(after.wanted, app.clock.now())
    change = follow_cohort(before, after, app.clock.now())
    save_cohort(app, call.caller, session, events.COHORT_CHANGED, before, after, reason)
    if change is not None:
        after = apply_roster_change(app, call.caller, session, after, change)
    record_session_events(app, call.caller, session, before, after, reason)
    after = follow_sessions(app, call.caller, session, after)
    request_changed_rooms(app, call.caller, session, before, after)
    return after
