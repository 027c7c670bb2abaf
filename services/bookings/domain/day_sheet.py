"""A centre's day on one page: what the front desk needs on the wall in the morning."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from services.bookings.domain.booking import Booking
from services.bookings.domain.booking_states import HOLDS_ITS_TIME, Status
from services.bookings.domain.centre import Centre, Name, Space
from services.bookings.domain.closures import Closure
from services.common.time.period import Period

# What still matters on the day: people who come, came, or did not.
SHOWN = HOLDS_ITS_TIME | {Status.COMPLETED, Status.NO_SHOW}


@dataclass(frozen=True, slots=True)
class Line:
    """A space on the day."""

    space: Space
    open: list[Period]
    closures: list[Closure]
    bookings: list[Booking]


@dataclass(frozen=True, slots=True)
class DaySheet:
    """A centre's day.

    Attributes:
        occasion: the exception or season that decides the hours; None in an ordinary week.
        lines: one for each space, by id.
    """

    centre: Centre
    day: date
    occasion: Name | None
    open: list[Period]
    lines: list[Line]


def day_of(day: date, zone: str) -> Period:
    """From midnight to midnight by the wall clock: 23 or 25 hours when the clock changes."""
    tz = ZoneInfo(zone)
    begins, ends = (
        datetime.combine(each, time(), tzinfo=tz).astimezone(UTC)
        for each in (day, day + timedelta(days=1))
    )
    return Period(begins, ends)


def drawn_up(
    centre: Centre,
    spaces: list[Space],
    day: date,
    bookings: list[Booking],
    closures: list[Closure],
) -> DaySheet:
    """The sheet, from what touches the day.

    A booking stands on the line of the space it was made for; the parts of a hall do not repeat
    it. A closure is on the line of every space that it closes in part.
    """
    whole = day_of(day, centre.time_zone)
    lines = [
        Line(
            space=space,
            open=centre.opening_hours(space).open_periods(whole.starts_at, whole.ends_at),
            closures=[each for each in closures if not set(each.leaves).isdisjoint(space.leaves)],
            bookings=sorted(
                (each for each in bookings if each.space_id == space.id and each.status in SHOWN),
                key=lambda each: (each.period.starts_at, each.id),
            ),
        )
        for space in sorted(spaces, key=lambda each: each.id)
    ]
    return DaySheet(
        centre=centre,
        day=day,
        occasion=centre.timetable.occasion(day),
        open=centre.opening_hours().open_periods(whole.starts_at, whole.ends_at),
        lines=lines,
    )
