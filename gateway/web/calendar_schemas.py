"""What every list adds to the filters of the calendars of advisers."""

from __future__ import annotations

from marshmallow import fields

from gateway.web.schemas import ListQuery, flag, page_of
from services.common.contracts.consultations import (
    absences,
    advisers,
    appointments,
    consulting_hours,
    trips,
    visits,
)
from services.common.contracts.consultations.calendar_limits import (
    LONGEST_MEETING_HOURS,
    LONGEST_TRAVEL_MINUTES,
    RASTER_MINUTES,
)
from services.common.contracts.fields import Id, Instant, LanguageCode, StrictSchema
from services.common.contracts.fields import integer as whole

AdviserPage = page_of(advisers.Adviser)
AbsencePage = page_of(absences.Absence)
AppointmentPage = page_of(appointments.Appointment)
VisitPage = page_of(visits.Visit)
TripPage = page_of(trips.Trip)
ConsultingHoursPage = page_of(consulting_hours.ConsultingHours)


class SlotPage(page_of(advisers.Slot)):  # type: ignore[misc]
    time_zone = fields.String(required=True, metadata={"description": "IANA zone of the adviser."})


class AdvisersQuery(ListQuery):
    """Named filters, combined with AND."""

    centre_id = Id(load_default=None)
    speciality = Id(load_default=None)
    active = flag(load_default=None)


class SlotsQuery(ListQuery):
    """Which times are looked for."""

    starts_at = Instant(required=True)
    ends_at = Instant(required=True, metadata={"description": "At most 31 days later."})
    minutes = whole(
        RASTER_MINUTES,
        LONGEST_MEETING_HOURS * 60,
        load_default=60,
        metadata={"description": "How long the meeting is."},
    )
    mode = advisers.MeetingMode(load_default="remote")
    case_id = Id(
        load_default=None, metadata={"description": "The case to meet about, for its people."}
    )
    visit = flag(
        load_default=False,
        metadata={"description": "Times of visits, with the way there."},
    )
    travel_minutes = whole(
        0,
        LONGEST_TRAVEL_MINUTES,
        load_default=0,
        metadata={"description": "One way, of a visit or an appointment on site."},
    )


class AbsencesQuery(ListQuery):
    """Named filters, combined with AND."""

    adviser_id = Id(load_default=None)
    status = absences.AbsenceStatus(load_default=None)


class AppointmentsQuery(ListQuery):
    """Named filters, combined with AND."""

    case_id = Id(load_default=None)
    adviser_id = Id(load_default=None)
    status = appointments.AppointmentStatus(load_default=None)
    ends_after = Instant(load_default=None)
    starts_before = Instant(load_default=None)


class VisitsQuery(ListQuery):
    """Named filters, combined with AND."""

    case_id = Id(load_default=None)
    adviser_id = Id(load_default=None)
    status = visits.VisitStatus(load_default=None)
    ends_after = Instant(load_default=None)
    starts_before = Instant(load_default=None)


class TripsQuery(ListQuery):
    """Named filters, combined with AND."""

    adviser_id = Id(load_default=None)
    centre_id = Id(load_default=None)
    status = trips.TripStatus(load_default=None)


class ConsultingHoursQuery(ListQuery):
    """Named filters, combined with AND."""

    adviser_id = Id(load_default=None)
    centre_id = Id(load_default=None)


class InvitationQuery(StrictSchema):
    language = LanguageCode(
        load_default=None,
        metadata={"description": "Of title and place; else that of `Accept-Language`."},
    )
