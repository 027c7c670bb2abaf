"""What follows from an answer of bookings about rooms of consultations, and from its silence."""

from __future__ import annotations

from services.common.context import SYSTEM
from services.common.contracts.consultations import events
from services.common.events.envelope import CloudEvent
from services.common.rooms.requester import Change
from services.common.rooms.requests import RoomRequest, Status
from services.common.storage.deadlines import Deadline
from services.common.storage.mongo import Session
from services.consultations.app import App
from services.consultations.domain.appointment_states import AppointmentAction
from services.consultations.domain.appointments import Appointment, follow_answer, place_of, room_of
from services.consultations.domain.tasks import TaskKind
from services.consultations.steps.absence_tasks import update_absence_task
from services.consultations.steps.meeting_events import save_meeting
from services.consultations.steps.meeting_rooms import (
    request_room,
    update_hours_tasks,
    update_room_tasks,
)
from services.consultations.steps.tasks import open_task


def apply_room_answer(app: App, event: CloudEvent) -> None:
    """Take an answer of bookings, with all that follows; again or late it changes nothing."""

    def work(session: Session) -> None:
        change = app.rooms.apply_answer(session, event)
        if change is None or change.after.released:
            return
        appointment = app.appointments.look_up(change.after.subject, session)
        if appointment is not None:
            _follow(app, session, change, appointment)
            return
        month = app.consulting_hours.look_up(change.after.subject, session)
        if month is not None:
            update_hours_tasks(app, session, month, change.after)

    app.database.transact(work)


def repeat_room_request(app: App, deadline: Deadline) -> None:
    """Request the same rooms once more; staff get a task if bookings has been silent for long.

    Raises:
        LeaseLost: if the deadline was moved or is another worker's by now; nothing has changed.
    """

    def open_unanswered(session: Session, request: RoomRequest) -> None:
        if request.released:
            return
        appointment = app.appointments.look_up(request.subject, session)
        if appointment is not None:
            case = app.cases.get(appointment.case_id, session)
            open_task(
                app,
                session,
                TaskKind.ROOM_UNANSWERED,
                subject=appointment.id,
                centre_id=appointment.centre_id,
                case=case,
                people=case.people if case.sealed else (),
            )
            return
        month = app.consulting_hours.look_up(request.subject, session)
        if month is not None:
            open_task(
                app,
                session,
                TaskKind.ROOM_UNANSWERED,
                subject=month.id,
                centre_id=month.centre_id,
            )

    app.rooms.repeat_request(deadline, open_unanswered)


def _follow(app: App, session: Session, change: Change, before: Appointment) -> None:
    request = change.after
    if not before.wants_room:
        return
    case = app.cases.get(before.case_id, session)
    now = app.clock.now()
    after = follow_answer(before, request, now)
    if after is before and room_of(before, change.before) != room_of(before, request):
        after = before.after(AppointmentAction.ANSWER_ROOM)
    shown = place_of(before, change.before) != place_of(after, request)
    if shown and after.sequence == before.sequence:
        after = after.shown_anew(now)
    if after is not before:
        moved = after.period != before.period
        event_type = events.APPOINTMENT_MOVED if moved else events.APPOINTMENT_ROOM_ANSWERED
        save_meeting(app, session, SYSTEM, event_type, case, before, after, action="answer_room")
        update_absence_task(app, session, case, after)
    update_room_tasks(app, session, case, after, request)
    refused_move = before.pending is not None and after.move is not None
    if request.status is Status.REFUSED and refused_move:
        # It has its room and stays where it is: the request says so again, so that the next change
        # does not fail by the one that was refused.
        request_room(app, session, SYSTEM, case, after)
