"""The kinds of deadlines that the branch sets; ``deadlines.py`` says what is done about each."""

from __future__ import annotations

from enum import StrEnum


class DeadlineKind(StrEnum):
    """What falls due. The subject of a deadline is an id."""

    CASE = "case"
    """A case whose support is done, when it closes by itself."""
