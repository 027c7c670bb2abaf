"""Stable codes of what certificates refuse."""

from __future__ import annotations

from services.common.errors import Conflict, ErrorCode, Invalid, NotFound

CODE_UNKNOWN = ErrorCode(
    "trainings.code_unknown", NotFound, "No certificate was issued with this code."
)
CERTIFICATE_NOT_ALLOWED_NOW = ErrorCode(
    "trainings.certificate_not_allowed_now",
    Conflict,
    "A certificate that is `state` does not allow it.",
    params=("state",),
)
NAME_WITHHELD = ErrorCode(
    "trainings.name_withheld",
    Conflict,
    "The personal data of the certificate's holder is erased, so it has no name any more.",
)
NAME_UNCHANGED = ErrorCode(
    "trainings.name_unchanged", Invalid, "The certificate has this name already."
)
CERTIFICATE_UNPRINTABLE = ErrorCode(
    "trainings.certificate_unprintable",
    Conflict,
    "The name or the title has a letter that the fonts of the certificates lack; it has to be "
    "written in Arabic, Latin, Cyrillic or Greek letters.",
)
WITHOUT_SEAT = ErrorCode(
    "trainings.without_seat", Invalid, "The person has no seat in this cohort."
)

ALL: tuple[ErrorCode, ...] = tuple(v for v in list(globals().values()) if isinstance(v, ErrorCode))
