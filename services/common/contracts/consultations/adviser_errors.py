"""Stable codes of the refusals about the profiles of advisers."""

from __future__ import annotations

from services.common.errors import Conflict, ErrorCode, Invalid

UNKNOWN_ADVISER = ErrorCode("consultations.unknown_adviser", Invalid, "There is no such adviser.")
ALREADY_ADVISER = ErrorCode(
    "consultations.already_adviser", Conflict, "The person has a profile as an adviser."
)
NOT_AN_ADVISER = ErrorCode(
    "consultations.not_an_adviser",
    Invalid,
    "There is no person with this id who has the role of an adviser now.",
)
NOT_ON_CASE = ErrorCode(
    "consultations.adviser_not_on_case", Conflict, "The adviser is not on the case."
)
BREAK_OUTSIDE_HOURS = ErrorCode(
    "consultations.break_outside_hours", Invalid, "Breaks lie within the working hours of the day."
)

ALL: tuple[ErrorCode, ...] = tuple(v for v in list(globals().values()) if isinstance(v, ErrorCode))
