"""Free time: what is open and not taken."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from services.bookings.domain.centre import Centre, Space
from services.common.time.period import Period
from services.common.time.slots import on_slots, within_slots


@dataclass(frozen=True, slots=True)
class Alternative:
    """A way on after a refusal.

    Attributes:
        kind: ``other_time``, ``other_space`` or ``other_centre``.
    """

    kind: str
    space: Space
    period: Period


class Openings:
    """When spaces are open in one period; worked out once for all that share their hours.

    What is open begins and ends on the raster here, as bookings do.
    """

    def __init__(self, centres: Mapping[str, Centre], within: Period) -> None:
        self._centres = centres
        self._within = within
        self._known: dict[tuple[str, str | None], list[Period]] = {}

    def of(self, space: Space) -> list[Period]:
        """In order, touching periods joined."""
        key = space.centre_id, None if space.timetable is None else space.id
        if key not in self._known:
            hours = self._centres[space.centre_id].opening_hours(space)
            opened = hours.open_periods(self._within.starts_at, self._within.ends_at)
            self._known[key] = [inner for each in opened if (inner := within_slots(each))]
        return self._known[key]


def free_periods(
    centre: Centre, space: Space, within: Period, taken: Iterable[Period], duration: timedelta
) -> list[Period]:
    """Periods in which a booking of ``duration`` can be placed anywhere, on the raster.

    Args:
        within: the period asked about.
        taken: what other bookings take, *their* buffers included, in any order.
        duration: shorter gaps are left out.

    A booking's own buffers may reach into closed hours but not into another booking, so each taken
    period keeps its distance on both sides.
    """
    return gaps(Openings({centre.id: centre}, within).of(space), space, taken, duration)


def gaps(
    opened: Sequence[Period], space: Space, taken: Iterable[Period], duration: timedelta
) -> list[Period]:
    """As :func:`free_periods`, of a space that is open then: one pass over what is taken.

    Args:
        opened: in order and apart from each other.
    """
    before, after = on_slots(space.buffer_before), on_slots(space.buffer_after)
    blocked = [(p.starts_at - after, p.ends_at + before) for p in taken]
    blocked.sort()
    found: list[Period] = []
    number, most = 0, len(blocked)
    # Everything before this instant is dealt with: free time was found, or it is taken.
    cursor = opened[0].starts_at if opened else None
    for each in opened:
        assert cursor is not None  # there is a first one
        cursor = max(cursor, each.starts_at)
        while number < most and blocked[number][0] < each.ends_at:
            starts_at, ends_at = blocked[number]
            if starts_at - cursor >= duration:
                found.append(Period(cursor, starts_at))
            cursor = max(cursor, ends_at)
            number += 1
        if each.ends_at - cursor >= duration:
            found.append(Period(cursor, each.ends_at))
    return found


def without(free: Iterable[Period], taken: Period) -> Iterator[Period]:
    """What is left of free periods when one is taken."""
    for each in free:
        if not each.overlaps(taken):
            yield each
            continue
        if each.starts_at < taken.starts_at:
            yield Period(each.starts_at, taken.starts_at)
        if taken.ends_at < each.ends_at:
            yield Period(taken.ends_at, each.ends_at)


def nearest(free: Iterable[Period], wanted: Period) -> Iterator[Period]:
    """Periods as long as ``wanted`` inside the free ones, the nearest to it first."""
    length = wanted.ends_at - wanted.starts_at
    candidates: list[Period] = []
    for period in free:
        latest = period.ends_at - length
        if latest < period.starts_at:
            continue
        # Each free period offers the start that is nearest to the wanted one.
        start = min(max(wanted.starts_at, period.starts_at), latest)
        candidates.append(Period(start, start + length))
    return iter(
        sorted(candidates, key=lambda p: (abs(p.starts_at - wanted.starts_at), p.starts_at))
    )
