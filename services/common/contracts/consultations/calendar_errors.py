"""Stable codes of what the calendar of an adviser refuses.

Why a time cannot be had is never said: an absence, a sealed case and a private errand have one
code.
"""

from __future__ import annotations

from services.common.errors import Conflict, ErrorCode, Invalid

END_BEFORE_START = ErrorCode(
    "consultations.end_before_start", Invalid, "The end comes after the start."
)
OFF_RASTER = ErrorCode(
    "consultations.off_raster",
    Invalid,
    "Times are multiples of `minutes` minutes.",
    params=("minutes",),
)
TOO_LONG = ErrorCode(
    "consultations.too_long", Invalid, "It lasts at most `hours` hours.", params=("hours",)
)
IN_THE_PAST = ErrorCode("consultations.in_the_past", Conflict, "The time has already begun.")
TOO_FAR_AHEAD = ErrorCode(
    "consultations.too_far_ahead",
    Conflict,
    "It begins at most `days` days from now.",
    params=("days",),
)
TIME_NOT_OFFERED = ErrorCode(
    "consultations.time_not_offered",
    Conflict,
    "The adviser cannot be met at that time; `alternatives` are the nearest times that can be had.",
    extra=("alternatives",),
)
NOT_BEGUN = ErrorCode("consultations.not_begun", Conflict, "It has not begun yet.")
APPOINTMENT_NOT_ALLOWED_NOW = ErrorCode(
    "consultations.appointment_not_allowed_now",
    Conflict,
    "An appointment that is `state` cannot become `to`.",
    params=("state", "to"),
)
MOVE_AWAITED = ErrorCode(
    "consultations.move_awaited",
    Conflict,
    "The appointment waits for a room at another time; it is not moved again until then.",
)
VISIT_NOT_ALLOWED_NOW = ErrorCode(
    "consultations.visit_not_allowed_now",
    Conflict,
    "A visit that is `state` cannot become `to`.",
    params=("state", "to"),
)
ABSENCE_NOT_ALLOWED_NOW = ErrorCode(
    "consultations.absence_not_allowed_now",
    Conflict,
    "An absence that is `state` cannot become `to`.",
    params=("state", "to"),
)
ABSENCE_TOO_LONG = ErrorCode(
    "consultations.absence_too_long",
    Invalid,
    "An absence lasts at most `days` days.",
    params=("days",),
)
TOO_MANY_ABSENCES = ErrorCode(
    "consultations.too_many_absences",
    Conflict,
    "An adviser has at most `most` absences that are not over.",
    params=("most",),
)
TOO_MANY_APPOINTMENTS = ErrorCode(
    "consultations.too_many_appointments",
    Conflict,
    "A case has at most `most` appointments and visits to come.",
    params=("most",),
)
TRIP_NOT_ALLOWED_NOW = ErrorCode(
    "consultations.trip_not_allowed_now",
    Conflict,
    "A trip that is `state` cannot become `to`.",
    params=("state", "to"),
)
NOT_A_TRIP = ErrorCode(
    "consultations.not_a_trip",
    Invalid,
    "A trip joins accepted visits of one adviser on one day, in their order, of no other trip.",
)
HOURS_OF_MONTH_EXIST = ErrorCode(
    "consultations.hours_of_month_exist",
    Conflict,
    "The adviser has consulting hours at the centre in that month; they can be changed.",
)
HOURS_IN_USE = ErrorCode(
    "consultations.hours_in_use",
    Conflict,
    "Consulting hours with appointments to come cannot be taken away.",
)
NOT_OF_MONTH = ErrorCode(
    "consultations.not_of_month",
    Invalid,
    "Consulting hours lie within their month, one after the other.",
)

ALL: tuple[ErrorCode, ...] = tuple(v for v in list(globals().values()) if isinstance(v, ErrorCode))
