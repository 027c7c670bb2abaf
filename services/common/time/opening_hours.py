"""When a place is open: a week, seasons with weeks of their own, and dates that stand out.

For each date the nearest rule decides, and it alone::

    exception of the date  >  season that the date lies in  >  weekly hours

So a season that begins in the middle of a week changes the hours from that day on, and a holiday
within Ramadan is a holiday.

A space may have a timetable of its own. It *restricts* the centre's: the space is open when both
are, because nobody gets into a room of a building that is closed. A manager who wants one room open
longer opens the centre longer. A divisible hall and its parts have each their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from services.common.contracts.hours_errors import (
    EXCEPTION_REPEATED,
    SEASON_ENDS_EARLY,
    SEASONS_OVERLAP,
)
from services.common.errors import FieldError
from services.common.time.period import Period
from services.common.time.weekly_hours import (
    Intervals,
    WeeklyHours,
    intervals_to_wire,
    open_periods,
    parse_intervals,
)

Name = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Season:
    """A part of the year with a week of its own, such as Ramadan.

    Attributes:
        starts_on, ends_on: the first and the last day.
    """

    name: Name
    starts_on: date
    ends_on: date
    weekly_hours: WeeklyHours

    def contains(self, day: date) -> bool:
        return self.starts_on <= day <= self.ends_on


@dataclass(frozen=True, slots=True)
class ExceptionalDay:
    """A date that is unlike the others.

    Attributes:
        intervals: when it is open; empty for a day that is closed.
    """

    day: date
    name: Name
    intervals: Intervals


@dataclass(frozen=True, slots=True)
class Timetable:
    """The hours of a centre, of a space, or of a person."""

    weekly_hours: WeeklyHours
    seasons: tuple[Season, ...] = ()
    exceptions: Mapping[date, ExceptionalDay] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        weekly_hours: WeeklyHours,
        seasons: Sequence[Season] = (),
        exceptions: Iterable[ExceptionalDay] = (),
    ) -> Timetable:
        """The timetable, in the order of its dates.

        Raises:
            errors.Invalid: ``hours.season_ends_early``, ``hours.seasons_overlap`` or
                ``hours.exception_repeated``; its pointer counts as the caller did.
        """
        order = sorted(range(len(seasons)), key=lambda n: seasons[n].starts_on)
        for number in order:
            if seasons[number].ends_on < seasons[number].starts_on:
                raise SEASON_ENDS_EARLY(
                    errors=[FieldError(f"/seasons/{number}/ends_on", SEASON_ENDS_EARLY.code)]
                )
        for earlier, later in pairwise(order):
            if seasons[later].starts_on <= seasons[earlier].ends_on:
                raise SEASONS_OVERLAP(
                    errors=[FieldError(f"/seasons/{later}/starts_on", SEASONS_OVERLAP.code)]
                )
        days: dict[date, ExceptionalDay] = {}
        for number, each in enumerate(exceptions):
            if each.day in days:
                raise EXCEPTION_REPEATED(
                    errors=[FieldError(f"/exceptions/{number}/date", EXCEPTION_REPEATED.code)]
                )
            days[each.day] = each
        return cls(
            weekly_hours, tuple(seasons[n] for n in order), {day: days[day] for day in sorted(days)}
        )

    def changed(
        self,
        weekly_hours: WeeklyHours,
        seasons: Sequence[Season] | None = None,
        exceptions: Sequence[ExceptionalDay] | None = None,
    ) -> Timetable:
        """The timetable with another week; seasons or exceptions that are ``None`` stay.

        Raises:
            errors.Invalid: as :meth:`of`.
        """
        return Timetable.of(
            weekly_hours,
            self.seasons if seasons is None else seasons,
            self.exceptions.values() if exceptions is None else exceptions,
        )

    def of_day(self, day: date) -> Intervals:
        """When it is open on a date: exception, else season, else week."""
        if (exception := self.exceptions.get(day)) is not None:
            return exception.intervals
        season = self._season(day)
        return (season or self).weekly_hours.of_day(day)

    def occasion(self, day: date) -> Name | None:
        """The name of the exception or season that decides a date's hours, if one does."""
        if (exception := self.exceptions.get(day)) is not None:
            return exception.name
        season = self._season(day)
        return None if season is None else season.name

    def to_wire(self) -> dict[str, Any]:
        """The hours as they are shown and stored."""
        return {
            "weekly_hours": self.weekly_hours.to_wire(),
            "seasons": [
                {
                    "name": dict(each.name),
                    "starts_on": each.starts_on.isoformat(),
                    "ends_on": each.ends_on.isoformat(),
                    "weekly_hours": each.weekly_hours.to_wire(),
                }
                for each in self.seasons
            ],
            "exceptions": [
                {
                    "date": each.day.isoformat(),
                    "name": dict(each.name),
                    "hours": intervals_to_wire(each.intervals),
                }
                for each in self.exceptions.values()
            ],
        }

    def _season(self, day: date) -> Season | None:
        return next((each for each in self.seasons if each.contains(day)), None)


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """When a place can be used: the one answer to every question about it.

    Attributes:
        zone: IANA name of the place's zone.
        timetables: that must all be open: the centre's, and that of a space or a person.
    """

    zone: str
    timetables: tuple[Timetable, ...]

    def open_periods(self, starts_at: datetime, ends_at: datetime) -> list[Period]:
        """When it is open between two instants, in order, touching periods joined.

        Args:
            starts_at, ends_at: the period asked about; what reaches beyond it is cut off.
        """
        return open_periods(self.of_day, self.zone, starts_at, ends_at)

    def contains(self, period: Period) -> bool:
        """Whether it is open for the whole of the period."""
        return self.open_periods(period.starts_at, period.ends_at) == [period]

    def of_day(self, day: date) -> Intervals:
        """When all timetables are open on a date."""
        first, *others = self.timetables
        intervals = first.of_day(day)
        for timetable in others:
            intervals = shared_intervals(intervals, timetable.of_day(day))
        return intervals


def parse_seasons(seasons: Iterable[Mapping[str, Any]] | None) -> tuple[Season, ...] | None:
    """Read ``seasons`` of a request, loaded by the contract; ``None`` where it has none.

    Raises:
        errors.Invalid: ``hours.overlap``, as :meth:`WeeklyHours.parse`.
    """
    if seasons is None:
        return None
    return tuple(
        Season(
            name=each["name"],
            starts_on=each["starts_on"],
            ends_on=each["ends_on"],
            weekly_hours=WeeklyHours.parse(each["weekly_hours"], f"/seasons/{number}/weekly_hours"),
        )
        for number, each in enumerate(seasons)
    )


def parse_exceptions(
    exceptions: Iterable[Mapping[str, Any]] | None,
) -> tuple[ExceptionalDay, ...] | None:
    """Read ``exceptions`` of a request, as :func:`parse_seasons`."""
    if exceptions is None:
        return None
    return tuple(
        ExceptionalDay(
            day=each["date"],
            name=each["name"],
            intervals=parse_intervals(each["hours"], f"/exceptions/{number}/hours"),
        )
        for number, each in enumerate(exceptions)
    )


def shared_intervals(ones: Intervals, others: Intervals) -> Intervals:
    """The minutes that lie in both."""
    found = ((max(one[0], other[0]), min(one[1], other[1])) for one in ones for other in others)
    return tuple((opens, closes) for opens, closes in found if opens < closes)
