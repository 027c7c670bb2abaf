"""Rejected occurrences: wanted, and not to be had when they were asked for.

There are two kinds, and never more than one for each occurrence. One without a booking is still the
series' plan: it moves with the series. One whose booking stays where it was is a wish for that
booking: it goes where the booking goes, the newest counts, and it is over when the booking has been
    moved since, by anybody, or cannot be moved any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from services.bookings.domain.booking import Booking
from services.bookings.domain.booking_states import MAY_MOVE
from services.common.contracts.bookings.errors import NOT_TRIED
from services.common.history.changes import Change
from services.common.time.period import Period

_PLACE = frozenset({"space_id", "starts_at", "ends_at"})


@dataclass(frozen=True, slots=True)
class Rejected:
    """An occurrence that was wanted and could not be had.

    Attributes:
        booking_id: the occurrence that stays where it was; ``None`` where there is none at all.
        booking_version: at which it stayed; ``None`` where there is none, or where it was kept
            before that was noted.
        details: what else it was to become, such as its number of people.
        code, params: the refusal.
        alternatives: ways on, in wire form, as they were when it was refused.
    """

    id: str
    space_id: str
    period: Period
    code: str
    params: Mapping[str, Any]
    alternatives: tuple[Mapping[str, Any], ...]
    rejected_at: datetime
    booking_id: str | None = None
    booking_version: int | None = None
    details: Mapping[str, Any] = field(default_factory=dict)

    def planned(self, period: Period | None, space_id: str | None, now: datetime) -> Rejected:
        """As its series is changed: where there is no booking and its time is still to come, it is
        wanted elsewhere from now on. Whether it can be had there is not known before it is tried.

        Args:
            period: by the plan of the series; ``None`` for the same.
            space_id: ``None`` for the same.
        """
        if self.booking_id is not None or self.period.starts_at <= now:
            return self
        place = (space_id or self.space_id, period or self.period)
        if place == (self.space_id, self.period):
            return self
        return replace(
            self,
            space_id=place[0],
            period=place[1],
            code=NOT_TRIED.code,
            params={},
            alternatives=(),
        )

    def of(self, booking: Booking, now: datetime) -> Rejected | None:
        """What of it is still to be wished for its booking, if anything is."""
        if booking.status not in MAY_MOVE or booking.period.starts_at <= now:
            return None
        since = {
            name
            for change in booking.history
            if self._came_before(change)
            for name in change.changes
        }
        if since & _PLACE:
            return None
        details = {name: value for name, value in self.details.items() if name not in since}
        moves = (self.space_id, self.period) != (booking.space_id, booking.period)
        return replace(self, details=details) if moves or details else None

    def _came_before(self, change: Change) -> bool:
        """Whether it is older than the change of its booking."""
        if self.booking_version is None:
            return change.at > self.rejected_at
        return change.version > self.booking_version


def same_refusals(ones: Iterable[Rejected], others: Iterable[Rejected]) -> bool:
    """Whether these are the same wishes, refused for the same reasons and with the same ways on."""

    def said(each: Rejected) -> tuple[object, ...]:
        requested = (each.space_id, each.period, each.booking_id, dict(each.details))
        return (*requested, each.code, dict(each.params), list(map(dict, each.alternatives)))

    return [said(each) for each in ones] == [said(each) for each in others]


def parted(
    rejected: Iterable[Rejected], following: Sequence[Booking]
) -> tuple[list[Rejected], list[Rejected]]:
    """Those that are not of this and the following occurrences, and those that are.

    Args:
        following: the occurrences, by start.
    """
    pivot, ids = following[0].period.starts_at, {each.id for each in following}
    staying: list[Rejected] = []
    going: list[Rejected] = []
    for each in rejected:
        plan = each.booking_id is None
        follows = each.period.starts_at >= pivot if plan else each.booking_id in ids
        (going if follows else staying).append(each)
    return staying, going


def standing(
    rejected: Iterable[Rejected], bookings: Iterable[Booking], now: datetime
) -> tuple[Rejected, ...]:
    """Those that could still be had, by start.

    Args:
        bookings: all of their series; where one is named twice, the last one is the present state.
    """
    by_id = {each.id: each for each in bookings}
    found: dict[str, Rejected] = {}
    for each in sorted(rejected, key=lambda each: each.rejected_at):
        if each.booking_id is None:
            found[each.id] = each
        elif each.booking_id in by_id and (still := each.of(by_id[each.booking_id], now)):
            found[each.booking_id] = still
    return tuple(sorted(found.values(), key=lambda each: each.period.starts_at))
