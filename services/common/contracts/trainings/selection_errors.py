"""Stable codes of what the selection of applicants refuses."""

from __future__ import annotations

from services.common.errors import Conflict, ErrorCode, Forbidden, Invalid

NO_CRITERIA = ErrorCode(
    "trainings.no_criteria", Invalid, "A selection has a criterion with a weight above 0."
)
UNKNOWN_CRITERION = ErrorCode(
    "trainings.unknown_criterion",
    Invalid,
    "The selection has no criterion `criterion_id`.",
    params=("criterion_id",),
)
SCORE_OFF_SCALE = ErrorCode(
    "trainings.score_off_scale",
    Invalid,
    "A score on `criterion` is between `lowest` and `highest`.",
    params=("criterion", "lowest", "highest"),
)
UNKNOWN_REVIEWER = ErrorCode("trainings.unknown_reviewer", Invalid, "There is no such person.")
NO_SELECTION = ErrorCode(
    "trainings.no_selection", Conflict, "Nobody has said yet how applications are scored."
)
REVIEWS_BEGUN = ErrorCode(
    "trainings.reviews_begun",
    Conflict,
    "Applications have been reviewed, so criteria, weights and scales stay.",
)
REVIEWER_SEES_NAMES = ErrorCode(
    "trainings.reviewer_sees_names",
    Conflict,
    "The selection is blind; staff of the centre, who see names, cannot review.",
)
CONFLICT_OF_INTEREST = ErrorCode(
    "trainings.conflict_of_interest",
    Forbidden,
    "Nobody reviews an application of one's own, or of one's own organisation.",
)

ALL: tuple[ErrorCode, ...] = tuple(v for v in list(globals().values()) if isinstance(v, ErrorCode))
