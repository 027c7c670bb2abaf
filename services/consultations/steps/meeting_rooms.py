"""The rooms of appointments and consulting hours, inside the transaction of what changes them."""

from __future__ import annotations

from collections.abc import Mapping

from services.common.context import Caller
from services.common.rooms.requests import Place, RoomRequest
from services.common.storage.mongo import Session
from services.consultations.app import App
from services.consultations.domain.appointments import (
    ROOM_LABEL,
    Appointment,
    RoomStatus,
    room_of,
)
from services.consultations.domain.cases import Case
from services.consultations.domain.consulting_hours import (
    ConsultingHours,
    hour_of,
    hours_with_rooms,
)
from services.consultations.domain.tasks import TaskKind
from services.consultations.steps.tasks import close_task_about, open_task

TASK_OF = {RoomStatus.REFUSED: TaskKind.ROOM_REFUSED, RoomStatus.LOST: TaskKind.ROOM_LOST}
ROOM_TASKS = (TaskKind.ROOM_REFUSED, TaskKind.ROOM_LOST, TaskKind.ROOM_UNANSWERED)


def request_room(
    app: App, session: Session, caller: Caller, case: Case, appointment: Appointment
) -> None:
    """Request the room that an appointment wants now; give it back where it wants none."""
    after = app.rooms.request_rooms(
        session, appointment.id, ROOM_LABEL, appointment.items(), caller
    )
    request = None if after is None or after.released else after
    update_room_tasks(app, session, case, appointment, request)


def request_hours(app: App, session: Session, caller: Caller, month: ConsultingHours) -> None:
    """Request the rooms that a month of consulting hours wants now, and no others."""
    items = month.items(app.rooms.of(month.id, session), app.clock.now())
    after = app.rooms.request_rooms(session, month.id, ROOM_LABEL, items, caller)
    request = None if after is None or after.released else after
    update_hours_tasks(app, session, month, request)


def update_room_tasks(
    app: App, session: Session, case: Case, appointment: Appointment, request: RoomRequest | None
) -> None:
    """Open and close the tasks that follow from where the room of an appointment stands."""
    room = room_of(appointment, request)
    status = None if room is None else room.status
    _update(app, session, appointment.id, appointment.centre_id, status, case)


def update_hours_tasks(
    app: App, session: Session, month: ConsultingHours, request: RoomRequest | None
) -> None:
    """Open and close the tasks that follow from where the rooms of consulting hours stand."""
    now = app.clock.now()
    rooms = hours_with_rooms(month, request)
    standing = {rooms[each.id][0] for each in month.hours if each.period.ends_at > now}
    order = (RoomStatus.LOST, RoomStatus.REFUSED, RoomStatus.AWAITING, RoomStatus.GRANTED)
    status = next((each for each in order if each in standing), None)
    _update(app, session, month.id, month.centre_id, status, None)
    _update_meetings_in(app, session, month, rooms)


def _update_meetings_in(
    app: App,
    session: Session,
    month: ConsultingHours,
    rooms: Mapping[str, tuple[RoomStatus, Place | None]],
) -> None:
    """Open a task for the people of each appointment whose consulting hour is given up or has lost
    its room; close it where there is one again. Staff of the centre know of the hours alone."""
    for appointment in app.appointments.in_hours(month.id, session):
        hours = [hour_of(month.hours, time) for time in appointment.times]
        without = [
            each is None or rooms[each.id][0] in (RoomStatus.LOST, RoomStatus.REFUSED)
            for each in hours
        ]
        case = app.cases.get(appointment.case_id, session)
        status = RoomStatus.LOST if any(without) else RoomStatus.GRANTED
        _update(app, session, appointment.id, appointment.centre_id, status, case)


def _update(
    app: App,
    session: Session,
    subject: str,
    centre_id: str,
    status: RoomStatus | None,
    case: Case | None,
) -> None:
    wanted = None if status is None else TASK_OF.get(status)
    for each in ROOM_TASKS:
        if each is wanted:
            people = () if case is None else case.people
            open_task(
                app,
                session,
                each,
                subject=subject,
                centre_id=centre_id,
                case=case,
                people=people if case is not None and case.sealed else (),
            )
        elif each is not TaskKind.ROOM_UNANSWERED or status is not RoomStatus.AWAITING:
            # Only time opens that one; an answer closes it.
            close_task_about(app, session, each, subject)
