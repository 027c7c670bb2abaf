"""Stable codes of what an assignment of a trainer refuses."""

from __future__ import annotations

from services.common.errors import Conflict, ErrorCode, Invalid

UNKNOWN_SESSION = ErrorCode("trainings.unknown_session", Invalid, "The cohort has no such session.")
UNKNOWN_TRAINER = ErrorCode(
    "trainings.unknown_trainer", Invalid, "There is no trainer with this id who works now."
)
ALREADY_ASSIGNED = ErrorCode(
    "trainings.already_assigned", Conflict, "The trainer is assigned to this cohort."
)
TRAINER_TAKEN = ErrorCode(
    "trainings.trainer_taken",
    Conflict,
    "The trainer teaches elsewhere at that time.",
    extra=("trainer_id",),
)
ASSIGNMENT_NOT_ALLOWED_NOW = ErrorCode(
    "trainings.assignment_not_allowed_now",
    Conflict,
    "An assignment that is `state` cannot do that.",
    params=("state",),
)

ALL: tuple[ErrorCode, ...] = tuple(v for v in list(globals().values()) if isinstance(v, ErrorCode))
