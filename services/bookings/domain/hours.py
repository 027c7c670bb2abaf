"""Opening hours: weekly, in the centre's wall-clock time, answered as instants.

Wall-clock times are turned into instants by the zone database, never by a fixed offset: a day on
which the clock changes is shorter or longer, and its hours still begin and end when the clock on
the wall says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from services.common.contracts.bookings.errors import HOURS_OVERLAP
from services.common.errors import FieldError

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAY_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class Period:
    """A half-open period ``[starts_at, ends_at)`` of instants."""

    starts_at: datetime
    ends_at: datetime

    def overlaps(self, other: Period) -> bool:
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at

    def holds(self, other: Period) -> bool:
        """Whether ``other`` lies wholly inside."""
        return self.starts_at <= other.starts_at and other.ends_at <= self.ends_at


@dataclass(frozen=True, slots=True)
class WeeklyHours:
    """Weekday → intervals ``(opens, closes)`` in minutes from midnight; a missing day is closed."""

    days: Mapping[str, tuple[tuple[int, int], ...]]

    @classmethod
    def parse(cls, days: Mapping[str, Sequence[Sequence[str]]]) -> WeeklyHours:
        """Read ``{"sunday": [["09:00", "17:00"]]}``.

        Raises:
            errors.Invalid: ``bookings.hours_overlap`` where intervals of a day overlap or an
                interval ends before it begins.
        """
        parsed: dict[str, tuple[tuple[int, int], ...]] = {}
        for day, intervals in days.items():
            minutes = sorted((_minutes(opens), _minutes(closes)) for opens, closes in intervals)
            end_of_last = 0
            for opens, closes in minutes:
                if opens < end_of_last or closes <= opens:
                    raise HOURS_OVERLAP(
                        errors=[FieldError(f"/weekly_hours/{day}", HOURS_OVERLAP.code)]
                    )
                end_of_last = closes
            if minutes:
                parsed[day] = tuple(minutes)
        return cls(parsed)

    def to_wire(self) -> dict[str, list[list[str]]]:
        """The form that :meth:`parse` reads, in the order of the week."""
        return {
            day: [[_clock(opens), _clock(closes)] for opens, closes in self.days[day]]
            for day in WEEKDAYS
            if day in self.days
        }

    def open_periods(self, zone: str, starts_at: datetime, ends_at: datetime) -> list[Period]:
        """When the centre is open between two instants, in order, touching periods joined.

        Args:
            zone: IANA name of the centre's zone.
            starts_at, ends_at: the period asked about; what reaches beyond it is cut off.
        """
        tz = ZoneInfo(zone)
        asked = Period(starts_at, ends_at)
        found: list[Period] = []
        for day in _days(starts_at.astimezone(tz).date(), ends_at.astimezone(tz).date()):
            for opens, closes in self.days.get(WEEKDAYS[day.weekday()], ()):
                period = Period(_instant(day, opens, tz), _instant(day, closes, tz))
                if not period.overlaps(asked):
                    continue
                cut = Period(max(period.starts_at, starts_at), min(period.ends_at, ends_at))
                if found and found[-1].ends_at == cut.starts_at:
                    found[-1] = Period(found[-1].starts_at, cut.ends_at)
                else:
                    found.append(cut)
        return found

    def holds(self, zone: str, period: Period) -> bool:
        """Whether the centre is open for the whole of the period."""
        return self.open_periods(zone, period.starts_at, period.ends_at) == [period]


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


def _instant(day: date, minutes: int, tz: ZoneInfo) -> datetime:
    if minutes == DAY_MINUTES:
        day, minutes = day + timedelta(days=1), 0
    wall = datetime.combine(day, time(minutes // 60, minutes % 60), tzinfo=tz)
    return wall.astimezone(UTC)
