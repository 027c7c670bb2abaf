"""Visits: asked for by one side and accepted by the other, done, reported, and approved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from services.common.authorisation import check_signed_in
from services.common.context import Call
from services.common.contracts.consultations import events
from services.common.contracts.consultations.calendar_errors import IN_THE_PAST, NOT_BEGUN
from services.common.contracts.registry import EventType
from services.common.lists import one_more
from services.common.storage.idempotency import Request
from services.common.storage.mongo import Document, Session
from services.consultations.app import App
from services.consultations.domain import calendar_permissions as permissions
from services.consultations.domain.adviser_times import Buffers, check_shape, check_span
from services.consultations.domain.cases import Case
from services.consultations.domain.visit_states import TRANSITIONS, VisitAction
from services.consultations.domain.visits import Report, Side, Visit, VisitContent
from services.consultations.schemas.appointments import (
    ActOnMeeting,
    EndMeeting,
    HandOver,
    ListMeetings,
    MoveMeeting,
)
from services.consultations.schemas.visits import (
    CallOffVisit,
    ReportVisit,
    RequestVisit,
    ReturnReport,
)
from services.consultations.steps.absence_tasks import update_absence_task
from services.consultations.steps.adviser_calendar import (
    adviser_to_meet,
    check_offered,
    turn_of_adviser,
)
from services.consultations.steps.case_planning import plan_case, start_case
from services.consultations.steps.meeting_checks import (
    adviser_of_case,
    case_to_arrange,
    check_version,
)
from services.consultations.steps.meeting_events import save_meeting
from services.consultations.steps.trips import leave_trip


def find_visits(app: App, call: Call, query: ListMeetings) -> list[Visit]:
    """Visits of cases that the caller may know of, by time; one more than a page where there are
    more.

    Raises:
        errors.Unauthenticated: for a visitor.
    """
    check_signed_in(call.caller)
    return app.visits.find(
        caller=call.caller,
        now=app.clock.now(),
        case_id=query.case_id,
        adviser_id=query.adviser_id,
        status=query.status,
        ends_after=query.ends_after,
        starts_before=query.starts_before,
        after=query.after,
        limit=one_more(query.limit),
    )


def get_visit(app: App, call: Call, visit_id: str, session: Session | None = None) -> Visit:
    """Raises:
    errors.Unauthenticated: for a visitor.
    errors.NotFound: if there is none of a case that the caller may know of.
    """
    check_signed_in(call.caller)
    return app.visits.get_visible(visit_id, call.caller, app.clock.now(), session)


def request_visit(app: App, call: Call, command: RequestVisit) -> Visit:
    """Ask for a visit; the same key gives the same one again, as it is now. The adviser is taken
    from then on, with the way there and back.

    Raises:
        errors.Unauthenticated: for a visitor.
        errors.NotFound: if there is no such case that the caller may know of.
        errors.Forbidden: for others than its people, and of an open case representatives of the
            organisation and staff of the centre.
        errors.Invalid: ``consultations.unknown_adviser``, and as of a time's shape.
        errors.Conflict: ``consultations.time_not_offered``, ``consultations.case_not_allowed_now``,
            ``consultations.adviser_not_on_case``, ``consultations.too_many_appointments``,
            ``consultations.in_the_past``, ``consultations.too_far_ahead``.
    """
    seen = case_to_arrange(app, call, command.case_id)
    request = Request.of(call, "consultations.request_visit", asdict(command))

    def work(session: Session) -> Visit:
        case = case_to_arrange(app, call, command.case_id, session)
        adviser = adviser_of_case(app, session, case, command.adviser_id)
        now = app.clock.now()
        check_shape(command.period, now)
        spans_breaks = app.kinds.get(case.kind_id, session).spans_breaks
        way = Buffers(command.travel, command.travel)
        check_offered(app, session, adviser, command.period, way, spans_breaks=spans_breaks)
        visit = Visit(
            id=app.new_id(),
            case_id=case.id,
            centre_id=case.centre_id,
            adviser_id=adviser.id,
            period=command.period,
            way=way,
            own_way=way,
            content=VisitContent(command.place),
            asked_by=permissions.side_of(call.caller, case),
            requested_by=call.caller.id,
            requested_at=now,
            changed_at=now,
            spans_breaks=spans_breaks,
        )
        event_type = events.VISIT_REQUESTED
        save_meeting(app, session, call.caller, event_type, case, None, visit, action="request")
        plan_case(app, session, call.caller, case)
        return visit

    def as_it_is_now(kept: Document) -> Visit:
        return get_visit(app, call, kept["id"])

    return app.keys.once(
        request,
        work,
        save=lambda made: {"id": made.id},
        load=as_it_is_now,
        turn=turn_of_adviser(command.adviser_id or seen.adviser_id or ""),
    )


def move_visit(app: App, call: Call, command: MoveMeeting) -> Visit:
    """Ask for another time; the other side accepts it. It leaves its trip.

    Raises:
        errors.MasahaError: as of :func:`request_visit`.
        errors.Stale: it is not at the expected version any more.
        errors.Conflict: ``consultations.visit_not_allowed_now``.
    """
    adviser_id = get_visit(app, call, command.id).adviser_id

    def work(session: Session) -> Visit:
        before, case = _with_case(app, call, session, command.id)
        permissions.check_arranges(call.caller, case)
        check_version(before, command.expected_version)
        TRANSITIONS.after(before.status, VisitAction.MOVE)
        adviser = adviser_to_meet(app, session, before.adviser_id)
        now = app.clock.now()
        check_shape(command.period, now)
        alone = leave_trip(app, session, call.caller, before)
        check_offered(
            app,
            session,
            adviser,
            command.period,
            alone.way,
            spans_breaks=before.spans_breaks,
            without=(before.id,),
        )
        after = alone.after(
            VisitAction.MOVE,
            period=command.period,
            asked_by=permissions.side_of(call.caller, case),
            reminded_at=None,
        ).shown_anew(now)
        event_type = events.VISIT_MOVED
        save_meeting(app, session, call.caller, event_type, case, before, after, action="move")
        update_absence_task(app, session, case, after)
        return after

    return app.database.transact(work, turn=turn_of_adviser(adviser_id))


def accept_visit(app: App, call: Call, command: ActOnMeeting) -> Visit:
    """Agree to a visit: the adviser where the organisation has asked, else the organisation.

    Raises:
        errors.Unauthenticated, errors.NotFound: for who may not know of the case.
        errors.Forbidden: for who does not answer for the other side.
        errors.Stale: it is not at the expected version any more.
        errors.Conflict: ``consultations.in_the_past``, ``consultations.visit_not_allowed_now``.
    """

    def work(session: Session) -> Visit:
        before, case = _with_case(app, call, session, command.id)
        permissions.check_answers_visit(call.caller, case, before)
        check_version(before, command.expected_version)
        after = before.after(VisitAction.ACCEPT).shown_anew(app.clock.now())
        if before.period.ends_at <= app.clock.now():
            raise IN_THE_PAST()
        event_type = events.VISIT_ACCEPTED
        save_meeting(app, session, call.caller, event_type, case, before, after, action="accept")
        return after

    return app.database.transact(work)


def decline_visit(app: App, call: Call, command: EndMeeting) -> Visit:
    """Not agree to a visit; the adviser is free at once.

    Raises:
        errors.MasahaError: as of :func:`accept_visit`.
    """

    def work(session: Session) -> Visit:
        before, case = _with_case(app, call, session, command.id)
        permissions.check_answers_visit(call.caller, case, before)
        check_version(before, command.expected_version)
        content = replace(before.content, reason=command.reason)
        after = before.after(VisitAction.DECLINE, content=content).shown_anew(app.clock.now())
        return _save(app, call, session, case, before, after, events.VISIT_DECLINED, "decline")

    return app.database.transact(work)


def hand_over_visit(app: App, call: Call, command: HandOver) -> Visit:
    """Let another adviser of the case come at the same time, who accepts it. It leaves its trip.

    Raises:
        errors.Unauthenticated, errors.NotFound: for who may not know of the case.
        errors.Forbidden: for others than its adviser, and of an open case staff of the centre.
        errors.Stale: it is not at the expected version any more.
        errors.Invalid: ``consultations.unknown_adviser``.
        errors.Conflict: ``consultations.time_not_offered``,
            ``consultations.adviser_not_on_case``, ``consultations.visit_not_allowed_now``.
    """

    def work(session: Session) -> Visit:
        before, case = _with_case(app, call, session, command.id)
        permissions.check_hands_over(call.caller, case, before.adviser_id)
        check_version(before, command.expected_version)
        TRANSITIONS.after(before.status, VisitAction.HAND_OVER)
        adviser = adviser_of_case(app, session, case, command.adviser_id, counts=False)
        app.advisers.lock(before.adviser_id, session)
        alone = leave_trip(app, session, call.caller, before)
        check_offered(
            app,
            session,
            adviser,
            before.period,
            alone.way,
            spans_breaks=before.spans_breaks,
            without=(before.id,),
        )
        after = alone.after(
            VisitAction.HAND_OVER, adviser_id=adviser.id, asked_by=Side.ORGANISATION
        ).shown_anew(app.clock.now())
        event_type = events.VISIT_HANDED_OVER
        return _save(app, call, session, case, before, after, event_type, "hand_over")

    return app.database.transact(work, turn=turn_of_adviser(command.adviser_id))


def call_off_visit(app: App, call: Call, command: CallOffVisit) -> Visit:
    """Call a visit off, as unsafe for instance; the adviser is free at once.

    Raises:
        errors.Unauthenticated, errors.NotFound, errors.Forbidden: as of :func:`request_visit`.
        errors.Stale: it is not at the expected version any more.
        errors.Conflict: ``consultations.visit_not_allowed_now``.
    """

    def work(session: Session) -> Visit:
        before, case = _with_case(app, call, session, command.id)
        permissions.check_arranges(call.caller, case)
        check_version(before, command.expected_version)
        TRANSITIONS.after(before.status, VisitAction.CALL_OFF)
        alone = leave_trip(app, session, call.caller, before)
        content = replace(before.content, reason=command.reason)
        after = alone.after(VisitAction.CALL_OFF, content=content, cause=command.cause)
        after = after.shown_anew(app.clock.now())
        return _save(app, call, session, case, before, after, events.VISIT_CALLED_OFF, "call_off")

    return app.database.transact(work)


def complete_visit(app: App, call: Call, command: ActOnMeeting) -> Visit:
    """Say that a visit was made (its adviser, and of an open case staff of the centre).

    Raises:
        errors.Unauthenticated, errors.NotFound: for who may not know of the case.
        errors.Forbidden: for anybody else.
        errors.Stale: it is not at the expected version any more.
        errors.Conflict: ``consultations.not_begun``, ``consultations.visit_not_allowed_now``.
    """

    def work(session: Session) -> Visit:
        before, case = _with_case(app, call, session, command.id)
        permissions.check_holds(call.caller, case, before.adviser_id)
        check_version(before, command.expected_version)
        after = before.after(VisitAction.COMPLETE)
        if before.period.starts_at > app.clock.now():
            raise NOT_BEGUN()
        start_case(app, session, call.caller, case)
        return _save(app, call, session, case, before, after, events.VISIT_DONE, "complete")

    return app.database.transact(work)


def report_visit(app: App, call: Call, command: ReportVisit) -> Visit:
    """Report what was seen and agreed (the adviser).

    Raises:
        errors.Unauthenticated, errors.NotFound: for who may not know of the case.
        errors.Forbidden: for anybody but the adviser.
        errors.Stale: it is not at the expected version any more.
        errors.Invalid: as of a time's shape.
        errors.Conflict: ``consultations.not_begun``, ``consultations.visit_not_allowed_now``.
    """

    def work(session: Session) -> Visit:
        before, case = _with_case(app, call, session, command.id)
        permissions.check_is_adviser_of(call.caller, before.adviser_id)
        check_version(before, command.expected_version)
        now = app.clock.now()
        check_span(command.lasted)
        if command.lasted.ends_at > now:
            raise NOT_BEGUN()
        report = Report(command.lasted, command.women, command.men, call.caller.id, now)
        content = replace(before.content, report=command.text, remark=None)
        after = before.after(VisitAction.REPORT, report=report, content=content)
        return _save(app, call, session, case, before, after, events.VISIT_REPORTED, "report")

    return app.database.transact(work)


def return_report(app: App, call: Call, command: ReturnReport) -> Visit:
    """Ask the adviser to write the report anew (staff of the centre; of a sealed case others on
    it).

    Raises:
        errors.MasahaError: as of :func:`approve_report`.
    """
    words = {"remark": command.remark}
    event_type = events.VISIT_REPORT_RETURNED
    return _check_report(app, call, command, VisitAction.RETURN_REPORT, event_type, words)


def approve_report(app: App, call: Call, command: ActOnMeeting) -> Visit:
    """Approve the report of a visit (staff of the centre; of a sealed case others on it).

    Raises:
        errors.Unauthenticated, errors.NotFound: for who may not know of the case.
        errors.Forbidden: for anybody else, the adviser too.
        errors.Stale: it is not at the expected version any more.
        errors.Conflict: ``consultations.visit_not_allowed_now``.
    """
    return _check_report(app, call, command, VisitAction.APPROVE, events.VISIT_APPROVED, {})


def _check_report(
    app: App,
    call: Call,
    command: ActOnMeeting | ReturnReport,
    action: VisitAction,
    event_type: EventType,
    words: dict[str, Any],
) -> Visit:
    def work(session: Session) -> Visit:
        before, case = _with_case(app, call, session, command.id)
        permissions.check_checks_report(call.caller, case, before)
        check_version(before, command.expected_version)
        content = replace(before.content, **words)
        after = before.after(action, content=content)
        if action is VisitAction.APPROVE:
            after = replace(after, approved_by=call.caller.id)
        return _save(app, call, session, case, before, after, event_type, action.value)

    return app.database.transact(work)


def _save(
    app: App,
    call: Call,
    session: Session,
    case: Case,
    before: Visit,
    after: Visit,
    event_type: EventType,
    action: str,
) -> Visit:
    save_meeting(app, session, call.caller, event_type, case, before, after, action=action)
    update_absence_task(app, session, case, after)
    return after


def _with_case(app: App, call: Call, session: Session, visit_id: str) -> tuple[Visit, Case]:
    """A visit and its case.

    Raises:
        errors.Unauthenticated, errors.NotFound: for who may not know of the case.
    """
    before = get_visit(app, call, visit_id, session)
    return before, app.cases.get(before.case_id, session)


def zones_of(app: App, values: Sequence[Visit]) -> dict[str, str]:
    """Centre → its zone, of the centres of these visits."""
    wanted = {each.centre_id for each in values}
    return {each.id: each.time_zone for each in app.centres.page() if each.id in wanted}
