"""The waitlist: who wants a time that is taken, in the order in which they came.

When time becomes free, the entry that has waited longest and fits is offered it alone: a booking is
*held* for it until the offer expires. An entry is offered something once. An entry that declines,
or does not answer in time, has left the line; who still wants a time joins it again, at its end. So
nobody who does not answer keeps others waiting twice. Only where the offer cannot be accepted any
more, for any cause, the entry waits again, in its place: that was not theirs to answer.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from services.bookings.domain.centre import Space
from services.bookings.domain.equipment import Need
from services.bookings.domain.rules import DAYS_AHEAD
from services.common.contracts.bookings.errors import (
    NOT_ALLOWED_WHILE_WAITING,
    TOO_FAR_AHEAD,
    WINDOW_OVER,
    WINDOW_TOO_LONG,
    WINDOW_TOO_SHORT,
)
from services.common.errors import FieldError
from services.common.time.period import Period
from services.common.transitions import Transitions

OFFER_LASTS = timedelta(hours=2)
"""How long an offer can be accepted, at most."""

OFFER_ENDS_BEFORE_START = timedelta(minutes=30)
"""How long before its start an offer ends, so that others can still use the time."""

HOLD_OUTLASTS_OFFER = timedelta(minutes=5)
"""How much longer than its offer a time is held: the end of the offer gives it back, and the end of
the hold only if nothing did."""

OFFER_NOTICE = timedelta(hours=1)
"""What begins sooner is not offered any more: nobody would read it in time."""

LONGEST_WINDOW_DAYS = 31


class EntryStatus(StrEnum):
    WAITING = "waiting"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class EntryAction(StrEnum):
    OFFER = "offer"
    WITHDRAW = "withdraw"
    ACCEPT = "accept"
    DECLINE = "decline"
    EXPIRE = "expire"
    CANCEL = "cancel"


TRANSITIONS = Transitions(
    {
        (EntryStatus.WAITING, EntryAction.OFFER): EntryStatus.OFFERED,
        (EntryStatus.WAITING, EntryAction.EXPIRE): EntryStatus.EXPIRED,
        (EntryStatus.WAITING, EntryAction.CANCEL): EntryStatus.CANCELLED,
        (EntryStatus.OFFERED, EntryAction.WITHDRAW): EntryStatus.WAITING,
        (EntryStatus.OFFERED, EntryAction.ACCEPT): EntryStatus.ACCEPTED,
        (EntryStatus.OFFERED, EntryAction.DECLINE): EntryStatus.DECLINED,
        (EntryStatus.OFFERED, EntryAction.EXPIRE): EntryStatus.EXPIRED,
        (EntryStatus.OFFERED, EntryAction.CANCEL): EntryStatus.CANCELLED,
    },
    refusal=NOT_ALLOWED_WHILE_WAITING,
    first=EntryStatus.WAITING,
)


@dataclass(frozen=True, slots=True)
class Offer:
    """A time that is held for an entry.

    Attributes:
        booking_id: the booking that holds it.
    """

    booking_id: str
    space_id: str
    period: Period
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """A place in line.

    Attributes:
        space_id: the space that is wanted; ``None`` for any of the centre that fits.
        booked_by: who waits.
        window: the offered time lies within it.
        people, features: what a space must have to fit.
        equipment: of the centre, to be had for the whole of the time.
        offer: what is or was offered.
    """

    id: str
    space_id: str | None
    centre_id: str
    organisation_id: str
    booked_by: str
    window: Period
    duration: timedelta
    title: str
    purpose: str
    people: int | None
    features: tuple[str, ...]
    created_at: datetime
    updated_at: datetime
    status: EntryStatus = EntryStatus.WAITING
    offer: Offer | None = None
    version: int = 1
    equipment: tuple[Need, ...] = ()

    @property
    def over_at(self) -> datetime:
        """From when on nothing within its window can be offered any more."""
        return self.window.ends_at - self.duration - OFFER_NOTICE

    @property
    def due_at(self) -> datetime | None:
        """When time itself ends it: its window, or what is offered."""
        if self.status is EntryStatus.WAITING:
            return self.over_at
        if self.status is EntryStatus.OFFERED and self.offer is not None:
            return self.offer.expires_at
        return None

    def fits(self, space: Space) -> bool:
        """Whether the space is one of those that it waits for."""
        if self.space_id is not None:
            return space.id == self.space_id
        return (
            space.centre_id == self.centre_id
            and (self.people is None or space.capacity >= self.people)
            and set(self.features) <= set(space.features)
        )

    def after(self, action: EntryAction) -> EntryStatus:
        """The status that the action leads to.

        Raises:
            errors.Conflict: ``bookings.waitlist_not_allowed_now``.
        """
        return TRANSITIONS.after(self.status, action)

    def changed(self, action: EntryAction, now: datetime, **values: Any) -> Entry:
        """The next version, as the action leaves it."""
        status = self.after(action)
        return replace(self, status=status, updated_at=now, version=self.version + 1, **values)


def check_window(window: Period, duration: timedelta, now: datetime) -> None:
    """Whether anything can be offered within a window.

    Raises:
        errors.Invalid: ``bookings.window_too_short``, ``bookings.window_too_long``.
        errors.Conflict: ``bookings.window_over``, ``bookings.too_far_ahead``.
    """
    length = window.ends_at - window.starts_at
    if length < duration:
        raise WINDOW_TOO_SHORT(errors=[FieldError("/window_to", WINDOW_TOO_SHORT.code)])
    if length > timedelta(days=LONGEST_WINDOW_DAYS):
        fault = FieldError("/window_to", WINDOW_TOO_LONG.code)
        raise WINDOW_TOO_LONG(days=LONGEST_WINDOW_DAYS, errors=[fault])
    if window.ends_at - duration - OFFER_NOTICE <= now:
        raise WINDOW_OVER()
    if window.ends_at > now + timedelta(days=DAYS_AHEAD):
        raise TOO_FAR_AHEAD(days=DAYS_AHEAD)


def offer_ends(now: datetime, starts_at: datetime) -> datetime:
    """Until when an offer made now can be accepted."""
    return min(now + OFFER_LASTS, starts_at - OFFER_ENDS_BEFORE_START)
