"""Weekly opening hours: in a place's wall-clock time, answered as instants.

Wall-clock times are turned into instants by the zone database, never by a fixed offset: a day on
which the clock changes is shorter or longer, and its hours still begin and end when the clock on
the wall says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from services.common.contracts.hours import WEEKDAYS
from services.common.contracts.hours_errors import HOURS_OVERLAP
from services.common.errors import FieldError
from services.common.time.period import Period

# Beyond these, a local date may be one that no calendar of ours has.
_EARLIEST = datetime(1, 1, 3, tzinfo=UTC)
_LATEST = datetime(9999, 12, 29, tzinfo=UTC)

# ``(opens, closes)`` in minutes from midnight by the wall clock, in order, not overlapping.
Intervals = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class WeeklyHours:
    """Weekday → intervals ``(opens, closes)`` in minutes from midnight; a missing day is closed."""

    days: Mapping[str, Intervals]

    @classmethod
    def parse(
        cls, days: Mapping[str, Sequence[Sequence[str]]], pointer: str = "/weekly_hours"
    ) -> WeeklyHours:
        """Read ``{"sunday": [["09:00", "17:00"]]}``.

        Args:
            pointer: where in the request they stand, for the refusal.

        Raises:
            errors.Invalid: ``hours.overlap`` where intervals of a day overlap or an
                interval ends before it begins.
        """
        read = {day: parse_intervals(each, f"{pointer}/{day}") for day, each in days.items()}
        return cls({day: intervals for day, intervals in read.items() if intervals})

    def to_wire(self) -> dict[str, list[list[str]]]:
        """The form that :meth:`parse` reads, in the order of the week."""
        return {day: intervals_to_wire(self.days[day]) for day in WEEKDAYS if day in self.days}

    def open_periods(self, zone: str, starts_at: datetime, ends_at: datetime) -> list[Period]:
        """When this week alone is open between two instants, in order, touching periods joined.

        Seasons and exceptions count too where a place has them; see
        :class:`services.common.time.opening_hours.OpeningHours`.
        """
        return open_periods(self.of_day, zone, starts_at, ends_at)

    def contains(self, zone: str, period: Period) -> bool:
        """Whether this week alone is open for the whole of the period."""
        return self.open_periods(zone, period.starts_at, period.ends_at) == [period]

    def of_day(self, day: date) -> Intervals:
        """The intervals of a date."""
        return self.days.get(WEEKDAYS[day.weekday()], ())


def open_periods(
    of_day: Callable[[date], Intervals], zone: str, starts_at: datetime, ends_at: datetime
) -> list[Period]:
    """The instants at which a wall clock in the zone stands within the intervals of its date.

    Exactly those, on the days on which the clock changes too: an hour that is skipped is not open,
    an hour that comes twice is open twice. Periods come in order, touching ones joined.

    Args:
        of_day: the intervals of a local date, in order, not overlapping.
        zone: IANA name.
        starts_at, ends_at: the period asked about; what reaches beyond it is cut off.
    """
    found: list[Period] = []
    starts_at, ends_at = max(starts_at, _EARLIEST), min(ends_at, _LATEST)
    # While the offset stays the same, wall-clock time is UTC moved by it; so no interval is ever
    # turned into instants across a change of the clock.
    for steady, offset in _steady_offsets(ZoneInfo(zone), starts_at, ends_at):
        for day in _days((steady.starts_at + offset).date(), (steady.ends_at + offset).date()):
            midnight = datetime.combine(day, time(), tzinfo=UTC) - offset
            for opens, closes in of_day(day):
                begin = max(midnight + timedelta(minutes=opens), steady.starts_at)
                end = min(midnight + timedelta(minutes=closes), steady.ends_at)
                if begin >= end:
                    continue
                if found and found[-1].ends_at == begin:
                    found[-1] = Period(found[-1].starts_at, end)
                else:
                    found.append(Period(begin, end))
    return found


def parse_intervals(intervals: Iterable[Sequence[str]], pointer: str) -> Intervals:
    """Read ``[["09:00", "12:00"], ["13:00", "17:00"]]``, in any order.

    Args:
        pointer: where in the request they stand, for the refusal.

    Raises:
        errors.Invalid: ``hours.overlap`` where intervals overlap or one ends before it
            begins.
    """
    minutes = sorted((_minutes(opens), _minutes(closes)) for opens, closes in intervals)
    end_of_last = 0
    for opens, closes in minutes:
        if opens < end_of_last or closes <= opens:
            raise HOURS_OVERLAP(errors=[FieldError(pointer, HOURS_OVERLAP.code)])
        end_of_last = closes
    return tuple(minutes)


def intervals_to_wire(intervals: Intervals) -> list[list[str]]:
    """The form that :func:`parse_intervals` reads."""
    return [[_clock(opens), _clock(closes)] for opens, closes in intervals]


def _minutes(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _days(first: date, last: date) -> Iterator[date]:
    day = first
    while day <= last:
        yield day
        day += timedelta(days=1)


def _steady_offsets(
    tz: ZoneInfo, starts_at: datetime, ends_at: datetime
) -> Iterator[tuple[Period, timedelta]]:
    """The period cut where the zone's offset from UTC changes, each piece with its offset.

    A change is looked for once a day; no zone has ever changed its clock twice within one.
    """
    begin = piece = starts_at.astimezone(UTC)
    until = ends_at.astimezone(UTC)
    offset = _offset(tz, begin)
    while begin < until:
        end = min(begin + timedelta(days=1), until)
        after = _offset(tz, end)
        if after != offset:
            change = _change(tz, begin, end)
            if change > piece:
                yield Period(piece, change), offset
            piece, offset = change, after
        begin = end
    if piece < until:
        yield Period(piece, until), offset


def _change(tz: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The second at which the offset changes between two instants that differ in it."""
    old = _offset(tz, before)
    before = before.replace(microsecond=0)
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if _offset(tz, middle) == old:
            before = middle
        else:
            after = middle
    return before + timedelta(seconds=1)


def _offset(tz: ZoneInfo, instant: datetime) -> timedelta:
    offset = instant.astimezone(tz).utcoffset()
    assert offset is not None  # a zone of the database always has one
    return offset
