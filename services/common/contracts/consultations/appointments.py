"""Appointments of cases on the wire.

====================== =========================== ===============
method                 request                     result
====================== =========================== ===============
list_appointments      ListAppointments            AppointmentList
get_appointment        ById                        Appointment
agree_appointment      AgreeAppointment (with key) Appointment
move_appointment       MoveAppointment             Appointment
hand_over_appointment  HandOver                    Appointment
complete_appointment   ActOnAppointment            Appointment
miss_appointment       EndAppointment              Appointment
cancel_appointment     EndAppointment              Appointment
appointment_calendar   CalendarOf                  Invitation
====================== =========================== ===============

They are seen by those who may see the case, and by nobody else.
"""

from __future__ import annotations

from marshmallow import Schema, fields

from services.common.contracts.consultations.advisers import MeetingMode, Minutes
from services.common.contracts.consultations.calendar_limits import (
    LONGEST_PLACE,
    LONGEST_REASON,
    LONGEST_TRAVEL_MINUTES,
)
from services.common.contracts.fields import (
    Choice,
    Id,
    Instant,
    LanguageCode,
    LocalisedText,
    Page,
    StrictSchema,
    Text,
    integer,
    name_text,
)
from services.common.languages import DEFAULT_LANGUAGE


class AppointmentStatus(Choice):
    choices = ("agreed", "done", "missed", "cancelled")


class MeetingRoomStatus(Choice):
    choices = ("awaiting", "granted", "refused", "lost")


class MeetingTime(StrictSchema):
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)


class AppointmentDetails(MeetingTime):
    case_id = Id(required=True)
    adviser_id = Id(
        load_default=None,
        allow_none=True,
        metadata={"description": "Of the advisers on the case; the first one by default."},
    )
    mode = MeetingMode(required=True)
    place = name_text(
        LONGEST_PLACE,
        load_default=None,
        allow_none=True,
        metadata={"description": "Where to meet on site, or how to meet remotely."},
    )
    travel_minutes = Minutes(
        0,
        LONGEST_TRAVEL_MINUTES,
        load_default=0,
        metadata={"description": "One way; on site only."},
    )


class AgreeAppointment(AppointmentDetails):
    pass


class ActOnAppointment(StrictSchema):
    id = Id(required=True)
    expected_version = integer(1, 2**53, required=True)


class AppointmentChanges(MeetingTime):
    """Another time."""


class MoveAppointment(AppointmentChanges, ActOnAppointment):
    pass


class NewAdviser(StrictSchema):
    adviser_id = Id(required=True)


class HandOver(NewAdviser, ActOnAppointment):
    pass


class MeetingReason(StrictSchema):
    reason = Text(LONGEST_REASON, lines=True, load_default=None, allow_none=True)


class EndAppointment(MeetingReason, ActOnAppointment):
    pass


class MeetingSpace(Schema):
    space_id = Id(required=True)
    name = LocalisedText(required=True)


class MeetingRoom(Schema):
    """Where the room of an appointment at the centre stands."""

    status = MeetingRoomStatus(required=True)
    since = Instant(required=True, metadata={"description": "When it was asked."})
    asked = fields.Nested(
        MeetingTime,
        required=True,
        allow_none=True,
        metadata={
            "description": "The time that the appointment is to have, and has not: it is in force "
            "when its room is granted. null: the appointment is as it is to be."
        },
    )
    space = fields.Nested(MeetingSpace, required=True, allow_none=True)
    code = fields.String(
        required=True, allow_none=True, metadata={"description": "Why bookings has refused."}
    )
    alternatives = fields.List(
        fields.Dict(),
        required=True,
        metadata={"description": "What could be had instead, best first; may be none."},
    )


class Appointment(Schema):
    id = Id(required=True)
    case_id = Id(required=True)
    centre_id = Id(required=True)
    adviser_id = Id(required=True)
    mode = MeetingMode(required=True)
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    time_zone = fields.String(required=True, metadata={"description": "IANA zone of the centre."})
    place = fields.String(required=True, allow_none=True)
    room = fields.Nested(
        MeetingRoom,
        required=True,
        allow_none=True,
        metadata={"description": "null: it takes no room of the centre."},
    )
    status = AppointmentStatus(required=True)
    agreed_by = Id(required=True)
    agreed_at = Instant(required=True)
    reason = fields.String(required=True, allow_none=True)
    version = fields.Integer(required=True)


class AppointmentList(Schema):
    items = fields.List(fields.Nested(Appointment), required=True)
    next = fields.List(fields.Raw(), allow_none=True)


class AppointmentFilters(StrictSchema):
    case_id = Id(load_default=None, allow_none=True)
    adviser_id = Id(load_default=None, allow_none=True)
    status = AppointmentStatus(load_default=None, allow_none=True)
    ends_after = Instant(load_default=None, allow_none=True)
    starts_before = Instant(load_default=None, allow_none=True)


class ListAppointments(AppointmentFilters, Page):
    pass


class CalendarOf(StrictSchema):
    id = Id(required=True)
    language = LanguageCode(load_default=DEFAULT_LANGUAGE)


class Invitation(Schema):
    """RFC 5546: REQUEST while it is to take place, CANCEL afterwards."""

    calendar = fields.String(required=True)
