"""How long a booking may wait, and what counts as late: every such rule, by name.

These are the centre's own rules; a test that needs a moment takes it from here.
"""

from __future__ import annotations

from datetime import datetime, timedelta

# A request that the front desk has not decided gives its time back: after this long, or this long
# before its start, at the earlier of the two, so that others can still use the room.
APPROVAL_WITHIN = timedelta(hours=48)
APPROVAL_BEFORE_START = timedelta(hours=1)

CHECK_IN_OPENS = timedelta(minutes=30)
"""How long before the start people may be checked in."""

CHECK_IN_UNDONE_WITHIN = timedelta(minutes=30)
"""How long after a check-in it may be undone."""

NO_SHOW_GRACE = timedelta(minutes=15)
"""How long after the start a room waits for its people."""

MISSED_BY = timedelta(minutes=2)
"""Who looks for people later than this after their grace has missed the moment: nobody was there to
see them, nor perhaps to check them in (ADR 0012)."""

CORRECTABLE = timedelta(days=7)
"""How long after a booking was marked as a no-show staff may say that the people were there."""

LATE_CANCELLATION = timedelta(hours=24)
"""A confirmed booking cancelled less than this before its start is marked as late. So is one that
was moved on from a start less than this ahead, and is cancelled instead of held, whenever that is:
moving it gave the time up as late as cancelling it would have."""

MOST_WRONG_CODES = 5
"""Door codes that may be tried for one booking within :data:`WRONG_CODES_WITHIN`."""

WRONG_CODES_WITHIN = timedelta(minutes=15)


def approval_due(now: datetime, starts_at: datetime) -> datetime:
    """When a request made now expires if nobody decides on it; never after its start."""
    before_start = starts_at - APPROVAL_BEFORE_START
    if before_start <= now:
        # Asked for at the last moment: the desk may still say yes until it begins.
        return starts_at
    return min(now + APPROVAL_WITHIN, before_start)


def is_late(now: datetime, starts_at: datetime) -> bool:
    """Whether calling off now leaves nobody the time to use the room."""
    return starts_at - now < LATE_CANCELLATION
