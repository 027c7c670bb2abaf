"""Consulting hours: an adviser receives people at a centre, in rooms requested by the month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from services.common import errors
from services.common.authorisation import check_signed_in
from services.common.context import Call
from services.common.contracts.consultations.adviser_errors import UNKNOWN_ADVISER
from services.common.contracts.consultations.calendar_errors import HOURS_IN_USE
from services.common.contracts.consultations.case_errors import UNKNOWN_CENTRE
from services.common.errors import FieldError
from services.common.history.steps import record_change
from services.common.lists import one_more
from services.common.storage.idempotency import Request
from services.common.storage.mongo import Document, Session
from services.common.time.period import Period
from services.consultations.app import App
from services.consultations.domain import calendar_permissions as permissions
from services.consultations.domain.consulting_hours import (
    ConsultingHours,
    Hour,
    check_hours,
    hour_of,
)
from services.consultations.schemas.consulting_hours import (
    ChangeHours,
    ListConsultingHours,
    SetUpHours,
)
from services.consultations.steps.meeting_rooms import request_hours


def find_consulting_hours(
    app: App, call: Call, query: ListConsultingHours
) -> list[ConsultingHours]:
    """Months by id, one more than a page where there are more: those of the caller, and those of
    centres whose staff the caller is.

    Raises:
        errors.Unauthenticated: for a visitor.
    """
    check_signed_in(call.caller)
    return app.consulting_hours.find(
        visible=permissions.visible_plans(call.caller),
        adviser_id=query.adviser_id,
        centre_id=query.centre_id,
        after=query.after,
        limit=one_more(query.limit),
    )


def get_consulting_hours(
    app: App, call: Call, month_id: str, session: Session | None = None
) -> ConsultingHours:
    """Raises:
    errors.Unauthenticated: for a visitor.
    errors.NotFound: if there are none, for others than the adviser and staff of the centre.
    """
    check_signed_in(call.caller)
    month = app.consulting_hours.get(month_id, session)
    permissions.check_sees_plan(call.caller, month.adviser_id, month.centre_id)
    return month


def set_up_consulting_hours(app: App, call: Call, command: SetUpHours) -> ConsultingHours:
    """Set a month up, and request its rooms; the same key gives the same month again, as it is now.

    Raises:
        errors.Unauthenticated, errors.Forbidden: for others than the adviser and staff of the
            centre.
        errors.Invalid: ``consultations.unknown_adviser``, ``consultations.unknown_centre``,
            ``consultations.not_of_month``.
        errors.Conflict: ``consultations.hours_of_month_exist``.
    """
    permissions.check_plans_for(call.caller, command.adviser_id, command.centre_id)
    request = Request.of(call, "consultations.set_up_consulting_hours", asdict(command))

    def work(session: Session) -> ConsultingHours:
        centre = app.centres.look_up(command.centre_id, session)
        if centre is None:
            raise UNKNOWN_CENTRE(errors=[FieldError("/centre_id", UNKNOWN_CENTRE.code)])
        adviser = app.advisers.lock(command.adviser_id, session)
        if adviser is None or centre.id not in adviser.centre_ids:
            raise UNKNOWN_ADVISER(errors=[FieldError("/adviser_id", UNKNOWN_ADVISER.code)])
        check_hours(command.month, command.hours, centre.time_zone)
        month = ConsultingHours(
            id=app.new_id(),
            adviser_id=adviser.id,
            centre_id=centre.id,
            month=command.month,
            hours=_hours(app, command.hours, ()),
            asked_at=app.clock.now(),
        )
        app.consulting_hours.add(session, month)
        record_change(app, call.caller, session, month, None, month.facts)
        request_hours(app, session, call.caller, month)
        return month

    def as_it_is_now(kept: Document) -> ConsultingHours:
        return app.consulting_hours.get(kept["id"])

    return app.keys.once(request, work, save=lambda made: {"id": made.id}, load=as_it_is_now)


def change_consulting_hours(app: App, call: Call, command: ChangeHours) -> ConsultingHours:
    """Let a month have other hours; those that stay keep their rooms. With the same hours, rooms
    that were refused or lost are requested once more.

    Hours in which the caller knows of an appointment stay. To who may not know of one it refuses
    nothing: the people of its case get a task, as where its room is lost.

    Raises:
        errors.Unauthenticated, errors.NotFound: for others than the adviser and staff of the
            centre.
        errors.Stale: it is not at the expected version any more.
        errors.Invalid: ``consultations.not_of_month``.
        errors.Conflict: ``consultations.hours_in_use``.
    """

    def work(session: Session) -> ConsultingHours:
        before = get_consulting_hours(app, call, command.id, session)
        if before.version != command.expected_version:
            raise errors.Stale()
        app.advisers.lock(before.adviser_id, session)
        centre = app.centres.get(before.centre_id, session)
        check_hours(before.month, command.hours, centre.time_zone)
        after = before.with_hours(_hours(app, command.hours, before.hours), app.clock.now())
        _check_unused(app, call, session, after)
        app.consulting_hours.save(session, after, before.version)
        record_change(app, call.caller, session, after, before.facts, after.facts)
        request_hours(app, session, call.caller, after)
        return after

    return app.database.transact(work)


def _check_unused(app: App, call: Call, session: Session, after: ConsultingHours) -> None:
    """Raises:
    errors.Conflict: ``consultations.hours_in_use``, by an appointment that the caller may know of.
    """
    outside = [
        each
        for each in app.appointments.in_hours(after.id, session)
        if any(hour_of(after.hours, time) is None for time in each.times)
    ]
    cases = sorted({each.case_id for each in outside})
    if app.cases.visible_ids(cases, call.caller, app.clock.now(), session):
        raise HOURS_IN_USE()


def _hours(app: App, periods: Sequence[Period], before: Sequence[Hour]) -> tuple[Hour, ...]:
    """The hours; one that was there before keeps its id, and so its room."""
    known = {each.period: each for each in before}
    return tuple(known.get(each) or Hour(app.new_id(), each) for each in periods)
