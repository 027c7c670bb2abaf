"""Stable codes of the refusals of bookings."""

from __future__ import annotations

from services.common.errors import Conflict, ErrorCode, Forbidden, Invalid, TooManyRequests

SPACE_TAKEN = ErrorCode(
    "bookings.space_taken",
    Conflict,
    "The space is taken at that time; alternatives are in `alternatives`.",
)
OUTSIDE_HOURS = ErrorCode(
    "bookings.outside_hours",
    Conflict,
    "The centre is not open for the whole of that time; alternatives are in `alternatives`.",
)
IN_THE_PAST = ErrorCode("bookings.in_the_past", Conflict, "The time has already begun.")
TOO_FAR_AHEAD = ErrorCode(
    "bookings.too_far_ahead", Conflict, "Bookings open `days` days ahead.", params=("days",)
)
TOO_MANY_PEOPLE = ErrorCode(
    "bookings.too_many_people",
    Conflict,
    "The space holds `capacity` people; larger ones are in `alternatives`.",
    params=("capacity",),
)
NOT_ALLOWED_NOW = ErrorCode(
    "bookings.not_allowed_now",
    Conflict,
    "A booking that is `status` cannot do that.",
    params=("status",),
)
NOT_OF_ORGANISATION = ErrorCode(
    "bookings.not_of_organisation", Forbidden, "The caller does not belong to the organisation."
)
HOLD_OVER = ErrorCode(
    "bookings.hold_over", Conflict, "The time was held until a moment that has passed."
)
CHECK_IN_CLOSED = ErrorCode(
    "bookings.check_in_closed",
    Conflict,
    "People are checked in from `minutes` minutes before the start until the end; the instants "
    "are in `opens_at` and `closes_at`.",
    params=("minutes",),
)
DOOR_CODE_NEEDED = ErrorCode(
    "bookings.door_code_needed", Invalid, "Members check in with the booking's door code."
)
WRONG_DOOR_CODE = ErrorCode(
    "bookings.wrong_door_code", Conflict, "The code is not the door code of this booking."
)
TOO_MANY_DOOR_CODES = ErrorCode(
    "bookings.too_many_door_codes",
    TooManyRequests,
    "Too many door codes were tried for this booking; the front desk can still check in.",
)
BUDGET_EXCEEDED = ErrorCode(
    "bookings.budget_exceeded",
    Conflict,
    "The organisation's budget of `week` does not cover this: `hours_left` hours and "
    "`bookings_left` bookings are left (10000 where there is no limit).",
    params=("week", "hours_left", "bookings_left"),
)
UNKNOWN_SPACE = ErrorCode("bookings.unknown_space", Invalid, "There is no such space.")
END_BEFORE_START = ErrorCode("bookings.end_before_start", Invalid, "The end must follow the start.")
OFF_RASTER = ErrorCode(
    "bookings.off_raster", Invalid, "Times are whole multiples of `minutes` minutes.", ("minutes",)
)
TOO_LONG = ErrorCode(
    "bookings.too_long", Invalid, "A booking lasts at most `hours` hours.", ("hours",)
)
HOURS_OVERLAP = ErrorCode("bookings.hours_overlap", Invalid, "Opening intervals of a day overlap.")
SEASONS_OVERLAP = ErrorCode("bookings.seasons_overlap", Invalid, "Two seasons share a day.")
SEASON_ENDS_EARLY = ErrorCode(
    "bookings.season_ends_early", Invalid, "A season ends on or after the day it begins."
)
EXCEPTION_REPEATED = ErrorCode(
    "bookings.exception_repeated", Invalid, "A date has one exception at most."
)
PERIOD_TOO_LONG = ErrorCode(
    "bookings.period_too_long",
    Invalid,
    "Availability is answered for `days` days at most.",
    ("days",),
)

ALL: tuple[ErrorCode, ...] = tuple(v for v in list(globals().values()) if isinstance(v, ErrorCode))
