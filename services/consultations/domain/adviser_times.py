"""When an adviser can be met: working hours, breaks, absences, what is taken already, buffers.

A meeting lies within one piece of working time. Its buffers may cross breaks and closing, never
another meeting. Working hours are read on the wall clock of the adviser's zone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.common.contracts.consultations.calendar_errors import (
    END_BEFORE_START,
    IN_THE_PAST,
    OFF_RASTER,
    TOO_FAR_AHEAD,
    TOO_LONG,
)
from services.common.contracts.consultations.calendar_limits import (
    LONGEST_MEETING_HOURS,
    MOST_DAYS_AHEAD,
    RASTER_MINUTES,
)
from services.common.errors import FieldError
from services.common.time.period import Period
from services.common.time.slots import SLOT, next_slot, on_raster, slot_boundary
from services.common.time.weekly_hours import WeeklyHours
from services.common.time.working_time import WorkingTime

RASTER = timedelta(minutes=RASTER_MINUTES)
LONGEST_MEETING = timedelta(hours=LONGEST_MEETING_HOURS)
# What begins or ends further away than this cannot share a moment with a meeting and its buffers.
REACH = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Buffers:
    """What is taken around a meeting: the way there and back, or time to write it down."""

    before: timedelta = timedelta()
    after: timedelta = timedelta()

    def widen_period(self, period: Period) -> Period:
        """The meeting with its buffers."""
        return Period(period.starts_at - self.before, period.ends_at + self.after)


@dataclass(frozen=True, slots=True)
class Diary:
    """All that decides when an adviser can be met.

    Attributes:
        zone: IANA name of the zone whose wall clock the hours follow.
        hours: of work, with the breaks among them.
        breaks: within the hours.
        absences: in any order.
        taken: meetings with their buffers, in any order.
    """

    zone: str
    hours: WeeklyHours
    breaks: WeeklyHours
    absences: tuple[Period, ...] = ()
    taken: tuple[Period, ...] = ()

    def open_periods(self, within: Period, *, spans_breaks: bool = False) -> list[Period]:
        """When a meeting may take place, whatever is taken already; in order.

        Args:
            spans_breaks: whether it may go on through a break.
        """
        # Breaks reach beyond no day, so those around the period are enough.
        around = Period(within.starts_at - REACH, within.ends_at + REACH)
        closed = list(self.absences)
        if not spans_breaks:
            closed += self.breaks.open_periods(self.zone, around.starts_at, around.ends_at)

        def working(starts_at: datetime, ends_at: datetime) -> list[Period]:
            return self.hours.open_periods(self.zone, starts_at, ends_at)

        return WorkingTime(working, closed).periods(within.starts_at, within.ends_at)

    def offers(self, period: Period, buffers: Buffers, *, spans_breaks: bool = False) -> bool:
        """Whether the adviser can be met then."""
        occupied = buffers.widen_period(period)
        return self.open_periods(period, spans_breaks=spans_breaks) == [period] and not any(
            occupied.overlaps(each) for each in self.taken
        )

    def slots(
        self,
        within: Period,
        length: timedelta,
        buffers: Buffers,
        *,
        spans_breaks: bool = False,
    ) -> Iterator[Period]:
        """The times at which a meeting of this length can be had, in order: the beginning of each
        stretch of free time, and each quarter of an hour within it.
        """
        # Cut off at the edges of what is asked about, no piece is shorter than it is.
        around = Period(within.starts_at, within.ends_at + length)
        for piece in self.open_periods(around, spans_breaks=spans_breaks):
            latest = piece.ends_at - length
            for first, last in self._starts(piece.starts_at, latest, length, buffers):
                start = slot_boundary(first, RASTER)
                while start <= last and start < within.ends_at:
                    yield Period(start, start + length)
                    start = next_slot(start)

    def _starts(
        self, earliest: datetime, latest: datetime, length: timedelta, buffers: Buffers
    ) -> Iterator[tuple[datetime, datetime]]:
        """The stretches of starts that no meeting forbids, both ends included."""
        begin = earliest
        for each in sorted(self.taken, key=lambda taken: taken.starts_at):
            last = each.starts_at - buffers.after - length
            if last < begin:
                # Nothing fits before it.
                begin = max(begin, each.ends_at + buffers.before)
                continue
            if last >= latest:
                break
            yield begin, last
            begin = max(begin, each.ends_at + buffers.before)
        if begin <= latest:
            yield begin, latest


def nearest(slots: Iterable[Period], wanted: datetime, most: int) -> list[Period]:
    """The slots that begin nearest to an instant, in order of time."""
    by_distance = sorted(slots, key=lambda each: (abs(each.starts_at - wanted), each.starts_at))
    return sorted(by_distance[:most], key=lambda each: each.starts_at)


def check_shape(period: Period, now: datetime, longest: timedelta = LONGEST_MEETING) -> None:
    """Whether anybody could be met then.

    Raises:
        errors.Invalid: ``consultations.end_before_start``, ``consultations.off_raster``,
            ``consultations.too_long``.
        errors.Conflict: ``consultations.in_the_past``, ``consultations.too_far_ahead``.
    """
    check_span(period, longest)
    if period.starts_at < now:
        raise IN_THE_PAST()
    if period.starts_at > now + timedelta(days=MOST_DAYS_AHEAD):
        raise TOO_FAR_AHEAD(days=MOST_DAYS_AHEAD)


def check_span(period: Period, longest: timedelta = LONGEST_MEETING) -> None:
    """Whether a meeting can be of this length, on the raster.

    Raises:
        errors.Invalid: ``consultations.end_before_start``, ``consultations.off_raster``,
            ``consultations.too_long``.
    """
    check_raster(period)
    if period.ends_at - period.starts_at > longest:
        fault = FieldError("/ends_at", TOO_LONG.code)
        raise TOO_LONG(hours=longest // timedelta(hours=1), errors=[fault])


def check_raster(period: Period) -> None:
    """Whether the period is one, on the raster of the calendar.

    Raises:
        errors.Invalid: ``consultations.end_before_start``, ``consultations.off_raster``.
    """
    check_order(period)
    for name, instant in (("starts_at", period.starts_at), ("ends_at", period.ends_at)):
        if not on_raster(instant, RASTER):
            fault = FieldError(f"/{name}", OFF_RASTER.code)
            raise OFF_RASTER(minutes=RASTER_MINUTES, errors=[fault])


def check_order(period: Period) -> None:
    """Raises:
    errors.Invalid: ``consultations.end_before_start``.
    """
    if period.ends_at <= period.starts_at:
        raise END_BEFORE_START(errors=[FieldError("/ends_at", END_BEFORE_START.code)])


def overlapping(period: Period, others: Sequence[Period]) -> bool:
    """Whether the period shares a moment with one of the others."""
    return any(period.overlaps(each) for each in others)


def is_on_quarters(period: Period) -> bool:
    """Whether both ends are on the quarter of an hour, as rooms are booked."""
    return on_raster(period.starts_at, SLOT) and on_raster(period.ends_at, SLOT)
