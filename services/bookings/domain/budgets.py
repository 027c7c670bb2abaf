"""Fair use: hours and bookings that an organisation's people share in a week.

A week is the centres' week (``weeks.py``) of a booking's start, by the clock of its centre. A
booking counts with its booked time, without buffers, in the week it begins in. It is counted from
the moment its time is taken, and given back when it is cancelled, rejected or expires; people who
do not come have used their share all the same.

Where an organisation has no limit, its bookings are not added up: the counter is one document that
all of them would write. They are when there is a limit: the first booking under it counts the
earlier ones (``steps/budget_use.py:settle``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.common.time.period import Period
from services.common.time.weeks import week_of

UNLIMITED = 10_000
"""Hours or bookings a week that stand for "no limit": more than all rooms together have."""


def minutes_of(period: Period) -> int:
    """Length of a booking in minutes."""
    return int((period.ends_at - period.starts_at) // timedelta(minutes=1))


@dataclass(frozen=True, slots=True)
class Amount:
    """Time and number of bookings."""

    minutes: int = 0
    bookings: int = 0

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.minutes + other.minutes, self.bookings + other.bookings)

    def __neg__(self) -> Amount:
        return Amount(-self.minutes, -self.bookings)

    @property
    def grows(self) -> bool:
        """Whether it adds anything, so that a limit may refuse it."""
        return self.minutes > 0 or self.bookings > 0


NOTHING = Amount()


@dataclass(frozen=True, slots=True)
class Limits:
    """How much an organisation may book in a week.

    Attributes:
        hours, bookings: :data:`UNLIMITED` where there is no limit.
    """

    hours: int
    bookings: int

    @property
    def none(self) -> bool:
        """Whether nothing is limited; then nothing is added up either."""
        return self.hours >= UNLIMITED and self.bookings >= UNLIMITED

    @property
    def amount(self) -> Amount:
        return Amount(self.hours * 60, self.bookings)

    def allow_more_than(self, other: Limits) -> bool:
        """Whether something may fit in that the others refuse."""
        return self.hours > other.hours or self.bookings > other.bookings


NO_LIMITS = Limits(UNLIMITED, UNLIMITED)


@dataclass(frozen=True, slots=True)
class Charge:
    """What one booking counts.

    Attributes:
        week: see :func:`week_of`.
        minutes: booked time.
        beyond: counted, but not limited: a manager has said so.
    """

    week: str
    minutes: int
    beyond: bool = False

    @classmethod
    def of(cls, period: Period, zone: str, *, beyond: bool = False) -> Charge:
        return cls(week_of(period.starts_at, zone), minutes_of(period), beyond)


def total(charges: Iterable[Charge]) -> Amount:
    """What they count together."""
    return sum((Amount(each.minutes, 1) for each in charges), Amount())


def differences(before: Charge | None, after: Charge | None) -> Mapping[str, Amount]:
    """What a change adds to each week (negative: gives back); weeks without a change left out."""
    found: defaultdict[str, Amount] = defaultdict(Amount)
    if before is not None:
        found[before.week] += Amount(-before.minutes, -1)
    if after is not None:
        found[after.week] += Amount(after.minutes, 1)
    return {week: amount for week, amount in found.items() if amount != Amount()}


@dataclass(frozen=True, slots=True)
class Budget:
    """The limits of one organisation.

    Attributes:
        hours, bookings: its own limits; ``None`` takes the operator's, who may have set none.
        version: rises with each change; 1 before anybody has set anything.
    """

    organisation_id: str
    hours: int | None = None
    bookings: int | None = None
    version: int = 1

    def limits(self, default: Limits) -> Limits:
        """The limits that hold, without grants."""
        return Limits(
            default.hours if self.hours is None else self.hours,
            default.bookings if self.bookings is None else self.bookings,
        )

    def limited_to(self, *, hours: int | None, bookings: int | None) -> Budget:
        """The budget with other limits."""
        return replace(self, hours=hours, bookings=bookings, version=self.version + 1)

    def granted(self) -> Budget:
        """The budget after a grant, which is kept beside it."""
        return replace(self, version=self.version + 1)


@dataclass(frozen=True, slots=True)
class Grant:
    """More for one week, by a manager, with a reason."""

    id: str
    organisation_id: str
    week: str
    hours: int
    bookings: int
    reason: str
    granted_by: str
    granted_at: datetime


@dataclass(frozen=True, slots=True)
class WeekUse:
    """What an organisation has used of a week, and what it was granted on top."""

    used: Amount = Amount()
    granted: Amount = Amount()

    def left(self, limits: Limits) -> Amount:
        """What can still be booked; never negative, and all of it where there is no limit."""
        allowed = limits.amount + self.granted
        minutes = max(0, allowed.minutes - self.used.minutes)
        bookings = max(0, allowed.bookings - self.used.bookings)
        return Amount(
            minutes if limits.hours < UNLIMITED else limits.amount.minutes,
            bookings if limits.bookings < UNLIMITED else limits.bookings,
        )


@dataclass(frozen=True, slots=True)
class Conduct:
    """What is counted of an organisation's manners, since the beginning."""

    no_shows: int = 0
    late_cancellations: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an organisation stands: its limits, and what is counted of its manners."""

    budget: Budget
    limits: Limits
    conduct: Conduct


@dataclass(frozen=True, slots=True)
class WeekStanding:
    """What an organisation has used and has left in one week."""

    organisation_id: str
    week: str
    limits: Limits
    use: WeekUse
    grants: list[Grant]


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """A counter that says something else than the bookings: a defect."""

    organisation_id: str
    week: str
    counted: Amount
    booked: Amount
