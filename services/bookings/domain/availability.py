"""Free time: what is open and not taken."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from services.bookings.domain.centre import Centre, Space
from services.bookings.domain.hours import Period


@dataclass(frozen=True, slots=True)
class Alternative:
    """A way on after a refusal.

    Attributes:
        kind: ``other_time``, ``other_space`` or ``other_centre``.
    """

    kind: str
    space: Space
    period: Period


def free_periods(
    centre: Centre, space: Space, within: Period, taken: Iterable[Period], duration: timedelta
) -> list[Period]:
    """Periods in which a booking of ``duration`` can be placed anywhere.

    Args:
        within: the period asked about.
        taken: what other bookings take, *their* buffers included, in any order.
        duration: shorter gaps are left out.

    A booking's own buffers may reach into closed hours but not into another booking, so each taken
    period keeps its distance on both sides.
    """
    blocked = sorted(
        (p.starts_at - space.buffer_after, p.ends_at + space.buffer_before) for p in taken
    )
    found: list[Period] = []
    for opened in centre.opening_hours(space).open_periods(within.starts_at, within.ends_at):
        cursor = opened.starts_at
        for starts_at, ends_at in blocked:
            if ends_at <= cursor or starts_at >= opened.ends_at:
                continue
            if starts_at - cursor >= duration:
                found.append(Period(cursor, starts_at))
            cursor = max(cursor, ends_at)
        if opened.ends_at - cursor >= duration:
            found.append(Period(cursor, opened.ends_at))
    return found


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
