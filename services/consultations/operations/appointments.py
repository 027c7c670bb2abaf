"""Appointments: made, moved and cancelled by both sides; the adviser says that they were held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from services.common.authorisation import check_signed_in
from services.common.context import Call
from services.common.contracts.consultations import events
from services.common.contracts.consultations.calendar_errors import (
    NOT_BEGUN,
)
from services.common.contracts.registry import EventType
from services.common.lists import one_more
from services.common.storage.idempotency import Request
from services.common.storage.mongo import Document, Session
from services.common.time.period import Period
from services.common.time.slots import on_whole_slots
from services.consultations.app import App
from services.consultations.domain import calendar_permissions as permissions
from services.consultations.domain.adviser_times import Buffers, check_shape
from services.consultations.domain.advisers import Adviser
from services.consultations.domain.appointment_states import TRANSITIONS, AppointmentAction
from services.consultations.domain.appointments import (
    Appointment,
    AppointmentContent,
    Mode,
    Move,
    room_of,
)
from services.consultations.domain.cases import Case
from services.consultations.domain.consulting_hours import hour_of, hours_with_rooms
from services.consultations.schemas.appointments import (
    ActOnMeeting,
    AgreeAppointment,
    EndMeeting,
    HandOver,
    ListMeetings,
    MoveMeeting,
    Shown,
)
from services.consultations.steps.absence_tasks import update_absence_task
from services.consultations.steps.adviser_calendar import (
    adviser_to_meet,
    check_offered,
    hours_at_centre,
    turn_of_adviser,
)
from services.consultations.steps.case_planning import plan_case, start_case
from services.consultations.steps.meeting_checks import (
    adviser_of_case,
    case_to_arrange,
    check_settled,
    check_version,
)
from services.consultations.steps.meeting_events import save_meeting
from services.consultations.steps.meeting_rooms import request_room


def find_appointments(app: App, call: Call, query: ListMeetings) -> list[Appointment]:
    """Appointments of cases that the caller may know of, by time; one more than a page where there
    are more.

    Raises:
        errors.Unauthenticated: for a visitor.
    """
    check_signed_in(call.caller)
    return app.appointments.find(
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


def get_appointment(
    app: App, call: Call, appointment_id: str, session: Session | None = None
) -> Appointment:
    """Raises:
    errors.Unauthenticated: for a visitor.
    errors.NotFound: if there is none of a case that the caller may know of.
    """
    check_signed_in(call.caller)
    return app.appointments.get_visible(appointment_id, call.caller, app.clock.now(), session)


def agree_appointment(app: App, call: Call, command: AgreeAppointment) -> Appointment:
    """Make an appointment; the same key gives the same one again, as it is now.

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
    request = Request.of(call, "consultations.agree_appointment", asdict(command))

    def work(session: Session) -> Appointment:
        case = case_to_arrange(app, call, command.case_id, session)
        adviser = adviser_of_case(app, session, case, command.adviser_id)
        check_shape(command.period, app.clock.now())
        now = app.clock.now()
        buffers = adviser.buffers
        if command.mode is Mode.ON_SITE:
            buffers = Buffers(command.travel, max(command.travel, adviser.buffer))
        appointment = Appointment(
            id=app.new_id(),
            case_id=case.id,
            centre_id=case.centre_id,
            adviser_id=adviser.id,
            mode=command.mode,
            period=command.period,
            buffers=buffers,
            content=AppointmentContent(None if command.mode is Mode.AT_CENTRE else command.place),
            agreed_by=call.caller.id,
            agreed_at=now,
            changed_at=now,
        )
        hours_id = _check_time(app, session, case, adviser, appointment, command.period)
        appointment = replace(appointment, hours_id=hours_id)
        if appointment.wants_room:
            appointment = replace(appointment, room_asked_at=now)
        event_type = events.APPOINTMENT_AGREED
        save_meeting(app, session, call.caller, event_type, case, None, appointment, action="agree")
        if appointment.wants_room:
            request_room(app, session, call.caller, case, appointment)
        plan_case(app, session, call.caller, case)
        return appointment

    def as_it_is_now(kept: Document) -> Appointment:
        return get_appointment(app, call, kept["id"])

    return app.keys.once(
        request,
        work,
        save=lambda made: {"id": made.id},
        load=as_it_is_now,
        turn=turn_of_adviser(command.adviser_id or seen.adviser_id or ""),
    )


def move_appointment(app: App, call: Call, command: MoveMeeting) -> Appointment:
    """Let an appointment be at another time. One that has a room keeps its time until bookings has
    granted a room at the new one. Asking for the time that it has gives a refused move up.

    Raises:
        errors.Unauthenticated, errors.NotFound, errors.Forbidden: as of
            :func:`agree_appointment`.
        errors.Stale: it is not at the expected version any more.
        errors.Invalid, errors.Conflict: as of :func:`agree_appointment`;
            ``consultations.appointment_not_allowed_now``, ``consultations.move_awaited``.
    """
    adviser_id = get_appointment(app, call, command.id).adviser_id

    def work(session: Session) -> Appointment:
        before, case = _with_case(app, call, session, command.id)
        permissions.check_arranges(call.caller, case)
        check_version(before, command.expected_version)
        TRANSITIONS.after(before.status, AppointmentAction.MOVE)
        check_settled(before)
        adviser = adviser_to_meet(app, session, before.adviser_id)
        now = app.clock.now()
        same = command.period == before.period
        hours_id = before.hours_id
        if not same:
            check_shape(command.period, now)
            hours_id = _check_time(app, session, case, adviser, before, command.period)
        room = room_of(before, app.rooms.of(before.id, session))
        held = room is not None and room.place is not None and hours_id is None
        keeps_room = held and on_whole_slots(command.period) != on_whole_slots(before.period)
        after: Appointment
        if keeps_room:
            after = before.after(AppointmentAction.MOVE, move=Move(command.period, now))
        else:
            after = before.after(
                AppointmentAction.MOVE,
                period=command.period,
                hours_id=hours_id,
                move=None,
                reminded_at=None,
            )
            if not same:
                after = after.shown_anew(now)
        if after.wants_room and not before.wants_room:
            after = replace(after, room_asked_at=now)
        event_type = events.APPOINTMENT_MOVED
        save_meeting(app, session, call.caller, event_type, case, before, after, action="move")
        if before.wants_room or after.wants_room:
            request_room(app, session, call.caller, case, after)
        update_absence_task(app, session, case, after)
        return after

    return app.database.transact(work, turn=turn_of_adviser(adviser_id))


def hand_over_appointment(app: App, call: Call, command: HandOver) -> Appointment:
    """Let another adviser of the case come at the same time.

    Raises:
        errors.Unauthenticated, errors.NotFound: for who may not know of the case.
        errors.Forbidden: for others than its adviser, and of an open case staff of the centre.
        errors.Stale: it is not at the expected version any more.
        errors.Invalid: ``consultations.unknown_adviser``.
        errors.Conflict: ``consultations.time_not_offered``,
            ``consultations.adviser_not_on_case``, ``consultations.move_awaited``,
            ``consultations.appointment_not_allowed_now``.
    """
    get_appointment(app, call, command.id)

    def work(session: Session) -> Appointment:
        before, case = _with_case(app, call, session, command.id)
        permissions.check_hands_over(call.caller, case, before.adviser_id)
        check_version(before, command.expected_version)
        TRANSITIONS.after(before.status, AppointmentAction.HAND_OVER)
        check_settled(before)
        adviser = adviser_of_case(app, session, case, command.adviser_id, counts=False)
        app.advisers.lock(before.adviser_id, session)
        buffers = before.buffers
        if before.mode is not Mode.ON_SITE:
            buffers = adviser.buffers
        after = before.after(
            AppointmentAction.HAND_OVER, adviser_id=adviser.id, buffers=buffers, move=None
        ).shown_anew(app.clock.now())
        hours_id = _check_time(app, session, case, adviser, after, before.period)
        after = replace(after, hours_id=hours_id)
        if after.wants_room and not before.wants_room:
            after = replace(after, room_asked_at=app.clock.now())
        event_type = events.APPOINTMENT_HANDED_OVER
        save_meeting(app, session, call.caller, event_type, case, before, after, action="hand_over")
        if before.wants_room or after.wants_room:
            request_room(app, session, call.caller, case, after)
        update_absence_task(app, session, case, after)
        return after

    return app.database.transact(work, turn=turn_of_adviser(command.adviser_id))


def complete_appointment(app: App, call: Call, command: ActOnMeeting) -> Appointment:
    """Say that an appointment was held.

    Raises:
        errors.Unauthenticated, errors.NotFound: for who may not know of the case.
        errors.Forbidden: for others than its adviser, and of an open case staff of the centre.
        errors.Stale: it is not at the expected version any more.
        errors.Conflict: ``consultations.not_begun``,
            ``consultations.appointment_not_allowed_now``.
    """
    event_type = events.APPOINTMENT_DONE
    return _say_held(app, call, command, AppointmentAction.COMPLETE, event_type, {})


def miss_appointment(app: App, call: Call, command: EndMeeting) -> Appointment:
    """Say that an appointment was not held, because a person did not come.

    Raises:
        errors.MasahaError: as of :func:`complete_appointment`.
    """
    event_type = events.APPOINTMENT_MISSED
    words = {"reason": command.reason}
    return _say_held(app, call, command, AppointmentAction.MISS, event_type, words)


def cancel_appointment(app: App, call: Call, command: EndMeeting) -> Appointment:
    """Cancel an appointment; its time and its room are free at once.

    Raises:
        errors.Unauthenticated, errors.NotFound, errors.Forbidden: as of
            :func:`agree_appointment`.
        errors.Stale: it is not at the expected version any more.
        errors.Conflict: ``consultations.appointment_not_allowed_now``.
    """
    get_appointment(app, call, command.id)

    def work(session: Session) -> Appointment:
        before, case = _with_case(app, call, session, command.id)
        permissions.check_arranges(call.caller, case)
        check_version(before, command.expected_version)
        after = before.after(
            AppointmentAction.CANCEL, content=before.with_reason(command.reason), move=None
        ).shown_anew(app.clock.now())
        event_type = events.APPOINTMENT_CANCELLED
        save_meeting(app, session, call.caller, event_type, case, before, after, action="cancel")
        if before.wants_room:
            request_room(app, session, call.caller, case, after)
        update_absence_task(app, session, case, after)
        return after

    return app.database.transact(work)


def _say_held(
    app: App,
    call: Call,
    command: ActOnMeeting | EndMeeting,
    action: AppointmentAction,
    event_type: EventType,
    words: dict[str, Any],
) -> Appointment:
    get_appointment(app, call, command.id)

    def work(session: Session) -> Appointment:
        before, case = _with_case(app, call, session, command.id)
        permissions.check_holds(call.caller, case, before.adviser_id)
        check_version(before, command.expected_version)
        after = before.after(action, content=replace(before.content, **words), move=None)
        if before.period.starts_at > app.clock.now():
            raise NOT_BEGUN()
        after = after.shown_anew(app.clock.now())
        save_meeting(
            app, session, call.caller, event_type, case, before, after, action=action.value
        )
        if before.pending is not None:
            request_room(app, session, call.caller, case, after)
        update_absence_task(app, session, case, after)
        if action is AppointmentAction.COMPLETE:
            start_case(app, session, call.caller, case)
        return after

    return app.database.transact(work)


def _check_time(
    app: App,
    session: Session,
    case: Case,
    adviser: Adviser,
    appointment: Appointment,
    period: Period,
) -> str | None:
    """Whether the adviser can be met then.

    Returns:
        The consulting hours that it takes place in, if it does.

    Raises:
        errors.Conflict: ``consultations.time_not_offered``.
    """
    hours_id = None
    needed = None
    if appointment.mode is Mode.AT_CENTRE:
        found = hours_at_centre(app, adviser.id, case.centre_id, period, session)
        hours_id = next((key for key, hours in found.items() if hour_of(hours, period)), None)
        if case.sealed:
            # A room of its own would tell of it.
            needed = [hour for hours in found.values() for hour in hours]
    check_offered(
        app,
        session,
        adviser,
        period,
        appointment.buffers,
        without=(appointment.id,),
        hours=needed,
    )
    return hours_id


def _with_case(
    app: App, call: Call, session: Session, appointment_id: str
) -> tuple[Appointment, Case]:
    """An appointment and its case.

    Raises:
        errors.Unauthenticated, errors.NotFound: for who may not know of the case.
    """
    before = get_appointment(app, call, appointment_id, session)
    return before, app.cases.get(before.case_id, session)


def show_appointments(app: App, values: Sequence[Appointment]) -> dict[str, Shown]:
    """What is known of these appointments beside themselves, by id."""
    centres = {each.id: each for each in app.centres.page()}
    requests = app.rooms.of_many(
        [each.id for each in values if each.wants_room]
        + [each.hours_id for each in values if each.hours_id is not None]
    )
    months = {
        key: app.consulting_hours.look_up(key)
        for key in {each.hours_id for each in values if each.hours_id is not None}
    }
    found: dict[str, Shown] = {}
    for each in values:
        room = room_of(each, requests.get(each.id))
        month = None if each.hours_id is None else months[each.hours_id]
        hour = None if month is None else hour_of(month.hours, each.period)
        place = None
        if month is not None and hour is not None:
            place = hours_with_rooms(month, requests.get(month.id))[hour.id][1]
        found[each.id] = Shown(centres[each.centre_id].time_zone, room, place)
    return found
