"""Stable codes of what the forms of a cohort are refused for."""

from __future__ import annotations

from services.common.errors import Conflict, ErrorCode, Invalid, NotFound

UNKNOWN_FORM = ErrorCode("trainings.unknown_form", Invalid, "There is no such form.")
FORM_OF_OTHER_PURPOSE = ErrorCode(
    "trainings.form_of_other_purpose", Invalid, "The form was made for another purpose."
)
FORM_ANSWERED = ErrorCode(
    "trainings.form_answered",
    Conflict,
    "People have answered the form that the cohort uses; its questions may still change.",
)
ANSWERS_MISSING = ErrorCode(
    "trainings.answers_missing", Invalid, "The cohort has a form that is to be answered."
)
FORM_OF_OTHER_COHORT = ErrorCode(
    "trainings.form_of_other_cohort", Invalid, "The cohort does not use that form."
)
LINK_UNKNOWN = ErrorCode(
    "trainings.link_unknown", NotFound, "The link is not one of ours, or was copied in part."
)
LINK_EXPIRED = ErrorCode("trainings.link_expired", Conflict, "The link was valid until a past day.")
NO_SEAT_ANY_MORE = ErrorCode(
    "trainings.no_seat_any_more",
    Conflict,
    "The person has no seat in the cohort any more, or has left it since the link was made.",
)

ALL: tuple[ErrorCode, ...] = tuple(v for v in list(globals().values()) if isinstance(v, ErrorCode))
