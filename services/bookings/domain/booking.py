"""A booking: what it is, what may happen to it, and what changes when it does.

Its states are in ``booking_states.py``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from services.bookings.domain import timing
from services.bookings.domain.booking_details import BookingDetails, details_of
from services.bookings.domain.booking_notes import Affected, Headcount
from services.bookings.domain.booking_states import COUNTS, TRANSITIONS, Action, Status
from services.bookings.domain.budgets import Charge
from services.bookings.domain.centre import Space
from services.bookings.domain.claims import Claim
from services.bookings.domain.equipment import Need
from services.bookings.domain.own_use import OwnUse
from services.bookings.domain.terms import Terms
from services.common import clock
from services.common.contracts.bookings.errors import OF_REQUEST
from services.common.history.changes import Change, differing
from services.common.time.period import Period
from services.common.time.slots import SLOT, next_slot, slot_boundary


@dataclass(frozen=True, slots=True)
class Booking(BookingDetails):
    """A space, for an organisation or the centre's own use, for a time.

    Attributes:
        organisation_id: whose it is; ``None`` where it is for the centre's own use.
        period: the booked time, without buffers.
        claim: what it takes; ``None`` once its time is free again.
        series_id: the series it is an occurrence of, if it is.
        expires_at: until when it waits, while it is held or pending.
        door_code: six digits that its people show or type at the door; kept from everybody else.
        given_up_late: whether its people moved it away from a time too late for others to use that.
        cancelled_late: whether it was called off too late for others to use the time.
        charge: what has been counted for it in its organisation's budget; ``None`` where nothing
            has: it does not count any more, or was made where there is no limit.
        affected_by: the closures that were made over it.
        headcount: who was there, once that is known.
        grace_until: until when its people are waited for, where that they do not come is held
            against nobody: the moment to look for them was missed, or the centre has closed over
            the booking.
        claimed_until: as a no-show, until when it had its space, buffer included; ``None`` where it
            was marked before that was kept.
        equipment: what it wants of the centre's equipment; which units it has, its claim says.
        agreed: what was approved, or confirmed where nobody had to approve it; ``None`` before.
            It stays as it is while the booking is made smaller.
        left_open: where staff have left it outside the hours, the parts of its time in which its
            space was open then.
        own_use: which request of another branch it is for, where it is the centre's own.
        history: every change, oldest first.
    """

    id: str
    space_id: str
    centre_id: str
    organisation_id: str | None
    booked_by: str
    period: Period
    time_zone: str
    status: Status
    claim: Claim | None
    created_at: datetime
    updated_at: datetime
    version: int = 1
    cancellation_reason: str | None = None
    series_id: str | None = None
    history: tuple[Change, ...] = ()
    expires_at: datetime | None = None
    rejection_reason: str | None = None
    door_code: str | None = None
    checked_in_at: datetime | None = None
    cancelled_late: bool = False
    charge: Charge | None = None
    affected_by: tuple[Affected, ...] = ()
    headcount: Headcount | None = None
    equipment: tuple[Need, ...] = ()
    grace_until: datetime | None = None
    given_up_late: bool = False
    claimed_until: datetime | None = None
    agreed: Terms | None = None
    left_open: tuple[Period, ...] | None = None
    own_use: OwnUse | None = None

    @property
    def owner(self) -> str:
        """The organisation whose booking it is, for what only organisations can do.

        Raises:
            errors.Conflict: ``bookings.of_request`` for the centre's own use.
        """
        if self.organisation_id is None:
            raise OF_REQUEST()
        return self.organisation_id

    @property
    def terms(self) -> Terms:
        """What it uses now."""
        return Terms(self.space_id, self.period, self.people, self.equipment)

    @property
    def due_at(self) -> datetime | None:
        """When time itself changes it: it expires, is given up as a no-show, or is over."""
        if self.status in (Status.HELD, Status.PENDING):
            return self.expires_at
        if self.status is Status.CONFIRMED and self.own_use is not None:
            return self.period.ends_at
        if self.status is Status.CONFIRMED:
            return self.grace_until or self.period.starts_at + timing.NO_SHOW_GRACE
        if self.status is Status.CHECKED_IN:
            return self.period.ends_at
        return None

    @property
    def held_against(self) -> bool:
        """Whether its being a no-show counts in its organisation's manners."""
        return self.status is Status.NO_SHOW and self.grace_until is None

    @property
    def counts(self) -> Charge | None:
        """What it counts in its organisation's budget, whether that has been counted or not."""
        if self.status not in COUNTS or self.organisation_id is None:
            return None
        return self.charge or Charge.of(self.period, self.time_zone)

    def after(self, action: Action) -> Status:
        """The status that the action leads to.

        Raises:
            errors.Conflict: ``bookings.of_request`` for what cannot happen to the centre's own use;
                ``bookings.not_allowed_now`` if the table has no such transition.
        """
        if self.own_use is not None:
            self.own_use.check_may(action)
        return TRANSITIONS.after(self.status, action)

    def frees_late(self, now: datetime) -> bool:
        """Whether it is too late for others to use the time that it would give up now; also where
        such a time was given up before, and the booking only moved on from it."""
        soon = self.status is Status.CONFIRMED and timing.is_late(now, self.period.starts_at)
        return soon or (self.given_up_late and self.status in (Status.CONFIRMED, Status.PENDING))

    def cancelled(
        self, *, by: str, reason: str | None, now: datetime, late: bool = False
    ) -> Booking:
        """The booking called off; its time is free again."""
        return self._given_back(
            Action.CANCEL,
            by=by,
            now=now,
            reason=reason,
            cancellation_reason=reason,
            cancelled_late=late,
        )

    def submitted(self, *, by: str, now: datetime) -> Booking:
        """The held time asked for; the front desk decides."""
        return self._changed(
            Action.SUBMIT,
            by=by,
            now=now,
            expires_at=timing.approval_due(now, self.period.starts_at),
        )

    def confirmed(self, *, by: str, now: datetime) -> Booking:
        """The held time taken for good."""
        return self._changed(Action.CONFIRM, by=by, now=now, expires_at=None, agreed=self.terms)

    def approved(self, *, by: str, now: datetime) -> Booking:
        """The request granted."""
        return self._changed(Action.APPROVE, by=by, now=now, expires_at=None, agreed=self.terms)

    def rejected(self, *, by: str, reason: str, now: datetime) -> Booking:
        """The request turned down; its time is free again."""
        return self._given_back(
            Action.REJECT, by=by, now=now, reason=reason, rejection_reason=reason
        )

    def expired(self, *, by: str, now: datetime) -> Booking:
        """The hold or request that nobody acted upon; its time is free again."""
        return self._given_back(Action.EXPIRE, by=by, now=now)

    def checked_in(self, *, by: str, now: datetime) -> Booking:
        """The people are there."""
        return self._changed(Action.CHECK_IN, by=by, now=now, checked_in_at=now)

    def not_shown_up(self, *, by: str, now: datetime) -> Booking:
        """Nobody came: what is left of the time is free again from the next slot on."""
        claim = self.claim.until(next_slot(now)) if self.claim else None
        until = self.claim.period.ends_at if self.claim else None
        return self._changed(Action.MARK_NO_SHOW, by=by, now=now, claim=claim, claimed_until=until)

    def awaited(self, now: datetime) -> Booking:
        """The booking whose people should have been looked for long ago: waited for once more, as
        long as its time lasts. The same version, since people do not see it."""
        return replace(self, grace_until=min(now + timing.NO_SHOW_GRACE, self.period.ends_at))

    def excused(self) -> Booking:
        """The booking of people who would come to a closed door: an absence then counts against
        nobody. The same version, since it is said with what becomes of it.
        """
        return replace(self, grace_until=self.due_at)

    def given_up(self, now: datetime) -> Period | None:
        """What a no-show would have again, were it corrected now: what is left of the time that it
        had, with the buffer that it had, also if its space has another one by now. ``None`` where
        nothing is."""
        if self.claim is None or self.period.ends_at <= now:
            return None
        starts_at = max(next_slot(now), self.claim.period.ends_at)
        ends_at = self.claimed_until or self.period.ends_at
        return Period(starts_at, ends_at) if starts_at < ends_at else None

    def corrected(self, units: tuple[str, ...], *, by: str, reason: str, now: datetime) -> Booking:
        """Marked as a no-show, although the people were there: what is left of its time is its own
        again.

        Args:
            units: of equipment, for what is left.
        """
        claim, rest = self.claim, self.given_up(now)
        if claim is not None and rest is not None:
            claim = claim.resumed(rest, units)
        return self._changed(
            Action.CORRECT,
            by=by,
            now=now,
            reason=reason,
            claim=claim,
            claimed_until=None,
            checked_in_at=now,
        )

    def completed(self, *, by: str, now: datetime) -> Booking:
        """The people were there, and the time is over."""
        return self._changed(Action.COMPLETE, by=by, now=now)

    def own_use_ended(self, *, by: str, now: datetime) -> Booking:
        """The centre's own use over: at its end, or earlier where its time is given back."""
        ends_at = self.end_at_once(now)
        claim = self.claim
        if claim is not None:
            claim = claim.until(claim.period.ends_at - (self.period.ends_at - ends_at))
        period = Period(self.period.starts_at, ends_at)
        return self._changed(Action.END_OWN_USE, by=by, now=now, period=period, claim=claim)

    def end_at_once(self, now: datetime) -> datetime:
        """When it ends if its people leave now: on the raster, a slot after its start or later."""
        return min(self.period.ends_at, max(slot_boundary(now), self.period.starts_at + SLOT))

    def extension(self, ends_at: datetime) -> Period | None:
        """What it would take more if it ended then, with the buffer that it has; ``None`` if
        nothing."""
        if self.claim is None or ends_at <= self.period.ends_at:
            return None
        claimed_until = self.claim.period.ends_at
        return Period(claimed_until, claimed_until + (ends_at - self.period.ends_at))

    def ending(
        self,
        ends_at: datetime,
        units: tuple[str, ...] = (),
        *,
        over: bool,
        by: str,
        now: datetime,
        by_staff: bool,
        charge: Charge | None,
    ) -> Booking:
        """The meeting that is going on with another end; what it does not use any more is free.

        Args:
            units: of equipment, for what it takes more.
            over: whether its people have left.
        """
        claim, more = self.claim, self.extension(ends_at)
        if claim is not None:
            shorter = claim.until(claim.period.ends_at - (self.period.ends_at - ends_at))
            claim = shorter if more is None else claim.resumed(more, units)
        period = Period(self.period.starts_at, ends_at)
        return self._changed(
            Action.END if over else Action.CHANGE_END,
            by=by,
            now=now,
            period=period,
            claim=claim,
            charge=charge,
            agreed=self._agreed_to(replace(self.terms, period=period), by_staff),
        )

    def not_checked_in(self, *, by: str, reason: str | None, now: datetime) -> Booking:
        """The check-in was a mistake. Where the grace is over by now, the people are waited for
        once more, and an absence then counts against nobody.
        """
        over = self.period.starts_at + timing.NO_SHOW_GRACE <= now
        waited = min(now + timing.NO_SHOW_GRACE, self.period.ends_at) if over else self.grace_until
        return self._changed(
            Action.UNDO_CHECK_IN,
            by=by,
            now=now,
            reason=reason,
            checked_in_at=None,
            headcount=None,
            grace_until=waited,
        )

    def counted(self, *, women: int, men: int, by: str, now: datetime) -> Booking:
        """The booking with who was there."""
        headcount = Headcount(women, men)
        return self._changed(Action.COUNT, by=by, now=now, headcount=headcount)

    def rescheduled(
        self,
        space: Space,
        period: Period,
        *,
        by: str,
        now: datetime,
        by_staff: bool = False,
        **details: Any,
    ) -> Booking:
        """The booking at another time, in another space, or both; and other details at once. Which
        units of equipment it has then is yet to be said, see :meth:`with_units`.

        Where the space needs approval and the booking asks for more than was agreed, it waits for
        the front desk again, unless staff change it. Of the centre's own use only the room changes.
        """
        if self.own_use is not None:
            same_time = (space.centre_id, period) == (self.centre_id, self.period)
            self.own_use.check_may_become(same_time, details)
        terms = Terms(
            space.id,
            period,
            details.get("people", self.people),
            details.get("equipment", self.equipment),
        )
        again = self._asks_again(space, terms, by_staff)
        action = Action.RESUBMIT if again else Action.RESCHEDULE
        waits = self.after(action) is Status.PENDING
        return self._changed(
            action,
            by=by,
            now=now,
            space_id=space.id,
            centre_id=space.centre_id,
            period=period,
            claim=Claim.on(space, period),
            expires_at=timing.approval_due(now, period.starts_at) if waits else None,
            agreed=self.agreed if waits else self._agreed_to(terms, by_staff),
            left_open=None,
            **details,
        )

    def left_outside(
        self, open_parts: tuple[Period, ...], *, by: str, reason: str | None, now: datetime
    ) -> Booking:
        """The booking that staff leave as it is, although it lies outside the hours."""
        return self._changed(Action.LEAVE, by=by, now=now, reason=reason, left_open=open_parts)

    def detailed(
        self, space: Space, *, by: str, now: datetime, by_staff: bool = False, **details: Any
    ) -> Booking:
        """The booking with another title, purpose or number of people, or other equipment. It may
        have to wait for the front desk again, as when it is :meth:`rescheduled`."""
        terms = replace(
            self.terms,
            people=details.get("people", self.people),
            equipment=details.get("equipment", self.equipment),
        )
        if self._asks_again(space, terms, by_staff):
            due = timing.approval_due(now, self.period.starts_at)
            return self._changed(Action.RESUBMIT, by=by, now=now, expires_at=due, **details)
        waits = self.after(Action.CHANGE) is Status.PENDING
        agreed = self.agreed if waits else self._agreed_to(terms, by_staff)
        return self._changed(Action.CHANGE, by=by, now=now, agreed=agreed, **details)

    def _asks_again(self, space: Space, terms: Terms, by_staff: bool) -> bool:
        """Whether the front desk has to decide on these terms of a confirmed booking."""
        needed = space.needs_approval and not by_staff and self.own_use is None
        if self.status is not Status.CONFIRMED or not needed:
            return False
        assert self.agreed is not None  # it is confirmed
        return not self.agreed.cover(terms)

    def _agreed_to(self, terms: Terms, by_staff: bool) -> Terms:
        """What is agreed once the confirmed booking has these terms. What staff change is agreed
        anew; people who use less may use all of it again."""
        assert self.agreed is not None  # it is confirmed
        decided = by_staff and terms != self.terms
        return terms if decided or not self.agreed.cover(terms) else self.agreed

    def with_units(self, units: tuple[str, ...]) -> Booking:
        """The same version of the booking, with these units of equipment."""
        return self if self.claim is None else replace(self, claim=self.claim.using(units))

    def _given_back(self, action: Action, *, by: str, now: datetime, **values: Any) -> Booking:
        """The booking without its time, and without its share of the budget."""
        return self._changed(
            action, by=by, now=now, claim=None, charge=None, expires_at=None, **values
        )

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
        **details_of(booking),
        "equipment": [
            {"equipment_id": each.equipment_id, "quantity": each.quantity}
            for each in booking.equipment
        ],
        "women": booking.headcount.women if booking.headcount else None,
        "men": booking.headcount.men if booking.headcount else None,
        "status": booking.status.value,
    }


def differences(before: Booking | None, after: Booking) -> dict[str, tuple[Any, Any]]:
    """Which fields differ: field → (from, to). Everything is new where there was no booking."""
    return differing(facts(before) if before else None, facts(after))
