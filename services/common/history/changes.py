"""What was changed: one entry of a history, and which facts differ. Standard library only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


class Subject(Protocol):
    """What has a history."""

    @property
    def kind(self) -> str: ...
    @property
    def id(self) -> str: ...
    @property
    def version(self) -> int: ...


def subject_of(thing: Subject) -> str:
    """What a history is about, such as ``space/01985…``."""
    return f"{thing.kind}/{thing.id}"


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of a history.

    Attributes:
        by: the id of the caller.
        changes: field → ``(from, to)`` in wire form.
        version: the one that the change has made.
    """

    at: datetime
    by: str
    action: str
    reason: str | None
    changes: Mapping[str, tuple[Any, Any]]
    version: int


def differing(
    before: Mapping[str, Any] | None, after: Mapping[str, Any]
) -> dict[str, tuple[Any, Any]]:
    """Which facts differ: name → (from, to). Everything is new where there was nothing."""
    old = before or dict.fromkeys(after)
    return {key: (old[key], value) for key, value in after.items() if old[key] != value}
