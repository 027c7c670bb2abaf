"""How much mail people may let us send to addresses that they choose.

Counted for each caller, each organisation and each address in a sliding window. What is taken back
was sent nevertheless, so revoking gives nothing back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Counted(StrEnum):
    """Whose invitations, or news of a meeting, are counted together."""

    CALLER = "caller"
    ORGANISATION = "organisation"
    ADDRESS = "address"
    MEETING = "meeting"


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many within a time."""

    most: int
    within: timedelta

    def free_at(self, counted: Sequence[datetime], now: datetime) -> datetime:
        """When one more is possible: now, or when enough of those counted are long enough ago.

        Args:
            counted: when each happened, oldest first.
        """
        recent = [each for each in counted if each > now - self.within]
        return now if len(recent) < self.most else recent[-self.most] + self.within


# A meeting has at most a hundred invitations, so an organisation can fill one in a day.
LIMITS: Mapping[Counted, Limit] = {
    Counted.CALLER: Limit(50, timedelta(hours=1)),
    Counted.ORGANISATION: Limit(200, timedelta(days=1)),
    Counted.ADDRESS: Limit(5, timedelta(days=1)),
    # Changes by the host that all guests get a mail about.
    Counted.MEETING: Limit(10, timedelta(days=1)),
}


def mailbox_of(address: str) -> str:
    """The mailbox behind an address, the same for all of its spellings: "a+x@b" is "A@b"."""
    local, _, domain = address.lower().rpartition("@")
    return f"{local.partition('+')[0] or local}@{domain}"
