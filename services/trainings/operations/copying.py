"""Copying a cohort: a draft like it, on other days."""

from __future__ import annotations

from dataclasses import asdict

from services.common.context import Call
from services.common.contracts.trainings import events
from services.common.contracts.trainings.errors import UNKNOWN_CENTRE
from services.common.errors import Conflict, FieldError
from services.common.storage.idempotency import Request
from services.common.storage.mongo import Session
from services.trainings.app import App
from services.trainings.domain import permissions
from services.trainings.domain.cohort_times import check_application_times, check_session_time
from services.trainings.domain.cohorts import (
    Cohort,
    check_sessions,
)
from services.trainings.domain.copying import copy_cohort as copied
from services.trainings.operations.cohorts import course_to_offer, get_cohort
from services.trainings.schemas.cohorts import CopyCohort
from services.trainings.steps.rooms import request_rooms
from services.trainings.steps.save_cohort import save_cohort
from services.trainings.store.cohorts import COHORT


def copy_cohort(app: App, call: Call, command: CopyCohort) -> Cohort:
    """Prepare a cohort like another one, on other days; the same key gives the same copy again.
    Its rooms are requested at once.

    Raises:
        errors.NotFound: if there is none, or it is a draft that the caller may not see.
        errors.Unauthenticated, errors.Forbidden: for others than staff of the copy's centre.
        errors.Invalid: ``trainings.unknown_centre``.
        errors.Conflict: ``trainings.course_retired``, ``trainings.no_sessions``,
            ``trainings.in_the_past``, ``trainings.too_far_ahead``, ``trainings.sessions_overlap``.
    """
    original = get_cohort(app, call, command.id)
    centre_id = command.centre_id or original.centre_id
    permissions.check_runs_cohorts_at(call.caller, centre_id)
    request = Request.of(call, "trainings.copy_cohort", asdict(command))

    def work(session: Session) -> Cohort:
        now = app.clock.now()
        before = app.cohorts.get(command.id, session)
        course = course_to_offer(app, session, before.course_id)
        centre = app.centres.look_up(centre_id, session)
        if centre is None:
            raise UNKNOWN_CENTRE(errors=[FieldError("/centre_id", UNKNOWN_CENTRE.code)])
        cohort = copied(
            before,
            course,
            (app.centres.get(before.centre_id, session), centre),
            command.starts_on,
            by=call.caller.id,
            now=now,
            id=app.new_id(),
            session_ids=[app.new_id() for _ in before.sessions],
        )
        _check_times(cohort, app)
        save_cohort(app, call.caller, session, events.COHORT_CREATED, None, cohort)
        request_rooms(app, call.caller, session, cohort)
        return cohort

    made = app.keys.once(request, work, save=COHORT.document_of, load=COHORT.aggregate_of)
    # An earlier answer may be older than what is known of its rooms.
    return app.cohorts.get(made.id)


def _check_times(cohort: Cohort, app: App) -> None:
    """Raises:
    errors.Conflict: ``trainings.in_the_past`` and ``trainings.too_far_ahead``, naming the date;
        ``trainings.sessions_overlap``.
    """
    for each in cohort.sessions:
        try:
            check_session_time(each, app.clock.now())
        except Conflict as refusal:
            fault = FieldError("/starts_on", refusal.code)
            raise Conflict(refusal.code, params=refusal.params, errors=[fault]) from refusal
    check_sessions(cohort.sessions)
    check_application_times(cohort, app.clock.now())
