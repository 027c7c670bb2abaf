"""Stable codes of materials."""

from __future__ import annotations

from services.common.errors import Conflict, ErrorCode

TOO_MANY_MATERIALS = ErrorCode(
    "trainings.too_many_materials",
    Conflict,
    "A session has at most `most` files.",
    params=("most",),
)

ALL: tuple[ErrorCode, ...] = tuple(v for v in list(globals().values()) if isinstance(v, ErrorCode))
