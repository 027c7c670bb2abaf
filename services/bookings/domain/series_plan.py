"""What a change makes of the plan of a series, and of the occurrences that follow it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.bookings.domain.booking import Booking
from services.bookings.domain.series import Series
from services.common.time.period import Period
from services.common.time.wall_clock import shift_period, to_local_time


@dataclass(frozen=True, slots=True)
class Shift:
    """How a change moves occurrences.

    Attributes:
        by: in local time.
        length: of each from now on, as time that passes; ``None`` leaves the hours as they are.
        zone: by whose clock they are from now on.
    """

    by: timedelta
    length: timedelta | None
    zone: str

    def moves(self, series: Series) -> bool:
        return bool(self.by) or self.length is not None or self.zone != series.time_zone


@dataclass(frozen=True, slots=True)
class Plan:
    """When occurrences begin.

    Attributes:
        period: of the first.
        starts: as ``Series.plan``.
    """

    period: Period
    starts: Mapping[str, datetime]


def part_of_plan(series: Series, ids: Collection[str]) -> Plan:
    """The plan of these occurrences alone; at least one of them is planned."""
    starts = {id: start for id, start in series.plan.items() if id in ids}
    first = series.planned(min(starts, key=lambda id: starts[id]))
    assert first is not None
    return Plan(first, starts)


def shifted_plan(series: Series, ids: Collection[str], shift: Shift, now: datetime) -> Plan:
    """The plan of these occurrences after a change. What is planned for a time that is over stays.

    The first that moves leads: where its new hour is one that the clock skips, it begins later that
    day, as long as it was, and the others at their hour.
    """
    plan = part_of_plan(series, ids)
    planned = {id: series.planned(id) for id in plan.starts}
    moving = {id for id, period in planned.items() if period and period.starts_at > now}
    if not moving or not shift.moves(series):
        return plan
    leading = min(moving, key=lambda id: plan.starts[id])
    before = planned[leading]
    assert before is not None
    lead = shift_period(before, series.time_zone, shift.by, shift.length)
    start = to_local_time(lead.starts_at, shift.zone)
    between_zones = start - to_local_time(lead.starts_at, series.time_zone)
    by = shift.by + between_zones
    if start != plan.starts[leading] + by and shift.length is None:
        lead = Period(lead.starts_at, lead.starts_at + (before.ends_at - before.starts_at))
    starts = {id: at + by if id in moving else at for id, at in plan.starts.items()}
    starts[leading] = start
    if min(starts.values()) == start:
        return Plan(lead, starts)
    length = shift.length or plan.period.ends_at - plan.period.starts_at
    return Plan(Period(plan.period.starts_at, plan.period.starts_at + length), starts)


def period_after(booking: Booking, before: Series, after: Series, shift: Shift) -> Period:
    """When an occurrence is to be after its series has changed; it keeps a start, or hours, that
    it was given by itself."""
    was, becomes = before.planned(booking.id), after.planned(booking.id)
    if was is None or becomes is None or was == becomes:
        return booking.period
    if booking.period == was:
        return becomes
    here = booking.period
    if here.starts_at == was.starts_at:
        moved = to_local_time(becomes.starts_at, shift.zone) - to_local_time(
            was.starts_at, shift.zone
        )
        return shift_period(here, shift.zone, moved, None)
    if shift.length and here.ends_at - here.starts_at == was.ends_at - was.starts_at:
        return Period(here.starts_at, here.starts_at + shift.length)
    return here
