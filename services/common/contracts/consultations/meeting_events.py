"""Facts about appointments and visits that consultations publishes; ``events.py`` has them all."""

from __future__ import annotations

from services.common.contracts.consultations import meeting_facts
from services.common.contracts.registry import EventType

APPOINTMENT_AGREED = EventType(
    "consultations.appointment.agreed", 1, meeting_facts.Appointment, "An appointment is made."
)
APPOINTMENT_MOVED = EventType(
    "consultations.appointment.moved",
    1,
    meeting_facts.Appointment,
    "An appointment is at another time, or waits for a room at one.",
)
APPOINTMENT_ROOM_ANSWERED = EventType(
    "consultations.appointment.room_answered",
    1,
    meeting_facts.Appointment,
    "It is known whether an appointment has a room.",
)
APPOINTMENT_HANDED_OVER = EventType(
    "consultations.appointment.handed_over",
    1,
    meeting_facts.Appointment,
    "Another adviser comes to an appointment.",
)
APPOINTMENT_REMINDED = EventType(
    "consultations.appointment.reminded",
    1,
    meeting_facts.Appointment,
    "The people of an appointment are reminded of it, a day before.",
)
APPOINTMENT_DONE = EventType(
    "consultations.appointment.done", 1, meeting_facts.Appointment, "An appointment was held."
)
APPOINTMENT_MISSED = EventType(
    "consultations.appointment.missed",
    1,
    meeting_facts.Appointment,
    "An appointment was not held, since a person did not come.",
)
APPOINTMENT_CANCELLED = EventType(
    "consultations.appointment.cancelled",
    1,
    meeting_facts.Appointment,
    "An appointment does not take place.",
)

VISIT_REQUESTED = EventType(
    "consultations.visit.requested", 1, meeting_facts.Visit, "One side asks for a visit."
)
VISIT_MOVED = EventType(
    "consultations.visit.moved",
    1,
    meeting_facts.Visit,
    "One side asks for another time of a visit; the other side has to accept it.",
)
VISIT_ACCEPTED = EventType(
    "consultations.visit.accepted", 1, meeting_facts.Visit, "Both sides agree to a visit."
)
VISIT_DECLINED = EventType(
    "consultations.visit.declined", 1, meeting_facts.Visit, "The other side does not agree."
)
VISIT_HANDED_OVER = EventType(
    "consultations.visit.handed_over",
    1,
    meeting_facts.Visit,
    "Another adviser is to make a visit, and has to accept it.",
)
VISIT_GROUPED = EventType(
    "consultations.visit.grouped",
    1,
    meeting_facts.Visit,
    "A visit takes another way: it joins a trip, leaves one, or its trip has changed.",
)
VISIT_REMINDED = EventType(
    "consultations.visit.reminded",
    1,
    meeting_facts.Visit,
    "The people of a visit are reminded of it, a day before.",
)
VISIT_DONE = EventType("consultations.visit.done", 1, meeting_facts.Visit, "A visit was made.")
VISIT_REPORTED = EventType(
    "consultations.visit.reported", 1, meeting_facts.Visit, "The adviser has reported of a visit."
)
VISIT_REPORT_RETURNED = EventType(
    "consultations.visit.report_returned",
    1,
    meeting_facts.Visit,
    "The report of a visit is to be written anew.",
)
VISIT_APPROVED = EventType(
    "consultations.visit.approved", 1, meeting_facts.Visit, "The report of a visit is approved."
)
VISIT_CALLED_OFF = EventType(
    "consultations.visit.called_off",
    1,
    meeting_facts.Visit,
    "A visit does not take place, as unsafe for instance.",
)
