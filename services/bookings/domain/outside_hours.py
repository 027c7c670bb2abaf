"""Bookings to come whose space is not open for their whole time, since the hours changed.

Staff decide on each of them, as on those in a closure's way: it is cancelled, moved, or left as it
is. One that was left waits for a decision again where the hours leave it even less.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.bookings.domain.booking import Booking
from services.bookings.domain.booking_states import MAY_MOVE, Status
from services.common.time.opening_hours import OpeningHours
from services.common.time.period import Period


class Decision(StrEnum):
    WAITING = "waiting"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides whether a booking lies outside the hours, without the rest of it."""

    id: str
    space_id: str
    period: Period
    status: Status
    left_open: tuple[Period, ...] | None


@dataclass(frozen=True, slots=True)
class Outside:
    """A booking that lies outside the hours.

    Attributes:
        open_parts: of its time.
        left_open: those that it had when staff left it as it is; ``None`` if nobody did.
    """

    id: str
    space_id: str
    period: Period
    open_parts: tuple[Period, ...]
    left_open: tuple[Period, ...] | None

    @property
    def decision(self) -> Decision:
        left = self.left_open
        if left is None or not all(self._is_open(each) for each in left):
            return Decision.WAITING
        return Decision.LEFT

    def _is_open(self, period: Period) -> bool:
        return any(each.contains(period) for each in self.open_parts)


# A booking outside the hours, with all of it.
Shown = tuple[Outside, Booking]


@dataclass(frozen=True, slots=True)
class Found:
    """The bookings outside the hours; the first of them are shown.

    Attributes:
        count: how many there are.
    """

    first: list[Shown]
    count: int


def outside(booking: Booking | Standing, hours: OpeningHours, now: datetime) -> Outside | None:
    """The booking, if it is still to be decided upon and lies outside the hours of its space.

    A held one is an offer, which is withdrawn; whose people are there needs no decision.
    """
    if booking.status not in MAY_MOVE or booking.period.ends_at <= now:
        return None
    parts = tuple(hours.open_periods(booking.period.starts_at, booking.period.ends_at))
    if parts == (booking.period,):
        return None
    return Outside(booking.id, booking.space_id, booking.period, parts, booking.left_open)
