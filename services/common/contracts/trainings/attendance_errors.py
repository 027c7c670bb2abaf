"""Stable codes of attendance. They say in a list why one mark of many was not saved."""

from __future__ import annotations

from services.common.errors import Conflict, ErrorCode, Invalid

MARK_CONFLICT = ErrorCode(
    "trainings.mark_conflict",
    Conflict,
    "Another mark with this id is stored, and stands.",
)
NOT_ENROLLED = ErrorCode(
    "trainings.not_enrolled",
    Invalid,
    "The person has no seat in the cohort, or had none at the time of the session.",
)
SESSION_UNKNOWN = ErrorCode(
    "trainings.session_unknown", Conflict, "The cohort has no such session."
)
SESSION_NOT_BEGUN = ErrorCode(
    "trainings.session_not_begun",
    Conflict,
    "Attendance is taken from an hour before the session on, by our clock; an excuse "
    "may come before.",
    extra=("opens_at",),
)

ALL: tuple[ErrorCode, ...] = tuple(v for v in list(globals().values()) if isinstance(v, ErrorCode))
