"""Stable codes of what is refused for the sake of a room."""

from __future__ import annotations

from services.common.errors import Conflict, ErrorCode

ROOMS_NOT_GRANTED = ErrorCode(
    "trainings.rooms_not_granted",
    Conflict,
    "A cohort is announced when each session has its room, or is elsewhere.",
)
MOVE_AWAITED = ErrorCode(
    "trainings.move_awaited",
    Conflict,
    "A move of the session awaits its room; wait for the answer, or remove the session.",
)

ALL: tuple[ErrorCode, ...] = tuple(v for v in list(globals().values()) if isinstance(v, ErrorCode))
