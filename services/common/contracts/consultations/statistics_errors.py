"""Stable codes of what reports about consultations are refused for."""

from __future__ import annotations

from services.common.errors import Conflict, ErrorCode, Invalid

PERIOD_ENDS_EARLY = ErrorCode(
    "consultations.period_ends_early", Invalid, "The last day comes before the first."
)
PERIOD_TOO_LONG = ErrorCode(
    "consultations.period_too_long",
    Invalid,
    "A report is of at most `most` days.",
    params=("most",),
)
PERIOD_TOO_SHORT = ErrorCode(
    "consultations.period_too_short",
    Invalid,
    "A frozen period has sealed cases in it, and is of at least `months` months.",
    params=("months",),
)
REPORT_TOO_LARGE = ErrorCode(
    "consultations.report_too_large",
    Invalid,
    "A report is of at most `most` open cases, meetings or assessments; sealed ones do not count.",
    params=("most",),
)
PERIOD_NOT_OVER = ErrorCode(
    "consultations.period_not_over", Conflict, "A period is frozen after its last day."
)
PERIODS_OVERLAP = ErrorCode(
    "consultations.periods_overlap",
    Conflict,
    "A frozen period shares a day with this one; the figures could be subtracted.",
)

ALL: tuple[ErrorCode, ...] = tuple(v for v in list(globals().values()) if isinstance(v, ErrorCode))
