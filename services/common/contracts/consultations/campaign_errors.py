"""Stable codes of what needs studies and their campaigns are refused for."""

from __future__ import annotations

from services.common.errors import Conflict, ErrorCode, Invalid, NotFound

STUDY_UNFIT = ErrorCode(
    "consultations.study_unfit",
    Invalid,
    "The form cannot be ranked as the study says; `errors` names the places.",
)
UNKNOWN_STUDY = ErrorCode(
    "consultations.unknown_study", Invalid, "There is no needs study with this id."
)
CAMPAIGN_NOT_ALLOWED_NOW = ErrorCode(
    "consultations.campaign_not_allowed_now",
    Conflict,
    "A campaign that is `state` cannot become `to`.",
    params=("state", "to"),
)
CLOSES_TOO_EARLY = ErrorCode(
    "consultations.campaign_closes_too_early", Invalid, "A campaign closes after now."
)
CLOSES_TOO_LATE = ErrorCode(
    "consultations.campaign_closes_too_late",
    Invalid,
    "A campaign takes answers for at most `most` days.",
    params=("most",),
)
CAMPAIGN_OVER = ErrorCode(
    "consultations.campaign_over",
    Conflict,
    "The campaign takes no answers any more; `answers_close_at` says since when.",
    extra=("answers_close_at",),
)
CAMPAIGN_FULL = ErrorCode(
    "consultations.campaign_full",
    Conflict,
    "The campaign has taken `most` answers, which is the most it takes.",
    params=("most",),
)
SHEET_ENTERED = ErrorCode(
    "consultations.sheet_entered",
    Conflict,
    "Another sheet with this mark has been entered for the campaign.",
)
CAMPAIGN_LINK_UNKNOWN = ErrorCode(
    "consultations.campaign_link_unknown",
    NotFound,
    "The link is none of ours, or it was replaced.",
)
NEEDS_NOT_YET = ErrorCode(
    "consultations.needs_not_yet", Conflict, "Needs are ranked once the campaign is closed."
)
OTHER_STUDY = ErrorCode(
    "consultations.campaign_of_other_study",
    Invalid,
    "Only campaigns of one study are compared.",
)

ALL: tuple[ErrorCode, ...] = tuple(v for v in list(globals().values()) if isinstance(v, ErrorCode))
