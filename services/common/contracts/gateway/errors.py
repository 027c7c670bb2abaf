"""Stable codes of what the HTTP door itself refuses; those of the identity are its own contract."""

from __future__ import annotations

from services.common.errors import ErrorCode, Malformed, Unavailable

CURSOR_INVALID = ErrorCode(
    "cursor.invalid", Malformed, "The cursor is not ours, or belongs to another list."
)
NOT_READY = ErrorCode(
    "not_ready",
    Unavailable,
    "The broker or the database is away: `broker`, `database` and `branches` say what is.",
    extra=("retry_after", "broker", "database", "branches"),
)

ALL: tuple[ErrorCode, ...] = tuple(v for v in list(globals().values()) if isinstance(v, ErrorCode))
