"""Stable codes of what referrals are refused for."""

from __future__ import annotations

from services.common.errors import Conflict, ErrorCode, Invalid

CONSENT_MISSING = ErrorCode(
    "consultations.consent_missing",
    Invalid,
    "A case is referred only with the recorded consent of the organisation's side.",
)
CONSENT_NOT_THEIRS = ErrorCode(
    "consultations.consent_not_theirs",
    Invalid,
    "Consent is given by a person of the organisation who is on the case, or in writing.",
)
CONSENT_WITHDRAWN = ErrorCode(
    "consultations.consent_withdrawn",
    Conflict,
    "The organisation's side has taken its consent back since: a newer consent is needed.",
)
REFERRED_NOWHERE = ErrorCode(
    "consultations.referred_nowhere",
    Invalid,
    "A referral names an adviser who is not on the case, or an outside body; one of them.",
)
REFERRAL_NOT_ALLOWED_NOW = ErrorCode(
    "consultations.referral_not_allowed_now",
    Conflict,
    "A referral that is `state` cannot become `to`.",
    params=("state", "to"),
)
TOO_MANY_REFERRALS = ErrorCode(
    "consultations.too_many_referrals",
    Conflict,
    "A case has at most `most` referrals.",
    params=("most",),
)

ALL: tuple[ErrorCode, ...] = tuple(v for v in list(globals().values()) if isinstance(v, ErrorCode))
