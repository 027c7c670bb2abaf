"""Stable codes of what instruments are refused for."""

from __future__ import annotations

from services.common.errors import Conflict, ErrorCode, Invalid

INSTRUMENT_NOT_ALLOWED_NOW = ErrorCode(
    "consultations.instrument_not_allowed_now",
    Conflict,
    "An edition that is `state` cannot become `to`: one that an assessment uses is frozen.",
    params=("state", "to"),
)
UNKNOWN_INSTRUMENT = ErrorCode(
    "consultations.unknown_instrument", Invalid, "There is no such instrument."
)
NOT_THE_NEWEST_EDITION = ErrorCode(
    "consultations.not_the_newest_edition",
    Conflict,
    "The next edition follows the newest one of its family.",
)
TOO_MANY_EDITIONS = ErrorCode(
    "consultations.too_many_editions",
    Conflict,
    "An instrument has at most `most` editions.",
    params=("most",),
)

ALL: tuple[ErrorCode, ...] = tuple(v for v in list(globals().values()) if isinstance(v, ErrorCode))
