"""Working time: hours that count only while a place is open.

Time limits, warnings and "three working days" are counted in it. It follows the opening hours, less
closures; a moment that was computed here and stored is computed anew when they change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from services.common.time.period import Period

OpenPeriods = Callable[[datetime, datetime], Sequence[Period]]

_STEP = timedelta(days=28)
#: A place that is not open for so long within this time is taken to be closed for good.
FURTHEST = timedelta(days=3 * 366)


class NeverOpen(Exception):
    """There is not that much working time within :data:`FURTHEST`."""


class WorkingTime:
    """The working time of one place.

    Args:
        open_periods: when it is open between two instants, in order, such as
            ``OpeningHours.open_periods``.
        closures: when it is closed all the same, in any order.
    """

    def __init__(self, open_periods: OpenPeriods, closures: Iterable[Period] = ()) -> None:
        self._open_periods = open_periods
        self._closures = sorted(closures, key=lambda each: each.starts_at)

    def periods(self, starts_at: datetime, ends_at: datetime) -> list[Period]:
        """The working time between two instants, in order; what reaches beyond is cut off."""
        return [
            part
            for period in self._open_periods(starts_at, ends_at)
            for part in _without(period, self._closures)
        ]

    def between(self, starts_at: datetime, ends_at: datetime) -> timedelta:
        """How much working time passes between two instants; none if they are the wrong way
        round."""
        parts = self.periods(starts_at, ends_at) if starts_at < ends_at else []
        return sum((each.ends_at - each.starts_at for each in parts), timedelta())

    def add(self, instant: datetime, amount: timedelta) -> datetime:
        """The earliest working instant by which so much working time has passed.

        It lies within working hours, their end included: no amount at all gives the instant itself
        where the place is open, else its next opening.

        Raises:
            NeverOpen: if there is not so much.
        """
        left = amount
        for period in self._forward(instant):
            length = period.ends_at - period.starts_at
            if left <= length:
                return period.starts_at + left
            left -= length
        raise NeverOpen(f"{amount} of working time after {instant}")

    def subtract(self, instant: datetime, amount: timedelta) -> datetime:
        """The latest working instant from which on so much working time passes until the instant.

        Raises:
            NeverOpen: if there is not so much.
        """
        left = amount
        for period in self._backward(instant):
            length = period.ends_at - period.starts_at
            if left <= length:
                return period.ends_at - left
            left -= length
        raise NeverOpen(f"{amount} of working time before {instant}")

    def _forward(self, instant: datetime) -> Iterator[Period]:
        begin = instant
        while begin < instant + FURTHEST:
            yield from self.periods(begin, begin + _STEP)
            begin += _STEP

    def _backward(self, instant: datetime) -> Iterator[Period]:
        end = instant
        while end > instant - FURTHEST:
            yield from reversed(self.periods(end - _STEP, end))
            end -= _STEP


def _without(period: Period, closures: Sequence[Period]) -> Iterator[Period]:
    """What is left of a period. The closures are in order of their start."""
    begin = period.starts_at
    for closure in closures:
        if closure.starts_at >= period.ends_at:
            break
        if closure.ends_at <= begin:
            continue
        if closure.starts_at > begin:
            yield Period(begin, closure.starts_at)
        begin = closure.ends_at
    if begin < period.ends_at:
        yield Period(begin, period.ends_at)
