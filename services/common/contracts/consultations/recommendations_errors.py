"""Stable codes of what recommendations are refused for."""

from __future__ import annotations

from services.common.errors import Conflict, ErrorCode

RECOMMENDATION_NOT_ALLOWED_NOW = ErrorCode(
    "consultations.recommendation_not_allowed_now",
    Conflict,
    "A recommendation that is `state` cannot become `to`.",
    params=("state", "to"),
)
NO_NEEDS_KNOWN = ErrorCode(
    "consultations.no_needs_known",
    Conflict,
    "No needs study has said anything that fits the organisation.",
)
ALREADY_ASSESSED = ErrorCode(
    "consultations.already_assessed",
    Conflict,
    "The organisation has an assessment, from which its recommendations come.",
    extra=("assessment_id",),
)

ALL: tuple[ErrorCode, ...] = tuple(v for v in list(globals().values()) if isinstance(v, ErrorCode))
