"""Stable codes of what assessments are refused for."""

from __future__ import annotations

from services.common.errors import Conflict, ErrorCode, Invalid

ASSESSMENT_NOT_ALLOWED_NOW = ErrorCode(
    "consultations.assessment_not_allowed_now",
    Conflict,
    "An assessment that is `state` cannot become `to`.",
    params=("state", "to"),
)
INSTRUMENT_NOT_OFFERED = ErrorCode(
    "consultations.instrument_not_offered",
    Conflict,
    "New assessments use a published edition that is not retired.",
)
ASSESSMENT_OPEN = ErrorCode(
    "consultations.assessment_open",
    Conflict,
    "The organisation has an assessment with this instrument that is not agreed yet.",
    extra=("assessment_id",),
)
UNKNOWN_ITEM = ErrorCode(
    "consultations.unknown_item", Invalid, "The edition has no such item, or names it twice."
)
UNKNOWN_DOMAIN = ErrorCode(
    "consultations.unknown_domain", Invalid, "The edition has no such domain, or names it twice."
)
ITEM_APPLIES = ErrorCode(
    "consultations.item_applies", Invalid, "The item fits every organisation, so it has a score."
)
SCORE_OR_NOT_APPLICABLE = ErrorCode(
    "consultations.score_or_not_applicable",
    Invalid,
    "An item has a score, or does not apply: one of both.",
)
SCORES_MISSING = ErrorCode(
    "consultations.scores_missing",
    Conflict,
    "Items have neither a score nor the remark that they do not apply.",
    extra=("missing_items",),
)
NOTHING_SCORED = ErrorCode(
    "consultations.nothing_scored", Conflict, "At least one item applies to the organisation."
)
EVIDENCE_MISSING = ErrorCode(
    "consultations.evidence_missing",
    Invalid,
    "A verified score above the lowest level names what was seen.",
)
HELD_IN_THE_FUTURE = ErrorCode(
    "consultations.held_in_the_future", Invalid, "The conversation was today or before."
)
NOT_EARLIER = ErrorCode(
    "consultations.not_earlier",
    Invalid,
    "An assessment is compared with one that was held before it.",
)
NOT_COMPARABLE = ErrorCode(
    "consultations.not_comparable",
    Conflict,
    "The two assessments are of editions that share no item.",
)

ALL: tuple[ErrorCode, ...] = tuple(v for v in list(globals().values()) if isinstance(v, ErrorCode))
