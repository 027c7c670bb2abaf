"""The kinds of deadlines of this service; ``deadlines.py`` says what is done about each."""

from __future__ import annotations

from enum import StrEnum


class DeadlineKind(StrEnum):
    """What falls due. The subject of a deadline is an id."""

    DELIVERY = "delivery"
    """A delivery, until it is over."""
