"""Stable codes of what answers to the forms of a cohort are refused for."""

from __future__ import annotations

from services.common.errors import Conflict, ErrorCode, Invalid, NotFound

ANSWERS_NOT_YET = ErrorCode(
    "trainings.answers_not_yet",
    Conflict,
    "The form can be answered from `answers_open_at` on.",
    extra=("answers_open_at",),
)
ANSWERS_OVER = ErrorCode(
    "trainings.answers_over",
    Conflict,
    "The form could be answered until `answers_close_at`.",
    extra=("answers_close_at",),
)
NOT_IN_COHORT = ErrorCode(
    "trainings.not_in_cohort", Conflict, "The person has no seat in this cohort."
)
NO_SUCH_FORM = ErrorCode(
    "trainings.no_such_form", NotFound, "The cohort has no form for this occasion."
)
KEY_UNFIT = ErrorCode(
    "trainings.key_unfit",
    Invalid,
    "A right answer is none that the question takes, or there is no such question.",
)

ALL: tuple[ErrorCode, ...] = tuple(v for v in list(globals().values()) if isinstance(v, ErrorCode))
