"""Closures: a centre, or some of its spaces, out of use for a time.

A closure takes its slots exactly as a booking does, under the same unique index, so whether a
booking or a closure came first is decided by the database alone. What bookings hold already stays
theirs: such a booking is *affected* until somebody cancels or moves it, and whatever it lets go of
within the closure falls to the closure.

When staff need a room for the centre itself, that is a closure of the kind ``event``. When they
need it for an organisation, they book it on the organisation's behalf.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from services.bookings.domain.booking import HOLDS_ITS_TIME, Booking
from services.bookings.domain.centre import Space
from services.bookings.domain.hours import Period
from services.bookings.domain.slots import SLOT, SLOT_MINUTES, on_raster
from services.common.contracts.bookings.errors import (
    CLOSURE_LIFTED,
    CLOSURE_TOO_FAR_AHEAD,
    CLOSURE_TOO_LARGE,
    CLOSURE_TOO_LONG,
    END_BEFORE_START,
    IN_THE_PAST,
    OFF_RASTER,
)
from services.common.errors import FieldError

LONGEST_DAYS = 90
DAYS_AHEAD = 366
# One transaction writes all slots: 1,000 rooms × days are 96,000 entries of the index, about half a
# second.
MOST_SPACE_DAYS = 1_000
MOST_AFFECTED = 500

# A text as somebody wrote it, or in each language.
Reason = str | Mapping[str, str]


class Kind(StrEnum):
    MAINTENANCE = "maintenance"
    EVENT = "event"
    SECURITY = "security"


class Outcome(StrEnum):
    """What became of an affected booking: one of these, or its status where it has ended."""

    WAITING = "waiting"
    MOVED = "moved"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class Closure:
    """Spaces out of use for a time.

    Attributes:
        space_ids: what was closed, as it was asked for; all spaces of the centre by name.
        leaves: what is really taken: the parts of divisible halls.
        reason: for the people affected; None where none was given.
        version: rises with each change of the closure and of a booking that it affects, and before
            anything is decided about them.
        lifted_at: when it was ended before its time; None while it stands.
    """

    id: str
    centre_id: str
    space_ids: tuple[str, ...]
    leaves: tuple[str, ...]
    kind: Kind
    reason: Reason | None
    period: Period
    time_zone: str
    closed_by: str
    created_at: datetime
    updated_at: datetime
    version: int = 1
    lifted_at: datetime | None = None
    lifted_by: str | None = None

    @property
    def status(self) -> str:
        return "standing" if self.lifted_at is None else "lifted"

    def lifted(self, *, by: str, now: datetime) -> Closure:
        """The closure ended; what is left of its time is free.

        Raises:
            errors.Conflict: ``bookings.closure_lifted`` if it does not stand any more.
        """
        self.check_stands(now)
        return replace(self, lifted_at=now, lifted_by=by, updated_at=now, version=self.version + 1)

    def check_stands(self, now: datetime) -> None:
        """Raises:
        errors.Conflict: ``bookings.closure_lifted`` if it was lifted or is over.
        """
        if self.lifted_at is not None or self.period.ends_at <= now:
            raise CLOSURE_LIFTED()

    def takes_from(self, booking: Booking) -> bool:
        """Whether the booking holds time that the closure would have."""
        return (
            booking.claim is not None
            and booking.claim.period.overlaps(self.period)
            and not set(self.leaves).isdisjoint(booking.claim.leaves)
        )

    def outcome(self, booking: Booking) -> str:
        """What became of a booking that stood in the way when the closure was made."""
        if booking.status not in HOLDS_ITS_TIME:
            return booking.status.value
        if not self.takes_from(booking):
            return Outcome.MOVED.value
        return (Outcome.WAITING if self.lifted_at is None else Outcome.KEPT).value

    def text(self) -> str | None:
        """The reason as one text; Arabic, which every reason has, where there are several."""
        if self.reason is None or isinstance(self.reason, str):
            return self.reason
        return self.reason["ar"]

    def texts(self) -> Mapping[str, str] | None:
        """The reason in each language, where it was given so."""
        return None if self.reason is None or isinstance(self.reason, str) else self.reason


def check_period(period: Period, now: datetime) -> None:
    """What a closure's time must satisfy. It may begin with the present slot, not before.

    Raises:
        errors.Invalid: naming the field.
        errors.Conflict: ``bookings.in_the_past``, ``bookings.closure_too_far_ahead``.
    """
    for pointer, instant in (("/starts_at", period.starts_at), ("/ends_at", period.ends_at)):
        if not on_raster(instant):
            raise OFF_RASTER(minutes=SLOT_MINUTES, errors=[FieldError(pointer, OFF_RASTER.code)])
    if period.ends_at <= period.starts_at:
        raise END_BEFORE_START(errors=[FieldError("/ends_at", END_BEFORE_START.code)])
    if period.ends_at - period.starts_at > timedelta(days=LONGEST_DAYS):
        raise CLOSURE_TOO_LONG(
            days=LONGEST_DAYS, errors=[FieldError("/ends_at", CLOSURE_TOO_LONG.code)]
        )
    if period.starts_at <= now - SLOT:
        raise IN_THE_PAST()
    if period.ends_at > now + timedelta(days=DAYS_AHEAD):
        raise CLOSURE_TOO_FAR_AHEAD(days=DAYS_AHEAD)


def check_size(leaves: int, period: Period, affected: int) -> None:
    """Whether it can be made in one go.

    Raises:
        errors.Conflict: ``bookings.closure_too_large``.
    """
    space_days = leaves * ((period.ends_at - period.starts_at) / timedelta(days=1))
    if space_days > MOST_SPACE_DAYS or affected > MOST_AFFECTED:
        raise CLOSURE_TOO_LARGE(space_days=MOST_SPACE_DAYS, bookings=MOST_AFFECTED)


def fits(space: Space, booking: Booking, old_space: Space) -> bool:
    """Whether the people of a booking fit in; where it does not say, as many as before."""
    return space.capacity >= (booking.people or old_space.capacity)


def likeness(space: Space, old_space: Space) -> tuple[int, int, str]:
    """For sorting: the space that lacks the fewest of the old one's features, then the smallest."""
    return len(set(old_space.features) - set(space.features)), space.capacity, space.id
