"""Access to a case beyond its people: break-glass grants, and the log of who has read what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

LONGEST_GRANT = timedelta(minutes=60)
"""A manager who breaks the glass reads a case so long, at most."""


@dataclass(frozen=True, slots=True)
class Grant:
    """A person who is not on a case reads it for a while, by break-glass.

    Attributes:
        until: from this instant on it is over.
    """

    person_id: str
    granted_at: datetime
    until: datetime

    def holds_at(self, now: datetime) -> bool:
        return now < self.until


class Reading(StrEnum):
    """What was read."""

    CASE = "case"
    LIST = "list"
    HISTORY = "history"
    NOTE = "note"
    NOTES = "notes"
    ATTACHMENT = "attachment"
    ATTACHMENTS = "attachments"
    NEWS = "news"
    CONTACT = "contact"
    RATING = "rating"
    REFERRAL = "referral"
    REFERRALS = "referrals"
    TIME_LIMITS = "time_limits"
    PLAN = "plan"


class Way(StrEnum):
    """How the reader came to it."""

    ON_THE_CASE = "on_the_case"
    BREAK_GLASS = "break_glass"
    OPEN_TO = "open_to"
    """The case was open to the reader."""
    REFERRED = "referred"
    """It was referred to the reader, who sees the referral alone."""


@dataclass(frozen=True, slots=True)
class AccessEntry:
    """One reading of what is sealed.

    Attributes:
        item_id: of the note, the file or the referral that was read; ``None`` for the case itself.
    """

    id: str
    case_id: str
    person_id: str
    what: Reading
    way: Way
    at: datetime
    item_id: str | None = None


def way_of(person_id: str, on_it: bool, grants: Iterable[Grant], now: datetime) -> Way:
    """How a person who sees a case comes to see it.

    Args:
        on_it: whether the person is one of its people now.
    """
    if on_it:
        return Way.ON_THE_CASE
    granted = any(each.person_id == person_id and each.holds_at(now) for each in grants)
    return Way.BREAK_GLASS if granted else Way.OPEN_TO


def with_grant(grants: Iterable[Grant], new: Grant) -> tuple[Grant, ...]:
    """The grants that hold, with one more; a person's new one takes the place of an earlier one."""
    kept = [
        each for each in grants if each.holds_at(new.granted_at) and each.person_id != new.person_id
    ]
    return (*kept, new)
