"""When which space is free."""

from __future__ import annotations

from datetime import timedelta

from services.bookings.app import App
from services.bookings.domain.availability import free_periods
from services.bookings.domain.centre import Space
from services.bookings.domain.hours import Period
from services.bookings.domain.slots import next_slot
from services.bookings.operations.alternatives import of
from services.bookings.schemas.availability import FindAvailability
from services.common.contracts.bookings.errors import (
    END_BEFORE_START,
    PERIOD_TOO_LONG,
    UNKNOWN_SPACE,
)
from services.common.errors import FieldError

LONGEST_DAYS = 31


def find(app: App, query: FindAvailability) -> list[tuple[Space, list[Period]]]:
    """Free periods of each space that fits, by space id, from now on.

    A fixed number of queries, whatever the number of spaces and bookings; it sees every booking
    that was acknowledged before.

    Raises:
        errors.Invalid: the period is too long or ends before it begins, or the space is unknown.
    """
    period = query.period
    if period.ends_at <= period.starts_at:
        raise END_BEFORE_START(errors=[FieldError("/ends_at", END_BEFORE_START.code)])
    if period.ends_at - period.starts_at > timedelta(days=LONGEST_DAYS):
        raise PERIOD_TOO_LONG(
            days=LONGEST_DAYS, errors=[FieldError("/ends_at", PERIOD_TOO_LONG.code)]
        )
    spaces = [
        space
        for space in app.centres.spaces(
            centre_id=query.centre_id, minimum_capacity=query.minimum_capacity
        )
        if query.space_id in (None, space.id)
    ]
    if query.space_id is not None and not spaces:
        raise UNKNOWN_SPACE(errors=[FieldError("/space_id", UNKNOWN_SPACE.code)])
    within = Period(max(period.starts_at, next_slot(app.clock.now())), period.ends_at)
    if within.ends_at <= within.starts_at:
        return [(space, []) for space in spaces]
    centres = {centre.id: centre for centre in app.centres.centres()}
    taken = app.bookings.taken([leaf for space in spaces for leaf in space.leaves], within)
    duration = timedelta(minutes=query.duration_minutes)
    return [
        (space, free_periods(centres[space.centre_id], space, within, of(space, taken), duration))
        for space in spaces
    ]
