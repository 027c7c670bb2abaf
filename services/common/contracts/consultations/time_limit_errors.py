"""Stable codes of what time limits are refused for."""

from __future__ import annotations

from services.common.errors import Conflict, ErrorCode

PAUSED_TOO_OFTEN = ErrorCode(
    "consultations.paused_too_often",
    Conflict,
    "A case waits for its organisation at most `most` times.",
    params=("most",),
)

ALL: tuple[ErrorCode, ...] = tuple(v for v in list(globals().values()) if isinstance(v, ErrorCode))
