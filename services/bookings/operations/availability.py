"""When which space is free."""

from __future__ import annotations

from datetime import timedelta

from services.bookings.app import App
from services.bookings.domain.centre import Space
from services.bookings.operations import centres
from services.bookings.schemas.availability import FindAvailability
from services.bookings.steps.availability_snapshot import AvailabilitySnapshot
from services.common.contracts.bookings.errors import (
    END_BEFORE_START,
    PERIOD_TOO_LONG,
    UNKNOWN_SPACE,
)
from services.common.errors import FieldError
from services.common.time.period import Period
from services.common.time.slots import next_slot

LONGEST_DAYS = 31


def find(app: App, query: FindAvailability) -> list[tuple[Space, list[Period]]]:
    """Free periods of each space that fits, by space id, from now on.

    A fixed number of queries for any number of spaces and bookings; it sees every booking
    that was acknowledged before.

    Raises:
        errors.Invalid: the period is too long or ends before it begins, or a centre, a space or
            equipment is unknown.
    """
    period = query.period
    if period.ends_at <= period.starts_at:
        raise END_BEFORE_START(errors=[FieldError("/ends_at", END_BEFORE_START.code)])
    if period.ends_at - period.starts_at > timedelta(days=LONGEST_DAYS):
        raise PERIOD_TOO_LONG(
            days=LONGEST_DAYS, errors=[FieldError("/ends_at", PERIOD_TOO_LONG.code)]
        )
    spaces = app.centres.spaces(
        centre_id=query.centre_id,
        minimum_capacity=query.minimum_capacity,
        space_id=query.space_id,
        features=query.features,
    )
    if query.centre_id is not None and not spaces:
        centres.named(app, query.centre_id)
    if query.space_id is not None and not spaces:
        raise UNKNOWN_SPACE(errors=[FieldError("/space_id", UNKNOWN_SPACE.code)])
    within = Period(max(period.starts_at, next_slot(app.clock.now())), period.ends_at)
    if within.ends_at <= within.starts_at:
        return [(space, []) for space in spaces]
    free = AvailabilitySnapshot.read(app, spaces, within, query.equipment)
    duration = timedelta(minutes=query.duration_minutes)
    return [(space, free.periods(space, duration)) for space in spaces]
