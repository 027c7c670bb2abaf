"""Stable codes of the identity's refusals: sign-in, people, organisations, members."""

from __future__ import annotations

from services.common.errors import Conflict, ErrorCode, Invalid, Unauthenticated

SIGN_IN_FAILED = ErrorCode(
    "auth.sign_in_failed", Unauthenticated, "The e-mail address or the password is not right."
)
TOKEN_INVALID = ErrorCode("auth.token_invalid", Unauthenticated, "The token is not ours or forged.")
TOKEN_EXPIRED = ErrorCode("auth.token_expired", Unauthenticated, "The token has run out.")
TOKEN_REVOKED = ErrorCode(
    "auth.token_revoked",
    Unauthenticated,
    "The rights in the token have changed, or its sign-in has ended: renew it, or sign in again.",
)
REFRESH_INVALID = ErrorCode(
    "auth.refresh_invalid", Unauthenticated, "The refresh token is unknown, spent or withdrawn."
)
PASSWORD_WRONG = ErrorCode(
    "auth.password_wrong", Invalid, "The present password is not the one that was given."
)
ALREADY_MEMBER = ErrorCode(
    "organisations.already_member", Conflict, "The person already belongs to the organisation."
)
ALREADY_INVITED = ErrorCode(
    "organisations.already_invited",
    Conflict,
    "The address has an open invitation into the organisation.",
)
INVITATION_NOT_OPEN = ErrorCode(
    "organisations.invitation_not_open",
    Conflict,
    "An invitation that is `state` can be neither answered nor withdrawn.",
    params=("state",),
)
LAST_REPRESENTATIVE = ErrorCode(
    "organisations.last_representative",
    Conflict,
    "An organisation keeps at least one representative.",
)
LAST_MANAGER = ErrorCode(
    "people.last_manager", Conflict, "The centre keeps at least one manager who may sign in."
)
ORGANISATION_STATE = ErrorCode(
    "organisations.not_allowed_now",
    Conflict,
    "An organisation that is `state` cannot do that.",
    params=("state",),
)

ALL: tuple[ErrorCode, ...] = tuple(v for v in list(globals().values()) if isinstance(v, ErrorCode))
