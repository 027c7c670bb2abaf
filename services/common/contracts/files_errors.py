"""Stable codes of the refusals that every branch with attachments shares."""

from __future__ import annotations

from services.common.errors import ErrorCode, Invalid

FILE_EMPTY = ErrorCode("files.empty", Invalid, "The file holds nothing.")
FILE_TOO_LARGE = ErrorCode(
    "files.too_large", Invalid, "A file has at most `megabytes` MiB.", params=("megabytes",)
)
FILE_NAME_INVALID = ErrorCode(
    "files.name_invalid", Invalid, "A file's name is 1 to 150 characters that can be read."
)
FILE_TYPE_NOT_TAKEN = ErrorCode(
    "files.type_not_taken", Invalid, "Files of these endings are taken: `types`.", params=("types",)
)
FILE_NOT_AS_NAMED = ErrorCode(
    "files.not_as_named",
    Invalid,
    "The content of the file `name` is not what its ending says, holds macros, or is damaged.",
    params=("name",),
)

ALL: tuple[ErrorCode, ...] = tuple(v for v in list(globals().values()) if isinstance(v, ErrorCode))
