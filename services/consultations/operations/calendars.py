"""Calendars: what a person's calendar shows of appointments and visits, and one meeting as a file.

Of every case, sealed or open, it shows the same: that there is an appointment, the centre, and the
room that is held for it there.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from services.common.authorisation import check_signed_in
from services.common.calendars import CalendarEntry, event_uid, write_feed
from services.common.context import Call
from services.common.languages import in_language
from services.common.rooms.requests import RoomRequest
from services.consultations.app import App
from services.consultations.domain.appointment_states import AppointmentStatus
from services.consultations.domain.appointments import Appointment, place_of
from services.consultations.domain.centres import Centre
from services.consultations.domain.engagements import Meeting
from services.consultations.domain.visit_states import VisitStatus
from services.consultations.operations.appointments import get_appointment
from services.consultations.operations.visits import get_visit
from services.consultations.schemas.appointments import CalendarOf

LOOKS_BACK = timedelta(days=31)
"""What ended longer ago has left a person's calendar."""

MOST_ENTRIES = 500
"""Of one kind in a person's calendar: the earliest that it shows."""

# RFC 5545, 3.8.1.11
STATUS: Mapping[AppointmentStatus | VisitStatus, str] = {
    AppointmentStatus.AGREED: "CONFIRMED",
    AppointmentStatus.DONE: "CONFIRMED",
    AppointmentStatus.MISSED: "CANCELLED",
    AppointmentStatus.CANCELLED: "CANCELLED",
    VisitStatus.REQUESTED: "TENTATIVE",
    VisitStatus.ACCEPTED: "CONFIRMED",
    VisitStatus.DONE: "CONFIRMED",
    VisitStatus.REPORTED: "CONFIRMED",
    VisitStatus.APPROVED: "CONFIRMED",
    VisitStatus.DECLINED: "CANCELLED",
    VisitStatus.CALLED_OFF: "CANCELLED",
}


def calendar_entries(app: App, call: Call, language: str) -> list[CalendarEntry]:
    """What the caller's own calendar shows: the meetings of the cases that the caller is on now.

    Raises:
        errors.Unauthenticated: for a visitor.
    """
    check_signed_in(call.caller)
    since = app.clock.now() - LOOKS_BACK
    cases = app.cases.ids_of(call.caller)
    meetings: list[Meeting] = [
        *app.appointments.of_cases(cases, since, limit=MOST_ENTRIES),
        *app.visits.of_cases(cases, since, limit=MOST_ENTRIES),
    ]
    centres = {each.id: each for each in app.centres.page()}
    requests = app.rooms.of_many({each.id for each in meetings})
    return [
        _entry(app, each, centres[each.centre_id], language, requests.get(each.id))
        for each in meetings
    ]


def appointment_calendar(app: App, call: Call, query: CalendarOf) -> str:
    """One appointment as a calendar file: the same UID each time, a higher SEQUENCE after each
    change, and a cancellation once it is cancelled (RFC 5545).

    Raises:
        errors.Unauthenticated, errors.NotFound: for who may not know of the case.
    """
    return _file(app, get_appointment(app, call, query.id), query.language)


def visit_calendar(app: App, call: Call, query: CalendarOf) -> str:
    """One visit as a calendar file.

    Raises:
        errors.Unauthenticated, errors.NotFound: for who may not know of the case.
    """
    return _file(app, get_visit(app, call, query.id), query.language)


def _file(app: App, meeting: Meeting, language: str) -> str:
    centre = app.centres.get(meeting.centre_id)
    entry = _entry(app, meeting, centre, language, app.rooms.of(meeting.id))
    return write_feed(entry.title, [entry], zone=centre.time_zone, language=language)


def _entry(
    app: App, meeting: Meeting, centre: Centre, language: str, request: RoomRequest | None
) -> CalendarEntry:
    place = in_language(centre.name, language)
    held = place_of(meeting, request) if isinstance(meeting, Appointment) else None
    if held is not None:
        names = {"room": in_language(held.space_name, language), "centre": place}
        place = app.texts.text("calendar.place", language, names)
    return CalendarEntry(
        uid=event_uid(meeting.id),
        sequence=meeting.sequence,
        status=STATUS[meeting.status],
        starts_at=meeting.period.starts_at,
        ends_at=meeting.period.ends_at,
        title=app.texts.text("calendar.appointment", language),
        place=place,
        changed_at=meeting.changed_at,
    )
