"""Stable codes of what reports about trainees are refused for."""

from __future__ import annotations

from services.common.errors import Conflict, ErrorCode, Invalid

PERIOD_ENDS_EARLY = ErrorCode(
    "trainings.period_ends_early", Invalid, "The last day comes before the first."
)
PERIOD_TOO_LONG = ErrorCode(
    "trainings.period_too_long",
    Invalid,
    "A report is of at most `most` days.",
    params=("most",),
)
PERIOD_NOT_OVER = ErrorCode(
    "trainings.period_not_over", Conflict, "A period is frozen after its last day."
)
PERIODS_OVERLAP = ErrorCode(
    "trainings.periods_overlap",
    Conflict,
    "A frozen period shares a day with this one; the figures could be subtracted.",
)

ALL: tuple[ErrorCode, ...] = tuple(v for v in list(globals().values()) if isinstance(v, ErrorCode))
