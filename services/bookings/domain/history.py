"""What was changed: one entry of a history, of a booking or of what can be booked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of a history.

    Attributes:
        changes: field → ``(from, to)`` in wire form.
    """

    at: datetime
    by: str
    action: str
    reason: str | None
    changes: Mapping[str, tuple[Any, Any]]
    version: int


def differing(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> dict[str, Any]:
    """Which facts differ: name → (from, to). Everything is new where there was nothing."""
    old = before or dict.fromkeys(after)
    return {key: (old[key], value) for key, value in after.items() if old[key] != value}
