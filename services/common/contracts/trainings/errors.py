"""Stable codes of the refusals of trainings."""

from __future__ import annotations

from services.common.errors import ErrorCode, Invalid

UNKNOWN_TOPIC = ErrorCode("trainings.unknown_topic", Invalid, "There is no such topic.")
UNKNOWN_COURSE = ErrorCode("trainings.unknown_course", Invalid, "There is no such course.")
PREREQUISITE_CIRCLE = ErrorCode(
    "trainings.prerequisite_circle",
    Invalid,
    "A course cannot require itself, directly or through its prerequisites.",
)

ALL: tuple[ErrorCode, ...] = tuple(v for v in list(globals().values()) if isinstance(v, ErrorCode))
