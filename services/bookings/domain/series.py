"""A series: bookings that repeat by a rule, at the same hour by the centre's clock.

An occurrence is a booking like any other. The series keeps what they share, and every occurrence
that was wanted and could not be had, with the reason, so that it can be tried again.

What changes a series changes *this* occurrence, this and the *following*, or *all* that are still
to come; what has begun or ended is never touched. Changing "this and the following" splits the
series: they become a series of their own, which says which one it follows.

A series has a *plan*: when each occurrence begins by its rule. An occurrence that was changed by
itself differs from it, and keeps what was changed when the others change.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from services.bookings.domain.booking import Booking
from services.bookings.domain.booking_states import MAY_MOVE, Status
from services.bookings.domain.centre import Centre, Space
from services.bookings.domain.equipment import Need
from services.bookings.domain.rejected import Rejected
from services.bookings.domain.rules import DAYS_AHEAD
from services.common.contracts.bookings.errors import (
    IN_THE_PAST,
    NOT_OF_SERIES,
    SERIES_OVER,
    TOO_FAR_AHEAD,
)
from services.common.errors import FieldError
from services.common.time.period import Period
from services.common.time.wall_clock import repeat_period
from services.common.transitions import Transitions

# One transaction writes all occurrences, and one message reports them: half a year of twice a week
# or two years of once a week fit in.
MOST_OCCURRENCES = 100
LONGEST_DAYS = 731

# How many refusals of one answer carry alternatives: an answer must be small enough for a phone.
MOST_HELPED = 20


class Scope(StrEnum):
    THIS = "this"
    FOLLOWING = "following"
    ALL = "all"


class OnConflict(StrEnum):
    """What one occurrence that cannot be had means for the others."""

    REFUSE = "refuse"
    SKIP = "skip"


TIME = "time"
SHARED = ("space_id", "title", "purpose", "people")


class SeriesStatus(StrEnum):
    ACTIVE = "active"
    CANCELLED = "cancelled"


class SeriesAction(StrEnum):
    CHANGE = "change"
    CANCEL = "cancel"


TRANSITIONS = Transitions(
    {
        (SeriesStatus.ACTIVE, SeriesAction.CHANGE): SeriesStatus.ACTIVE,
        (SeriesStatus.ACTIVE, SeriesAction.CANCEL): SeriesStatus.CANCELLED,
    },
    refusal=SERIES_OVER,
    first=SeriesStatus.ACTIVE,
)


@dataclass(frozen=True, slots=True)
class Series:
    """What the occurrences of a series share.

    Attributes:
        period: of the first occurrence, as it was planned.
        rule: RFC 5545; with the start of ``period`` it gives the starts of the plan.
        plan: id of a booking, or of a rejected occurrence that has none → its start by the clock
            on the wall.
        rejected: what could not be had (``rejected.py``), by start.
        follows: the series that it was split from, if it was.
        equipment: what each occurrence wants of the centre's equipment.
    """

    id: str
    space_id: str
    centre_id: str
    organisation_id: str
    booked_by: str
    period: Period
    time_zone: str
    rule: str
    title: str
    purpose: str
    people: int | None
    created_at: datetime
    updated_at: datetime
    status: SeriesStatus = SeriesStatus.ACTIVE
    rejected: tuple[Rejected, ...] = ()
    follows: str | None = None
    version: int = 1
    equipment: tuple[Need, ...] = ()
    plan: Mapping[str, datetime] = field(default_factory=dict)

    def planned(self, id: str) -> Period | None:
        """When an occurrence is by the plan; ``None`` for one that is not of it any more."""
        if id not in self.plan:
            return None
        return repeat_period(self.period, [self.plan[id]], self.time_zone)[0]

    def differences(
        self, booking_id: str, period: Period, shared: Mapping[str, Any]
    ) -> tuple[str, ...]:
        """In what an occurrence is unlike the series: ``time``, or a name of what they share.

        Args:
            shared: what the occurrence has of it.
        """
        names = [name for name in SHARED if shared[name] != getattr(self, name)]
        if self.planned(booking_id) not in (None, period):
            names.insert(0, TIME)
        return tuple(names)

    def check_goes_on(self) -> None:
        """Raises:
        errors.Conflict: ``bookings.series_over`` if it was cancelled.
        """
        self.after(SeriesAction.CHANGE)

    def after(self, action: SeriesAction) -> SeriesStatus:
        """The status that the action leads to.

        Raises:
            errors.Conflict: ``bookings.series_over`` if it was cancelled.
        """
        return TRANSITIONS.after(self.status, action)

    def changed(self, now: datetime, **values: Any) -> Series:
        """The next version."""
        return replace(self, version=self.version + 1, updated_at=now, **values)


@dataclass(frozen=True, slots=True)
class Move:
    """What an occurrence is to become.

    Attributes:
        before: as it is.
        place: where it is to be.
        details: what else is to be different.
    """

    before: Booking
    place: tuple[Space, Centre]
    period: Period
    details: Mapping[str, Any]

    @classmethod
    def to(
        cls,
        before: Booking,
        place: tuple[Space, Centre],
        period: Period,
        details: Mapping[str, Any],
    ) -> Move:
        """There, with those of the details that are new."""
        other = {name: value for name, value in details.items() if getattr(before, name) != value}
        return cls(before, place, period, other)

    @classmethod
    def again(cls, before: Booking, rejected: Rejected, place: tuple[Space, Centre]) -> Move:
        """What was wanted of it before."""
        return cls(before, place, rejected.period, rejected.details)

    @property
    def moves(self) -> bool:
        before = self.before
        return self.place[0].id != before.space_id or self.period != before.period

    @property
    def changes(self) -> bool:
        return self.moves or bool(self.details)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One booking of a series, in short.

    Attributes:
        differs: see ``Series.differences``.
    """

    booking_id: str
    space_id: str
    period: Period
    status: Status
    differs: tuple[str, ...] = ()

    @classmethod
    def of(cls, series: Series, booking: Booking) -> Occurrence:
        shared = {name: getattr(booking, name) for name in SHARED}
        differs = series.differences(booking.id, booking.period, shared)
        return cls(booking.id, booking.space_id, booking.period, booking.status, differs)


@dataclass(frozen=True, slots=True)
class Schedule:
    """A series with its occurrences, by start."""

    series: Series
    occurrences: tuple[Occurrence, ...]

    @classmethod
    def of(cls, series: Series, bookings: Collection[Booking]) -> Schedule:
        found = sorted(bookings, key=lambda booking: booking.period.starts_at)
        return cls(series, tuple(Occurrence.of(series, booking) for booking in found))


def check_begins(first: Period, now: datetime) -> None:
    """Whether a series can begin then. What lies too far ahead further on is rejected for itself.

    Raises:
        errors.Conflict: ``bookings.in_the_past``, ``bookings.too_far_ahead``.
    """
    if first.starts_at <= now:
        raise IN_THE_PAST()
    if first.ends_at > now + timedelta(days=DAYS_AHEAD):
        raise TOO_FAR_AHEAD(days=DAYS_AHEAD)


def concerns_all(concerned: Iterable[Booking], bookings: Iterable[Booking], now: datetime) -> bool:
    """Whether a fact that concerns these occurrences speaks of every one that is still to come.

    Args:
        bookings: all of the series; where one is named twice, the last one is the present state.
    """
    ids = {each.id for each in concerned}
    standing = {each.id: each for each in bookings}
    return all(id in ids for id, each in standing.items() if _to_come(each, now))


def _to_come(booking: Booking, now: datetime) -> bool:
    return booking.status in MAY_MOVE and booking.period.starts_at > now


def targets(
    bookings: Sequence[Booking], scope: Scope, booking_id: str | None, now: datetime
) -> list[Booking]:
    """The occurrences that a change reaches, by start.

    Args:
        bookings: all of the series.
        booking_id: which one "this" is.

    Raises:
        errors.Invalid: ``bookings.not_of_series``.
        errors.Conflict: ``bookings.series_over`` if there is none left.
    """
    pivot = next((each for each in bookings if each.id == booking_id), None)
    if pivot is None and scope is not Scope.ALL:
        raise NOT_OF_SERIES(errors=[FieldError("/booking_id", NOT_OF_SERIES.code)])
    found = [
        each
        for each in sorted(bookings, key=lambda each: each.period.starts_at)
        if _to_come(each, now)
    ]
    if pivot is not None and scope is Scope.THIS:
        found = [each for each in found if each.id == pivot.id]
    if pivot is not None and scope is Scope.FOLLOWING:
        found = [each for each in found if each.period.starts_at >= pivot.period.starts_at]
    if not found:
        raise SERIES_OVER()
    return found
