"""Stable codes of the refusals that every branch with forms shares."""

from __future__ import annotations

from services.common.errors import Conflict, ErrorCode, Invalid

ANSWERED_ALREADY = ErrorCode(
    "forms.answered_already", Conflict, "This respondent has answered the form already."
)
UNKNOWN_EDITION = ErrorCode(
    "forms.unknown_edition", Invalid, "The form has no such edition; read it again."
)
XLSFORM_UNREADABLE = ErrorCode(
    "forms.xlsform_unreadable",
    Invalid,
    "The file is no XLSForm that can be read; `detail` in `errors` says why.",
)
XLSFORM_UNSUPPORTED = ErrorCode(
    "forms.xlsform_unsupported",
    Invalid,
    "The XLSForm uses something that forms here do not have; `errors` names the rows.",
)

ALL: tuple[ErrorCode, ...] = tuple(v for v in list(globals().values()) if isinstance(v, ErrorCode))
