"""A meeting that is going on: ended at once, made shorter or longer, or never begun."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.bookings.app import App
from services.bookings.domain import permissions, rules, timing
from services.bookings.domain.booking import Booking
from services.bookings.domain.booking_states import Action
from services.bookings.domain.budgets import Charge
from services.bookings.domain.centre import Centre, Space
from services.bookings.schemas.check_in import EndBooking, UndoCheckIn
from services.bookings.steps.alternatives import WantedBooking, helpable_refusal
from services.bookings.steps.booking_events import record_booking_event
from services.bookings.steps.budget_use import limits_of
from services.bookings.steps.equipment_units import lock_stock, units_within
from services.bookings.steps.event_data import previous_data
from services.bookings.steps.reservation import space_and_centre
from services.bookings.steps.save_booking import save_booking
from services.common import authorisation, clock, errors
from services.common.context import Call
from services.common.contracts.bookings import events
from services.common.contracts.bookings.errors import (
    EXTENSION_NOT_AGREED,
    IN_THE_PAST,
    OUTSIDE_HOURS,
    UNDO_CLOSED,
)
from services.common.storage.mongo import Session
from services.common.time.period import Period


def end_booking(app: App, call: Call, command: EndBooking) -> Booking:
    """End a meeting now, because its people have left: the rest of its time, and of its budget, is
    free at once.

    Raises:
        errors.NotFound, errors.Forbidden: the caller may not change it.
        errors.Stale: the booking is not at the expected version any more.
        errors.Conflict: its people are not checked in, or its time is over.
    """

    def end(session: Session) -> Booking:
        before = _load(app, call, command.id, command.expected_version, session)
        before.after(Action.END)
        now = app.clock.now()
        _check_lasts(before, now)
        place = space_and_centre(app, before.space_id, session)
        ends_at = before.end_at_once(now)
        after = before.ending(ends_at, over=True, **_common(app, call, session, before, ends_at))
        save_booking(app, session, before, after)
        free_from = after.claim.period.ends_at if after.claim else ends_at
        data = previous_data(before, place[0]) | {"free_from": clock.to_wire(free_from)}
        record_booking_event(app, call.caller, session, events.BOOKING_ENDED, after, place, **data)
        return after

    return app.database.transact(end)


def change_end(
    app: App, call: Call, session: Session, before: Booking, ends_at: datetime
) -> Booking:
    """Let a meeting that is going on end earlier, or later if the time is free, inside the caller's
    transaction.

    Raises:
        errors.Invalid: an impossible end.
        errors.Conflict: its time is over; ``bookings.extension_not_agreed``; or the additional time
            is taken, closed, outside the hours or beyond the budget.
    """
    before.after(Action.CHANGE_END)
    now = app.clock.now()
    rules.check_shape(Period(before.period.starts_at, ends_at))
    _check_lasts(before, now)
    if ends_at <= now:
        raise IN_THE_PAST()
    by_staff = authorisation.is_staff_of(call.caller, before.centre_id)
    rules.check_may_change_again(before.version, by_staff=by_staff)
    space, centre = space_and_centre(app, before.space_id, session)
    common = _common(app, call, session, before, ends_at)
    more = before.extension(ends_at)
    if more is None:
        after = before.ending(ends_at, over=False, **common)
        save_booking(app, session, before, after, centre=centre)
    else:
        after = _extend(app, call, session, before, (space, centre), ends_at, more, common)
    data = previous_data(before, space)
    record_booking_event(
        app, call.caller, session, events.BOOKING_END_CHANGED, after, (space, centre), **data
    )
    return after


def _extend(
    app: App,
    call: Call,
    session: Session,
    before: Booking,
    place: tuple[Space, Centre],
    ends_at: datetime,
    more: Period,
    common: dict[str, Any],
) -> Booking:
    space, centre = place
    app.organisations.check_still_may(session, before.owner)
    added = Period(before.period.ends_at, ends_at)
    wanted = WantedBooking(
        space=space,
        centre=centre,
        period=added,
        people=before.people,
        caller=call.caller,
        organisation_id=before.organisation_id,
        equipment=before.equipment,
    )
    with helpable_refusal(wanted):
        if not centre.opening_hours(space).contains(added):
            raise OUTSIDE_HOURS()
        lock_stock(app, session, before.equipment)
        needs = before.equipment
        units = units_within(app, session, before.centre_id, more, needs, before)
        after = before.ending(ends_at, units, over=False, **common)
        assert before.agreed is not None  # it was confirmed
        if space.needs_approval and not common["by_staff"] and not before.agreed.cover(after.terms):
            raise EXTENSION_NOT_AGREED()
        save_booking(app, session, before, after, centre=centre)
    return after


def undo_check_in(app: App, call: Call, command: UndoCheckIn) -> Booking:
    """Take a check-in back that was a mistake: the people are waited for again.

    Raises:
        errors.NotFound, errors.Forbidden: the caller may not change the booking.
        errors.Stale: the booking is not at the expected version any more.
        errors.Conflict: its people are not checked in; its time is over;
            ``bookings.undo_closed``; ``bookings.too_many_changes``.
    """

    def undo(session: Session) -> Booking:
        before = _load(app, call, command.id, command.expected_version, session)
        before.after(Action.UNDO_CHECK_IN)
        now = app.clock.now()
        _check_lasts(before, now)
        within = timing.CHECK_IN_UNDONE_WITHIN
        if before.checked_in_at is not None and now - before.checked_in_at > within:
            raise UNDO_CLOSED(minutes=int(within.total_seconds() // 60))
        # Each undoing sends a mail, and the people can be checked in again after it.
        by_staff = authorisation.is_staff_of(call.caller, before.centre_id)
        rules.check_may_change_again(before.version, by_staff=by_staff)
        after = before.not_checked_in(by=call.caller.id, reason=command.reason, now=now)
        save_booking(app, session, before, after)
        place = space_and_centre(app, after.space_id, session)
        data = {} if command.reason is None else {"reason": command.reason}
        record_booking_event(
            app, call.caller, session, events.BOOKING_CHECK_IN_UNDONE, after, place, **data
        )
        return after

    return app.database.transact(undo)


def _common(
    app: App, call: Call, session: Session, before: Booking, ends_at: datetime
) -> dict[str, Any]:
    """What each change of the end says of the booking as it is to be."""
    limits = limits_of(app, session, before.organisation_id)
    longer = ends_at > before.period.ends_at
    # What a manager has placed beyond the budget is made longer so by a manager only.
    beyond = before.charge is not None and before.charge.beyond
    beyond = beyond and (call.caller.is_manager() or not longer)
    period = Period(before.period.starts_at, ends_at)
    return {
        "by": call.caller.id,
        "now": app.clock.now(),
        "by_staff": authorisation.is_staff_of(call.caller, before.centre_id),
        "charge": None if limits.none else Charge.of(period, before.time_zone, beyond=beyond),
    }


def _check_lasts(booking: Booking, now: datetime) -> None:
    """Raises:
    errors.Conflict: ``bookings.in_the_past`` if its time is over.
    """
    if booking.period.ends_at <= now:
        raise IN_THE_PAST()


def _load(
    app: App, call: Call, booking_id: str, expected_version: int, session: Session
) -> Booking:
    booking = app.bookings.get(booking_id, session)
    permissions.check_may_change(call.caller, booking)
    if booking.version != expected_version:
        raise errors.Stale()
    return booking
