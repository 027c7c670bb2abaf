"""What a booking's time must satisfy, as a list that is read from top to bottom.

That nobody else has the space then is *not* here: the database alone decides that, when the booking
is written.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from services.bookings.domain.centre import Centre, Space
from services.common.contracts.bookings.errors import (
    END_BEFORE_START,
    HEADCOUNT_TOO_LARGE,
    IN_THE_PAST,
    OFF_RASTER,
    OUTSIDE_HOURS,
    SPACE_RETIRED,
    TOO_FAR_AHEAD,
    TOO_LONG,
    TOO_MANY_CHANGES,
    TOO_MANY_PEOPLE,
)
from services.common.errors import FieldError
from services.common.time.period import Period
from services.common.time.slots import SLOT_MINUTES, on_raster

LONGEST = timedelta(hours=12)
DAYS_AHEAD = 180
# How many people may have been there, counted afterwards, for each that the space holds.
MOST_HEADS_PER_SEAT = 2
# How many versions a booking may have by which its people, or staff, change it once more. Each is
# an entry of its history, which is kept with the booking and must not grow for ever. Only changes
# that can be repeated are refused. Staff have more, to help where its people have none left.
MOST_VERSIONS = 200
MOST_VERSIONS_FOR_STAFF = 1_000


def bookable(now: datetime) -> Period:
    """All the time that can be booked."""
    return Period(now, now + timedelta(days=DAYS_AHEAD))


def check_may_change_again(version: int, *, by_staff: bool) -> None:
    """Whether a booking of this version may be changed in a way that could be repeated for ever.

    Raises:
        errors.Conflict: ``bookings.too_many_changes``.
    """
    most = MOST_VERSIONS_FOR_STAFF if by_staff else MOST_VERSIONS
    if version >= most:
        raise TOO_MANY_CHANGES(most=most)


def check_shape(period: Period) -> None:
    """What is wrong with a period for every space and hour.

    Raises:
        errors.Invalid: naming the field.
    """
    for pointer, instant in (("/starts_at", period.starts_at), ("/ends_at", period.ends_at)):
        if not on_raster(instant):
            raise OFF_RASTER(minutes=SLOT_MINUTES, errors=[FieldError(pointer, OFF_RASTER.code)])
    if period.ends_at <= period.starts_at:
        raise END_BEFORE_START(errors=[FieldError("/ends_at", END_BEFORE_START.code)])
    if period.ends_at - period.starts_at > LONGEST:
        hours = int(LONGEST.total_seconds() // 3600)
        raise TOO_LONG(hours=hours, errors=[FieldError("/ends_at", TOO_LONG.code)])


def check_time(
    space: Space, centre: Centre, period: Period, now: datetime, *, any_hour: bool = False
) -> None:
    """Whether the space can be booked then.

    Args:
        any_hour: staff have left the booking outside the hours.

    Raises:
        errors.Conflict: with the rule's code.
    """
    check_in_use(space)
    if period.starts_at <= now:
        raise IN_THE_PAST()
    if period.ends_at > now + timedelta(days=DAYS_AHEAD):
        raise TOO_FAR_AHEAD(days=DAYS_AHEAD)
    if not any_hour and not centre.opening_hours(space).contains(period):
        raise OUTSIDE_HOURS()


def check_in_use(space: Space) -> None:
    """Raises:
    errors.Conflict: ``bookings.space_retired``.
    """
    if space.retired:
        raise SPACE_RETIRED()


def check_headcount(space: Space, heads: int) -> None:
    """Whether so many can have been there.

    More than the space seats may come, and come and go; far more is a typing error, and would
    appear in the reports.

    Raises:
        errors.Conflict: ``bookings.headcount_too_large``.
    """
    most = MOST_HEADS_PER_SEAT * space.capacity
    if heads > most:
        raise HEADCOUNT_TOO_LARGE(most=most)


def check_people(space: Space, people: int | None) -> None:
    """Whether they fit in.

    Raises:
        errors.Conflict: ``bookings.too_many_people``.
    """
    if people is not None and people > space.capacity:
        raise TOO_MANY_PEOPLE(capacity=space.capacity)
