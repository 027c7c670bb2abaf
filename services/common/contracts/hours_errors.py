"""Stable codes of the refusals that every branch with opening hours shares."""

from __future__ import annotations

from services.common.errors import ErrorCode, Invalid

HOURS_OVERLAP = ErrorCode("hours.overlap", Invalid, "Opening intervals of a day overlap.")
SEASONS_OVERLAP = ErrorCode("hours.seasons_overlap", Invalid, "Two seasons share a day.")
SEASON_ENDS_EARLY = ErrorCode(
    "hours.season_ends_early", Invalid, "A season ends on or after the day it begins."
)
EXCEPTION_REPEATED = ErrorCode(
    "hours.exception_repeated", Invalid, "A date has one exception at most."
)

ALL: tuple[ErrorCode, ...] = tuple(v for v in list(globals().values()) if isinstance(v, ErrorCode))
