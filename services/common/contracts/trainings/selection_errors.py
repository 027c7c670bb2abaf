"""Stable codes of what the selection of applicants refuses."""

from __future__ import annotations

from services.common.errors import ErrorCode, Invalid

NO_CRITERIA = ErrorCode(
    "trainings.no_criteria", Invalid, "A selection has a criterion with a weight above 0."
)
UNKNOWN_CRITERION = ErrorCode(
    "trainings.unknown_criterion",
    Invalid,
    "The selection has no criterion `criterion`.",
    params=("criterion",),
)
SCORE_OFF_SCALE = ErrorCode(
    "trainings.score_off_scale",
    Invalid,
    "A score on `criterion` is between `lowest` and `highest`.",
    params=("criterion", "lowest", "highest"),
)

ALL: tuple[ErrorCode, ...] = tuple(v for v in list(globals().values()) if isinstance(v, ErrorCode))
