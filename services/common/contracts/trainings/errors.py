"""Stable codes of the refusals of trainings."""

from __future__ import annotations

from services.common.contracts.trainings import (
    answers_errors,
    application_errors,
    assignment_errors,
    attendance_errors,
    certificate_errors,
    forms_errors,
    materials_errors,
    participants_errors,
    room_errors,
    roster_errors,
    selection_errors,
    statistics_errors,
)
from services.common.errors import Conflict, ErrorCode, Invalid

UNKNOWN_TOPIC = ErrorCode("trainings.unknown_topic", Invalid, "There is no such topic.")
UNKNOWN_COURSE = ErrorCode("trainings.unknown_course", Invalid, "There is no such course.")
PREREQUISITE_CIRCLE = ErrorCode(
    "trainings.prerequisite_circle",
    Invalid,
    "A course cannot require itself, directly or through its prerequisites.",
)

UNKNOWN_CENTRE = ErrorCode("trainings.unknown_centre", Invalid, "There is no such centre.")
COURSE_RETIRED = ErrorCode(
    "trainings.course_retired", Conflict, "The course is not offered any more."
)
NO_SESSIONS = ErrorCode(
    "trainings.no_sessions", Conflict, "A cohort is announced with at least one session."
)
END_BEFORE_START = ErrorCode(
    "trainings.end_before_start", Invalid, "The end comes after the start."
)
OFF_RASTER = ErrorCode(
    "trainings.off_raster",
    Invalid,
    "Times are multiples of `minutes` minutes.",
    params=("minutes",),
)
TOO_LONG = ErrorCode(
    "trainings.too_long", Invalid, "A session lasts at most `hours` hours.", params=("hours",)
)
IN_THE_PAST = ErrorCode("trainings.in_the_past", Conflict, "The time has already begun.")
TOO_FAR_AHEAD = ErrorCode(
    "trainings.too_far_ahead",
    Conflict,
    "A cohort is planned at most `days` days ahead.",
    params=("days",),
)
SESSIONS_OVERLAP = ErrorCode(
    "trainings.sessions_overlap", Conflict, "Two sessions of a cohort cannot overlap."
)
TOO_MANY_SESSIONS = ErrorCode(
    "trainings.too_many_sessions",
    Conflict,
    "A cohort has at most `most` sessions.",
    params=("most",),
)
SESSION_OVER = ErrorCode(
    "trainings.session_over", Conflict, "A session that has begun cannot be moved or removed."
)
CLOSES_BEFORE_OPENING = ErrorCode(
    "trainings.closes_before_opening",
    Invalid,
    "Applications close after they open, and before the first session.",
)

ALL: tuple[ErrorCode, ...] = (
    *(each for each in list(globals().values()) if isinstance(each, ErrorCode)),
    *participants_errors.ALL,
    *answers_errors.ALL,
    *selection_errors.ALL,
    *statistics_errors.ALL,
    forms_errors.UNKNOWN_FORM,
    forms_errors.FORM_OF_OTHER_PURPOSE,
    forms_errors.FORM_ANSWERED,
    forms_errors.FORM_OF_OTHER_COHORT,
    forms_errors.ANSWERS_MISSING,
    forms_errors.LINK_UNKNOWN,
    forms_errors.LINK_EXPIRED,
    forms_errors.NO_SEAT_ANY_MORE,
    roster_errors.COHORT_NOT_ALLOWED_NOW,
    roster_errors.COHORT_CANCELLED,
    roster_errors.COHORT_STARTED,
    roster_errors.FLOORS_TOO_LARGE,
    roster_errors.ALREADY_ON_ROSTER,
    roster_errors.APPLICATION_NOT_ALLOWED_NOW,
    roster_errors.OFFER_OVER,
    roster_errors.NO_SEAT,
    *application_errors.ALL,
    *assignment_errors.ALL,
    *room_errors.ALL,
    *certificate_errors.ALL,
    *attendance_errors.ALL,
    *materials_errors.ALL,
)
