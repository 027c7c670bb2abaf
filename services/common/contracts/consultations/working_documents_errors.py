"""Stable codes of working documents."""

from __future__ import annotations

from services.common.errors import Conflict, ErrorCode, Invalid

UNKNOWN_TEMPLATE = ErrorCode(
    "consultations.unknown_template",
    Invalid,
    "There is no such template for this kind of document.",
)
STRUCTURE_CIRCLE = ErrorCode(
    "consultations.structure_circle",
    Invalid,
    "A role cannot answer to itself, directly or through others.",
)
UNKNOWN_ROLE = ErrorCode("consultations.unknown_role", Invalid, "The structure has no such role.")
UNKNOWN_ROW = ErrorCode(
    "consultations.unknown_row", Invalid, "The edition has no such role or entry."
)
STARTS_AFTER_DUE = ErrorCode(
    "consultations.starts_after_due", Invalid, "A task begins on its due day or before."
)
SCHEDULE_TOO_LONG = ErrorCode(
    "consultations.schedule_too_long",
    Invalid,
    "A schedule covers at most `years` years, and ends at most so many from now.",
    params=("years",),
)
UNKNOWN_DOCUMENT = ErrorCode(
    "consultations.unknown_document",
    Invalid,
    "The organisation has no such working document.",
)
DOCUMENT_ARCHIVED = ErrorCode(
    "consultations.document_archived",
    Conflict,
    "The document is archived; it changes again once it is taken out of the archive.",
)
TOO_MANY_DOCUMENTS = ErrorCode(
    "consultations.too_many_documents",
    Conflict,
    "An organisation has at most `most` documents that are not archived.",
    params=("most",),
)
COMMENTS_USED_UP = ErrorCode(
    "consultations.comments_used_up",
    Conflict,
    "A document has at most `most` comments.",
    params=("most",),
)

ALL: tuple[ErrorCode, ...] = tuple(v for v in list(globals().values()) if isinstance(v, ErrorCode))
