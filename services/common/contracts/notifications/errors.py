"""Stable codes of the refusals of notifications."""

from __future__ import annotations

from services.common.errors import ErrorCode

# The inbox refuses only with the common codes (not_found, stale).
ALL: tuple[ErrorCode, ...] = ()
