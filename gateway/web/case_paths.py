"""Which paths have to do with cases: no log names what is below them.

The same holds for open and for sealed cases; otherwise what is left out would name the sealed ones.
"""

from __future__ import annotations

import re

#: Of each resource that belongs to a case; below ``/v1``, and the page of a piece of news.
RESOURCES = (
    "absences",
    "action-plans",
    "appointments",
    "cases",
    "consultation-tasks",
    "milestones",
    "news",
    "referrals",
    "trips",
    "visits",
)
_PATH = re.compile(rf"(/+v1/+(?:{'|'.join(RESOURCES)})/+|/+m/+)[^?#\s'\"]+", re.I)

_LEADS_TO_CASES = re.compile(rf"(/+v1/+(?:{'|'.join(RESOURCES)}|case-drafts)(?:/|\Z)|/+m/+)", re.I)


def is_about_cases(path: str) -> bool:
    """Whether a path names a case, or something that belongs to one."""
    return _PATH.match(path) is not None


def belongs_to_cases(path: str) -> bool:
    """Whether a path leads to cases at all, to their list and to a new one too."""
    return _LEADS_TO_CASES.match(path) is not None


def without_cases(text: str) -> str:
    """A text without what such paths in it name."""
    return _PATH.sub(r"\1***", text)
