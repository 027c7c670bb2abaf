"""A booking: what it is, what may happen to it, and what changes when it does.

The state machine is the table :data:`TRANSITIONS`; ``docs/states.md`` is drawn from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from services.bookings.domain.centre import Space
from services.bookings.domain.hours import Period
from services.bookings.domain.slots import on_whole_slots, slots_of
from services.common import clock
from services.common.contracts.bookings.errors import NOT_ALLOWED_NOW


class Status(StrEnum):
    HELD = "held"
    PENDING = "pending"
    CONFIRMED = "confirmed"
    CHECKED_IN = "checked_in"
    COMPLETED = "completed"
    EXPIRED = "expired"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"


class Action(StrEnum):
    CHANGE = "change"
    RESCHEDULE = "reschedule"
    SUBMIT = "submit"
    CONFIRM = "confirm"
    APPROVE = "approve"
    REJECT = "reject"
    EXPIRE = "expire"
    CANCEL = "cancel"
    CHECK_IN = "check_in"
    COMPLETE = "complete"
    MARK_NO_SHOW = "mark_no_show"


TRANSITIONS: Mapping[tuple[Status, Action], Status] = {
    (Status.HELD, Action.SUBMIT): Status.PENDING,
    (Status.HELD, Action.CONFIRM): Status.CONFIRMED,
    (Status.HELD, Action.EXPIRE): Status.EXPIRED,
    (Status.HELD, Action.CANCEL): Status.CANCELLED,
    (Status.PENDING, Action.CHANGE): Status.PENDING,
    (Status.PENDING, Action.RESCHEDULE): Status.PENDING,
    (Status.PENDING, Action.APPROVE): Status.CONFIRMED,
    (Status.PENDING, Action.REJECT): Status.REJECTED,
    (Status.PENDING, Action.EXPIRE): Status.EXPIRED,
    (Status.PENDING, Action.CANCEL): Status.CANCELLED,
    (Status.CONFIRMED, Action.CHANGE): Status.CONFIRMED,
    (Status.CONFIRMED, Action.RESCHEDULE): Status.CONFIRMED,
    (Status.CONFIRMED, Action.CANCEL): Status.CANCELLED,
    (Status.CONFIRMED, Action.CHECK_IN): Status.CHECKED_IN,
    (Status.CONFIRMED, Action.MARK_NO_SHOW): Status.NO_SHOW,
    (Status.CHECKED_IN, Action.COMPLETE): Status.COMPLETED,
}

# While a booking is in one of these, its time is nobody else's.
HOLDS_ITS_TIME = frozenset({Status.HELD, Status.PENDING, Status.CONFIRMED, Status.CHECKED_IN})


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of a booking's history.

    Attributes:
        changes: field → ``(from, to)`` in wire form.
    """

    at: datetime
    by: str
    action: str
    reason: str | None
    changes: Mapping[str, tuple[Any, Any]]
    version: int


@dataclass(frozen=True, slots=True)
class Claim:
    """What a booking takes: leaf spaces, and the booked time with the buffers of its space.

    Attributes:
        slots: one string per leaf and slot, under the unique index.
    """

    leaves: tuple[str, ...]
    period: Period
    slots: tuple[str, ...]

    @classmethod
    def on(cls, space: Space, period: Period) -> Claim:
        """What a booking of this space at this time takes."""
        taken = on_whole_slots(
            Period(period.starts_at - space.buffer_before, period.ends_at + space.buffer_after)
        )
        return cls(space.leaves, taken, slots_of(space.leaves, taken))


@dataclass(frozen=True, slots=True)
class Booking:
    """A space, for an organisation, for a time.

    Attributes:
        period: the booked time, without buffers.
        claim: what it takes; ``None`` once its time is free again.
        people: how many are expected, if said.
        series_id: the series it is an occurrence of, if it is.
        history: every change, oldest first.
    """

    id: str
    space_id: str
    centre_id: str
    organisation_id: str
    booked_by: str
    period: Period
    time_zone: str
    title: str
    purpose: str
    people: int | None
    status: Status
    claim: Claim | None
    created_at: datetime
    updated_at: datetime
    version: int = 1
    cancellation_reason: str | None = None
    series_id: str | None = None
    history: tuple[Change, ...] = ()

    def after(self, action: Action) -> Status:
        """The status that the action leads to.

        Raises:
            errors.Conflict: ``bookings.not_allowed_now`` if the table has no such transition.
        """
        try:
            return TRANSITIONS[self.status, action]
        except KeyError:
            raise NOT_ALLOWED_NOW(
                f"{action} is not possible while {self.status}", status=self.status.value
            ) from None

    def cancelled(self, *, by: str, reason: str | None, now: datetime) -> Booking:
        """The booking called off; its time is free again."""
        return self._changed(
            Action.CANCEL, by=by, now=now, reason=reason, cancellation_reason=reason, claim=None
        )

    def rescheduled(
        self, space: Space, period: Period, *, by: str, now: datetime, **details: Any
    ) -> Booking:
        """The booking at another time, in another space, or both; and other details at once."""
        return self._changed(
            Action.RESCHEDULE,
            by=by,
            now=now,
            space_id=space.id,
            centre_id=space.centre_id,
            period=period,
            claim=Claim.on(space, period),
            **details,
        )

    def detailed(self, *, by: str, now: datetime, **details: Any) -> Booking:
        """The booking with another title, purpose or number of people."""
        return self._changed(Action.CHANGE, by=by, now=now, **details)

    def _changed(
        self,
        action: Action,
        *,
        by: str,
        now: datetime,
        reason: str | None = None,
        **values: Any,
    ) -> Booking:
        status = self.after(action)
        version = self.version + 1
        changed = replace(self, status=status, version=version, updated_at=now, **values)
        entry = Change(now, by, action.value, reason, differences(self, changed), version)
        return replace(changed, history=(*self.history, entry))


def facts(booking: Booking) -> dict[str, Any]:
    """The fields that history speaks of, in wire form."""
    return {
        "space_id": booking.space_id,
        "starts_at": clock.to_wire(booking.period.starts_at),
        "ends_at": clock.to_wire(booking.period.ends_at),
        "title": booking.title,
        "purpose": booking.purpose,
        "people": booking.people,
        "status": booking.status.value,
    }


def differences(before: Booking | None, after: Booking) -> dict[str, tuple[Any, Any]]:
    """Which fields differ: field → (from, to). Everything is new where there was no booking."""
    old = facts(before) if before else dict.fromkeys(facts(after))
    return {key: (old[key], value) for key, value in facts(after).items() if old[key] != value}


def placed(
    *,
    id: str,
    space: Space,
    organisation_id: str,
    booked_by: str,
    period: Period,
    time_zone: str,
    title: str,
    purpose: str,
    people: int | None,
    now: datetime,
    series_id: str | None = None,
) -> Booking:
    """A new booking: confirmed, or pending where the space needs the front desk's approval."""
    booking = Booking(
        id=id,
        space_id=space.id,
        centre_id=space.centre_id,
        organisation_id=organisation_id,
        booked_by=booked_by,
        period=period,
        time_zone=time_zone,
        title=title,
        purpose=purpose,
        people=people,
        status=Status.PENDING if space.needs_approval else Status.CONFIRMED,
        claim=Claim.on(space, period),
        created_at=now,
        updated_at=now,
        series_id=series_id,
    )
    entry = Change(now, booked_by, "create", None, differences(None, booking), 1)
    return replace(booking, history=(entry,))
