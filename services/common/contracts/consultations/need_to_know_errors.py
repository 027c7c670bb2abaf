"""Stable codes of what sealing, notes, files and break-glass access refuse."""

from __future__ import annotations

from services.common.errors import Conflict, ErrorCode

KIND_STAYS_SEALED = ErrorCode(
    "consultations.kind_stays_sealed",
    Conflict,
    "Cases of this kind are sealed from their start and cannot be opened to others.",
)
TOO_MANY_NOTES = ErrorCode(
    "consultations.too_many_notes",
    Conflict,
    "A case has at most `most` notes.",
    params=("most",),
)
TOO_MANY_COMMENTS = ErrorCode(
    "consultations.too_many_comments",
    Conflict,
    "A note has at most `most` comments.",
    params=("most",),
)
TOO_MANY_ATTACHMENTS = ErrorCode(
    "consultations.too_many_attachments",
    Conflict,
    "A case has at most `most` files.",
    params=("most",),
)

ALL: tuple[ErrorCode, ...] = tuple(v for v in list(globals().values()) if isinstance(v, ErrorCode))
