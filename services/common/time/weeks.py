"""The centres' week: from Sunday to Saturday, as people there count it.

It is named after the ISO week with which it shares six days: ``2026-W48`` is from Sunday, 22
November 2026, one day before the ISO week of that name.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from services.common.contracts.hours import WEEKDAYS
from services.common.time.period import Period

FIRST_DAY = "sunday"
FIRST_DAY_OF_RULES = "SU"
"""The same for a recurrence rule (RFC 5545, ``WKST``)."""

_WEEK = re.compile(r"\A([0-9]{4})-W([0-9]{2})\Z")
_WKST = re.compile("WKST=(MO|TU|WE|TH|FR|SA|SU)")
_YEARS = range(1970, 3000)  # As every instant's, so that days before and after can be counted.
_BEFORE_ISO = timedelta(days=1)
_DAYS = 7


def first_day_of_rule(rule: str) -> str:
    """The weekday by which a recurrence rule counts weeks: its own ``WKST``, else the centres'."""
    own = _WKST.search(rule.upper())
    return next(day for day in WEEKDAYS if day.startswith(own[1].lower())) if own else FIRST_DAY


def week_of(instant: datetime, zone: str) -> str:
    """The week on the wall calendar there, such as ``2026-W48``."""
    calendar = (instant.astimezone(ZoneInfo(zone)).date() + _BEFORE_ISO).isocalendar()
    return f"{calendar.year:04}-W{calendar.week:02}"


def is_week(text: str) -> bool:
    """Whether there is such a week (some years have no week 53), from 1970 to 2999."""
    match = _WEEK.match(text)
    if match is None or int(match[1]) not in _YEARS:
        return False
    try:
        date.fromisocalendar(int(match[1]), int(match[2]), 1)
    except ValueError:
        return False
    return True


def first_day(week: str) -> date:
    """The Sunday with which the week begins."""
    monday = datetime.strptime(f"{week}-1", "%G-W%V-%u").replace(tzinfo=UTC).date()
    return monday - _BEFORE_ISO


def last_day(week: str) -> date:
    """The Saturday with which the week ends."""
    return first_day(week) + timedelta(days=_DAYS - 1)


def surrounding_period(week: str) -> Period:
    """A period that contains the week in every time zone."""
    sunday = datetime.combine(first_day(week), datetime.min.time(), UTC)
    return Period(sunday - timedelta(days=1), sunday + timedelta(days=_DAYS + 1))
