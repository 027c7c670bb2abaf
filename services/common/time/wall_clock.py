"""Local times: an hour of the day stays that hour when the clock changes.

What a change of the clock makes of a time follows RFC 5545, 3.3.5. A time of the calendar that it
skips is taken with the offset before the change; one that comes twice is the first of both, except
for a period that is in the second already and is not moved.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from services.common.time.period import Period


def to_local_time(instant: datetime, zone: str) -> datetime:
    """The local date and time in the zone at the instant, without a zone."""
    return instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)


def instant_of(wall: datetime, zone: str) -> datetime:
    """The instant of a local date and time; the first, where there are two."""
    return wall.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)


def repeat_period(first: Period, starts: Sequence[datetime], zone: str) -> list[Period]:
    """The occurrences: each begins and ends at the hours of the first.

    Args:
        starts: wall-clock starts; that of the first is the first itself.
    """
    its_own = to_local_time(first.starts_at, zone)
    return [first if start == its_own else _begin_at(first, start, zone) for start in starts]


def shift_period(period: Period, zone: str, by: timedelta, length: timedelta | None) -> Period:
    """The period moved in local time.

    Args:
        by: nothing leaves the start where it is, also where the clock shows it twice.
        length: of the result, as time that passes; ``None`` leaves the hours as they are.
    """
    moved = _begin_at(period, to_local_time(period.starts_at, zone) + by, zone) if by else period
    return moved if length is None else Period(moved.starts_at, moved.starts_at + length)


def _begin_at(period: Period, start: datetime, zone: str) -> Period:
    """A period that begins then, and ends at the hour of the other.

    Where a change of the clock leaves nothing between those hours, or less than nothing (a quarter
    to three until a quarter past two), it is as long as the other.
    """
    hours = to_local_time(period.ends_at, zone) - to_local_time(period.starts_at, zone)
    starts_at, ends_at = instant_of(start, zone), instant_of(start + hours, zone)
    if ends_at <= starts_at:
        ends_at = starts_at + (period.ends_at - period.starts_at)
    return Period(starts_at, ends_at)
