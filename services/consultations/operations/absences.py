"""Absences: an adviser is away. What was agreed stays, and staff are given a task about it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta

from services.common import errors
from services.common.authorisation import check_signed_in
from services.common.context import Call
from services.common.contracts.consultations.adviser_errors import UNKNOWN_ADVISER
from services.common.contracts.consultations.calendar_errors import (
    IN_THE_PAST,
    TOO_FAR_AHEAD,
    TOO_MANY_ABSENCES,
)
from services.common.contracts.consultations.calendar_limits import (
    MOST_ABSENCES,
    MOST_COVERED,
    MOST_DAYS_AHEAD,
)
from services.common.errors import FieldError
from services.common.history.steps import record_change
from services.common.lists import one_more
from services.common.storage.idempotency import Request
from services.common.storage.mongo import Document, Session
from services.common.time.period import Period
from services.consultations.app import App
from services.consultations.domain import calendar_permissions as permissions
from services.consultations.domain.absences import Absence, AbsenceAction, check_absence
from services.consultations.schemas.absences import (
    ActOnAbsence,
    ChangeAbsence,
    EnterAbsence,
    ListAbsences,
)
from services.consultations.steps.absence_tasks import update_absence_tasks
from services.consultations.steps.adviser_calendar import follow_adviser_later, turn_of_adviser


def find_absences(app: App, call: Call, query: ListAbsences) -> list[Absence]:
    """Absences by id, one more than a page where there are more: one's own; managers see all.

    Raises:
        errors.Unauthenticated: for a visitor.
    """
    check_signed_in(call.caller)
    return app.absences.find(
        visible=permissions.visible_absences(call.caller),
        adviser_id=query.adviser_id,
        status=query.status,
        after=query.after,
        limit=one_more(query.limit),
    )


def get_absence(app: App, call: Call, absence_id: str, session: Session | None = None) -> Absence:
    """Raises:
    errors.Unauthenticated: for a visitor.
    errors.NotFound: if there is none, for others than the adviser and managers.
    """
    check_signed_in(call.caller)
    absence = app.absences.get(absence_id, session)
    permissions.check_sees_absence(call.caller, absence)
    return absence


def enter_absence(app: App, call: Call, command: EnterAbsence) -> Absence:
    """Say that an adviser is away; the same key gives the same absence again.

    Raises:
        errors.Unauthenticated, errors.Forbidden: for others than the adviser and managers.
        errors.Invalid: ``consultations.unknown_adviser``, ``consultations.end_before_start``,
            ``consultations.off_raster``, ``consultations.absence_too_long``.
        errors.Conflict: ``consultations.in_the_past``, ``consultations.too_far_ahead``,
            ``consultations.too_many_absences``.
    """
    permissions.check_enters_absence(call.caller, command.adviser_id)
    request = Request.of(call, "consultations.enter_absence", asdict(command))

    def work(session: Session) -> Absence:
        _lock(app, session, command.adviser_id)
        _check_period(app, command.period)
        now = app.clock.now()
        to_come = Period(now, command.period.ends_at)
        if app.absences.count_to_come(command.adviser_id, to_come, session) >= MOST_ABSENCES:
            raise TOO_MANY_ABSENCES(most=MOST_ABSENCES)
        absence = Absence(
            id=app.new_id(),
            adviser_id=command.adviser_id,
            period=command.period,
            entered_by=call.caller.id,
            entered_at=now,
        )
        app.absences.add(session, absence)
        record_change(app, call.caller, session, absence, None, absence.facts)
        _update_tasks(app, session, absence.adviser_id, absence.period)
        return absence

    def as_it_is_now(kept: Document) -> Absence:
        return app.absences.get(kept["id"])

    return app.keys.once(
        request,
        work,
        save=lambda made: {"id": made.id},
        load=as_it_is_now,
        turn=turn_of_adviser(command.adviser_id),
    )


def change_absence(app: App, call: Call, command: ChangeAbsence) -> Absence:
    """Let an absence be at another time; tasks follow.

    Raises:
        errors.Unauthenticated, errors.NotFound: for others than the adviser and managers.
        errors.Stale: it is not at the expected version any more.
        errors.Invalid, errors.Conflict: as of :func:`enter_absence`;
            ``consultations.absence_not_allowed_now``.
    """
    _check_period(app, command.period)
    return _change(app, call, command, AbsenceAction.CHANGE, command.period)


def withdraw_absence(app: App, call: Call, command: ActOnAbsence) -> Absence:
    """Take an absence back; its tasks are closed.

    Raises:
        errors.Unauthenticated, errors.NotFound: for others than the adviser and managers.
        errors.Stale: it is not at the expected version any more.
        errors.Conflict: ``consultations.absence_not_allowed_now``.
    """
    return _change(app, call, command, AbsenceAction.WITHDRAW, None)


def _change(
    app: App,
    call: Call,
    command: ActOnAbsence | ChangeAbsence,
    action: AbsenceAction,
    period: Period | None,
) -> Absence:
    adviser_id = get_absence(app, call, command.id).adviser_id

    def work(session: Session) -> Absence:
        _lock(app, session, adviser_id)
        before = get_absence(app, call, command.id, session)
        if before.version != command.expected_version:
            raise errors.Stale()
        after = before.after(action, period)
        app.absences.save(session, after, before.version)
        record_change(
            app, call.caller, session, after, before.facts, after.facts, action=action.value
        )
        for each in dict.fromkeys((before.period, after.period)):
            _update_tasks(app, session, adviser_id, each)
        return after

    return app.database.transact(work, turn=turn_of_adviser(adviser_id))


def _lock(app: App, session: Session, adviser_id: str) -> None:
    """Raises:
    errors.Invalid: ``consultations.unknown_adviser``.
    """
    if app.advisers.lock(adviser_id, session) is None:
        raise UNKNOWN_ADVISER(errors=[FieldError("/adviser_id", UNKNOWN_ADVISER.code)])


def _check_period(app: App, period: Period) -> None:
    check_absence(period)
    if period.ends_at <= app.clock.now():
        raise IN_THE_PAST()
    if period.starts_at > app.clock.now() + timedelta(days=MOST_DAYS_AHEAD):
        raise TOO_FAR_AHEAD(days=MOST_DAYS_AHEAD)


def _update_tasks(app: App, session: Session, adviser_id: str, period: Period) -> None:
    """Have the tasks about meetings in a period be as the absences are; beyond the first ones, as
    soon as the worker comes to it. How many there are, sealed ones among them, nobody is shown."""
    found = app.engagements.of_adviser(adviser_id, period, session, limit=one_more(MOST_COVERED))
    if len(found) > MOST_COVERED:
        follow_adviser_later(app, session, adviser_id)
    first = found[:MOST_COVERED]
    update_absence_tasks(app, session, adviser_id, (each for each in first if each.meets(period)))
