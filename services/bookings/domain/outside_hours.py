"""Bookings to come for the whole of whose time their space is not open, since the hours changed.

Staff decide on each of them, as on those in a closure's way: it is cancelled, moved, or left as it
is. One that was left waits for a decision again where the hours leave it even less.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.bookings.domain.booking import Booking
from services.bookings.domain.booking_states import MAY_MOVE
from services.common.time.opening_hours import OpeningHours
from services.common.time.period import Period


class Decision(StrEnum):
    WAITING = "waiting"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Outside:
    """A booking that lies outside the hours.

    Attributes:
        open_parts: of its time.
    """

    booking: Booking
    open_parts: tuple[Period, ...]

    @property
    def id(self) -> str:
        return self.booking.id

    @property
    def period(self) -> Period:
        return self.booking.period

    @property
    def decision(self) -> Decision:
        left = self.booking.left_open
        if left is None or not all(self._is_open(each) for each in left):
            return Decision.WAITING
        return Decision.LEFT

    def _is_open(self, period: Period) -> bool:
        return any(each.holds(period) for each in self.open_parts)


def outside(booking: Booking, hours: OpeningHours, now: datetime) -> Outside | None:
    """The booking, if it is still to be decided upon and lies outside the hours of its space.

    A held one is an offer, which is withdrawn; whose people are there needs no decision.
    """
    if booking.status not in MAY_MOVE or booking.period.ends_at <= now:
        return None
    parts = tuple(hours.open_periods(booking.period.starts_at, booking.period.ends_at))
    return None if parts == (booking.period,) else Outside(booking, parts)


def waiting(found: Iterable[Outside]) -> list[Outside]:
    """Those on which nobody has decided."""
    return [each for each in found if each.decision is Decision.WAITING]
