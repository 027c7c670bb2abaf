"""What a report of use says, from what was counted and from when the spaces were open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from services.bookings.domain.centre import Centre, Space
from services.common.contracts.bookings.errors import REPORT_ENDS_EARLY, REPORT_TOO_LONG
from services.common.contracts.bookings.statistics import LONGEST_DAYS
from services.common.errors import FieldError
from services.common.time.period import Period


@dataclass(slots=True)
class Row:
    """One line of the report: sums, to be divided only where they are shown.

    Attributes:
        minutes: space-minutes booked; a divisible hall counts once for each of its parts.
        open_minutes: space-minutes in which the spaces were open.
        came: bookings whose people were checked in.
        met: joint meetings that took place with two organisations or more.
    """

    bookings: int = 0
    minutes: float = 0
    open_minutes: float = 0
    came: int = 0
    no_shows: int = 0
    cancelled: int = 0
    cancelled_late: int = 0
    met: int = 0
    headcounts: int = 0
    women: int = 0
    men: int = 0

    def add(self, other: Row) -> None:
        """Count another line in."""
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))


def days(first: date, last: date, zone: str) -> Period:
    """From the beginning of the first day to the end of the last, by the clock of the zone."""
    tz = ZoneInfo(zone)
    begin = datetime.combine(first, time(), tzinfo=tz)
    end = datetime.combine(last + timedelta(days=1), time(), tzinfo=tz)
    return Period(begin.astimezone(UTC), end.astimezone(UTC))


def check_days(first: date, last: date) -> None:
    """Raises:
    errors.Invalid: the period ends before it begins, or is too long.
    """
    if last < first:
        raise REPORT_ENDS_EARLY(errors=[FieldError("/last_day", REPORT_ENDS_EARLY.code)])
    if (last - first).days + 1 > LONGEST_DAYS:
        raise REPORT_TOO_LONG(
            days=LONGEST_DAYS, errors=[FieldError("/last_day", REPORT_TOO_LONG.code)]
        )


def open_minutes(centre: Centre, space: Space, within: Period, closed: Iterable[Period]) -> float:
    """The minutes in which a space could be used: its opening hours without its closures.

    Args:
        closed: closures of the space, in any order; they may overlap.
    """
    gone = joined(closed)
    total = timedelta()
    for opened in centre.opening_hours(space).open_periods(within.starts_at, within.ends_at):
        total += opened.ends_at - opened.starts_at
        for closure in gone:
            begin = max(opened.starts_at, closure.starts_at)
            end = min(opened.ends_at, closure.ends_at)
            total -= max(end - begin, timedelta())
    return total.total_seconds() / 60


def joined(periods: Iterable[Period]) -> list[Period]:
    """The same time in periods that neither overlap nor touch, in order."""
    found: list[Period] = []
    for each in sorted(periods, key=lambda period: period.starts_at):
        if found and each.starts_at <= found[-1].ends_at:
            found[-1] = Period(found[-1].starts_at, max(found[-1].ends_at, each.ends_at))
        else:
            found.append(each)
    return found


def total(rows: Iterable[Row]) -> Row:
    """All lines as one."""
    result = Row()
    for row in rows:
        result.add(row)
    return result


def rate(count: float, of: float) -> float | None:
    """The share, to four places; ``None`` where there is nothing to divide by."""
    return round(count / of, 4) if of else None


def leaves_of(spaces: Mapping[str, Space]) -> list[Space]:
    """The spaces that are no divisible halls: together, all the room there is, once."""
    return [space for space in spaces.values() if not space.parts]
