"""Closures: a centre, or some of its spaces, out of use for a time.

A closure takes its slots exactly as a booking does, under the same unique index, so whether a
booking or a closure came first is decided by the database alone. What bookings hold already stays
theirs: such a booking is *affected* until it is cancelled or moved, and the time that it gives up
    within the closure goes to the closure.

A large closure takes its slots bit by bit. It is *closing* meanwhile: nobody who asks for its time
gets any, and a booking that was being made when it was declared is found before it is *in force*.

When staff need a room for the centre itself, that is a closure of the kind ``event``. When they
need it for an organisation, they book it on the organisation's behalf.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from services.bookings.domain.booking import Booking
from services.bookings.domain.booking_states import HOLDS_ITS_TIME
from services.bookings.domain.centre import Space
from services.common.contracts.bookings.errors import (
    CLOSURE_BEGUN,
    CLOSURE_LIFTED,
    CLOSURE_TOO_FAR_AHEAD,
    CLOSURE_TOO_LARGE,
    CLOSURE_TOO_LONG,
    END_BEFORE_START,
    IN_THE_PAST,
    OFF_RASTER,
)
from services.common.errors import FieldError
from services.common.time.period import Period
from services.common.time.slots import SLOT, SLOT_MINUTES, on_raster
from services.common.transitions import Transitions

LONGEST_DAYS = 90
DAYS_AHEAD = 366
# What one transaction writes down as to be taken, about a tenth of a second; and what is then taken
# bit by bit: 96,000 entries of the index.
MOST_SPACE_DAYS = 1_000
MOST_AFFECTED = 500

# A text as a person wrote it, or in each language.
Reason = str | Mapping[str, str]


class Kind(StrEnum):
    MAINTENANCE = "maintenance"
    EVENT = "event"
    SECURITY = "security"


class State(StrEnum):
    CLOSING = "closing"
    IN_FORCE = "in_force"
    LIFTED = "lifted"


class Action(StrEnum):
    CHANGE = "change"
    TAKE_MORE = "take_more"
    ENFORCE = "enforce"
    LIFT = "lift"


TRANSITIONS = Transitions(
    {
        (State.CLOSING, Action.CHANGE): State.CLOSING,
        (State.CLOSING, Action.TAKE_MORE): State.CLOSING,
        (State.CLOSING, Action.ENFORCE): State.IN_FORCE,
        (State.CLOSING, Action.LIFT): State.LIFTED,
        (State.IN_FORCE, Action.CHANGE): State.IN_FORCE,
        (State.IN_FORCE, Action.TAKE_MORE): State.CLOSING,
        (State.IN_FORCE, Action.LIFT): State.LIFTED,
    },
    refusal=CLOSURE_LIFTED,
    first=State.CLOSING,
)


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
        version: rises with each change of the closure and of a booking that it affects.
        state: whether it holds all of its time yet.
        all_spaces: whether the whole centre is closed; a space that it gets later is closed too.
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
    state: State = State.CLOSING
    all_spaces: bool = False
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
        return self._next(Action.LIFT, now, lifted_at=now, lifted_by=by)

    def changed(self, period: Period, reason: Reason | None, now: datetime) -> Closure:
        """The closure at another time, or for another reason."""
        grows = bool(beyond(period, self.period))
        action = Action.TAKE_MORE if grows else Action.CHANGE
        return self._next(action, now, period=period, reason=reason)

    def covering(self, space: Space, now: datetime) -> Closure:
        """The closure of a whole centre with a space that the centre has got since."""
        leaves = tuple(sorted({*self.leaves, *space.leaves}))
        action = Action.CHANGE if leaves == self.leaves else Action.TAKE_MORE
        space_ids = tuple(sorted({*self.space_ids, space.id}))
        return self._next(action, now, space_ids=space_ids, leaves=leaves)

    def enforced(self) -> Closure:
        """The same version of the closure; what it has not taken is held by affected bookings."""
        return replace(self, state=self.after(Action.ENFORCE))

    def renewed(self, now: datetime) -> Closure:
        """The closure as its next version: what is shown of it has changed."""
        return replace(self, updated_at=now, version=self.version + 1)

    def after(self, action: Action) -> State:
        """The state that the action leads to.

        Raises:
            errors.Conflict: ``bookings.closure_lifted`` if the table has no such transition.
        """
        return TRANSITIONS.after(self.state, action)

    def _next(self, action: Action, now: datetime, **values: Any) -> Closure:
        state = self.after(action)
        return replace(self, state=state, updated_at=now, version=self.version + 1, **values)

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

    def lists(self, booking: Booking) -> bool:
        """Whether the booking is among those that stood in the way."""
        return any(each.closure_id == self.id for each in booking.affected_by)

    def outcome(self, booking: Booking) -> str:
        """What became of a booking that stood in the way when the closure was made."""
        if booking.status not in HOLDS_ITS_TIME:
            return booking.status.value
        if not self.takes_from(booking):
            # Where it still stands where it stood, it is the closure that has become shorter.
            stood = any(
                (self.id, booking.space_id, booking.period)
                == (each.closure_id, each.space_id, each.period)
                for each in booking.affected_by
            )
            return (Outcome.KEPT if stood else Outcome.MOVED).value
        return (Outcome.WAITING if self.lifted_at is None else Outcome.KEPT).value

    def text(self) -> str | None:
        """The reason as one text; Arabic, which every reason has, where there are several."""
        if self.reason is None or isinstance(self.reason, str):
            return self.reason
        return self.reason["ar"]

    def texts(self) -> Mapping[str, str] | None:
        """The reason in each language, where it was given so."""
        return None if self.reason is None or isinstance(self.reason, str) else self.reason


@dataclass(frozen=True, slots=True)
class Progress:
    """How much of its time a closure has taken, in spaces × days (UTC, begun ones too)."""

    done: int
    total: int


def check_period(period: Period, now: datetime) -> None:
    """What a closure's time must satisfy. It may begin with the present slot, not before.

    Raises:
        errors.Invalid: naming the field.
        errors.Conflict: ``bookings.in_the_past``, ``bookings.closure_too_far_ahead``.
    """
    _check_shape(period)
    if period.starts_at <= now - SLOT:
        raise IN_THE_PAST()
    if period.ends_at > now + timedelta(days=DAYS_AHEAD):
        raise CLOSURE_TOO_FAR_AHEAD(days=DAYS_AHEAD)


def check_change(closure: Closure, period: Period, now: datetime) -> None:
    """What another time of a closure must satisfy. What is over stays as it was: a closure that has
    begun keeps its start, and none ends before now; that is lifting it.

    Raises:
        errors.Invalid: naming the field.
        errors.Conflict: ``bookings.closure_begun``, ``bookings.in_the_past``,
            ``bookings.closure_too_far_ahead``.
    """
    _check_shape(period)
    if period.starts_at != closure.period.starts_at:
        if closure.period.starts_at <= now:
            raise CLOSURE_BEGUN()
        if period.starts_at <= now - SLOT:
            raise IN_THE_PAST()
    if period.ends_at <= now:
        raise IN_THE_PAST()
    if period.ends_at > max(closure.period.ends_at, now + timedelta(days=DAYS_AHEAD)):
        raise CLOSURE_TOO_FAR_AHEAD(days=DAYS_AHEAD)


def _check_shape(period: Period) -> None:
    for pointer, instant in (("/starts_at", period.starts_at), ("/ends_at", period.ends_at)):
        if not on_raster(instant):
            raise OFF_RASTER(minutes=SLOT_MINUTES, errors=[FieldError(pointer, OFF_RASTER.code)])
    if period.ends_at <= period.starts_at:
        raise END_BEFORE_START(errors=[FieldError("/ends_at", END_BEFORE_START.code)])
    if period.ends_at - period.starts_at > timedelta(days=LONGEST_DAYS):
        raise CLOSURE_TOO_LONG(
            days=LONGEST_DAYS, errors=[FieldError("/ends_at", CLOSURE_TOO_LONG.code)]
        )


def beyond(period: Period, other: Period) -> list[Period]:
    """The parts of a period that lie outside another, by start."""
    if not period.overlaps(other):
        return [period]
    parts = []
    if period.starts_at < other.starts_at:
        parts.append(Period(period.starts_at, other.starts_at))
    if other.ends_at < period.ends_at:
        parts.append(Period(other.ends_at, period.ends_at))
    return parts


def check_size(leaves: int, period: Period, affected: int) -> None:
    """Whether it is small enough for one closure.

    Raises:
        errors.Conflict: ``bookings.closure_too_large``.
    """
    space_days = leaves * ((period.ends_at - period.starts_at) / timedelta(days=1))
    if space_days > MOST_SPACE_DAYS or affected > MOST_AFFECTED:
        raise CLOSURE_TOO_LARGE(space_days=MOST_SPACE_DAYS, most_bookings=MOST_AFFECTED)


def fits(space: Space, booking: Booking, old_space: Space) -> bool:
    """Whether the people of a booking fit in; where it does not say, as many as before."""
    return space.capacity >= (booking.people or old_space.capacity)


def likeness(space: Space, old_space: Space) -> tuple[int, int, str]:
    """For sorting: the space that lacks the fewest of the old one's features, then the smallest."""
    return len(set(old_space.features) - set(space.features)), space.capacity, space.id
