"""The opening hours of a centre, as they held at each time: what time limits are counted in.

Other hours hold from the moment at which they are entered; the time before it stays what it was. So
a limit that is counted anew keeps what has passed of it, in whatever order the news arrive.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise

from services.common.time.opening_hours import OpeningHours, Timetable
from services.common.time.period import Period
from services.common.time.working_time import WorkingTime

#: Editions of hours that are kept of a centre; the oldest of them holds for all time before.
MOST_EDITIONS = 100

_FIRST = datetime(1970, 1, 1, tzinfo=UTC)
_LAST = datetime(2999, 12, 31, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class HoursEdition:
    """The hours of a centre from a moment on.

    Attributes:
        version: that bookings gave to its centre.
        valid_from: when they were entered.
    """

    version: int
    valid_from: datetime
    time_zone: str
    timetable: Timetable


@dataclass(frozen=True, slots=True)
class CentreHours:
    """All hours that a centre has had.

    Attributes:
        id: of the centre.
        editions: by version; none where nothing is known of the centre, which is closed then.
        version: of the newest.
    """

    id: str
    editions: tuple[HoursEdition, ...]

    @property
    def version(self) -> int:
        return self.editions[-1].version if self.editions else 0

    def with_edition(self, edition: HoursEdition) -> CentreHours:
        """The hours with one more edition; themselves where they have it."""
        if any(each.version == edition.version for each in self.editions):
            return self
        editions = sorted((*self.editions, edition), key=lambda each: each.version)
        return replace(self, editions=tuple(editions[-MOST_EDITIONS:]))

    def open_periods(self, starts_at: datetime, ends_at: datetime) -> list[Period]:
        """When the centre is open between two instants, by the hours that held at each of them;
        in order, touching periods joined."""
        found: list[Period] = []
        for edition, holds in self._holding():
            begin, end = max(starts_at, holds.starts_at), min(ends_at, holds.ends_at)
            if begin >= end:
                continue
            opening = OpeningHours(edition.time_zone, (edition.timetable,))
            for period in opening.open_periods(begin, end):
                if found and found[-1].ends_at == period.starts_at:
                    found[-1] = Period(found[-1].starts_at, period.ends_at)
                else:
                    found.append(period)
        return found

    def _holding(self) -> list[tuple[HoursEdition, Period]]:
        """Each edition with the time in which it holds. Where the clocks of two processes differ,
        an edition that begins before its predecessor holds from there on."""
        begins = [_FIRST] if self.editions else []
        for edition in self.editions[1:]:
            begins.append(max(begins[-1], edition.valid_from))
        spans = pairwise((*begins, _LAST))
        return [
            (edition, Period(*span)) for edition, span in zip(self.editions, spans, strict=True)
        ]


@dataclass(frozen=True, slots=True)
class CentreClosure:
    """A time in which a whole centre is closed.

    Attributes:
        version: that bookings gave to the closure.
    """

    id: str
    centre_id: str
    starts_at: datetime
    ends_at: datetime
    version: int

    def lifted(self, at: datetime, version: int) -> CentreClosure:
        """The closure as it ends before its time: what has passed of it stays closed."""
        ends_at = max(self.starts_at, min(self.ends_at, at))
        return replace(self, ends_at=ends_at, version=version)

    @property
    def period(self) -> Period:
        return Period(self.starts_at, self.ends_at)


def working_time(
    hours: CentreHours, closures: Iterable[CentreClosure], pauses: Iterable[Period] = ()
) -> WorkingTime:
    """The working time of a centre: its hours less the closures of the whole centre, holidays
    included.

    Args:
        pauses: further times that do not count.
    """
    shut = [each.period for each in closures if each.starts_at < each.ends_at]
    return WorkingTime(hours.open_periods, [*shut, *pauses])
