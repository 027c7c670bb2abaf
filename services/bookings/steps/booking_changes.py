"""How a booking is changed inside a transaction, for one alone and for several at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.bookings.app import App
from services.bookings.domain import permissions, rules
from services.bookings.domain.booking import Booking
from services.bookings.domain.budgets import Charge
from services.bookings.steps.alternatives import (
    WantedBooking,
    helpable_refusal,
)
from services.bookings.steps.booking_events import record_booking_event, reported_in
from services.bookings.steps.budget_use import limits_of
from services.bookings.steps.closure_checks import closure_over
from services.bookings.steps.equipment_units import lock_stock, units_for
from services.bookings.steps.event_data import previous_data, reason_data
from services.bookings.steps.guest_mail import count_news
from services.bookings.steps.reservation import (
    space_and_centre,
)
from services.bookings.steps.save_booking import save_booking
from services.common import authorisation
from services.common.context import Call
from services.common.contracts.bookings import events
from services.common.contracts.bookings.errors import IN_THE_PAST
from services.common.storage.mongo import Session
from services.common.time.period import Period


def call_off(
    app: App,
    call: Call,
    session: Session,
    before: Booking,
    reason: str | None,
    *,
    part_of: str | None = None,
) -> Booking:
    """Cancel a booking that the caller may change.

    Args:
        part_of: the series whose own event informs people, see ``booking_events.reported_in``.
    """
    now = app.clock.now()
    late = gives_up_late(app, call, session, before, now)
    after = before.cancelled(by=call.caller.id, reason=reason, now=now, late=late)
    if before.period.ends_at <= now:
        raise IN_THE_PAST()
    space, centre = space_and_centre(app, before.space_id, session)
    save_booking(app, session, before, after)
    if late:
        app.budgets.count_late_cancellation(session, after.owner)
    data = {"reason": reason, **reported_in(part_of)}
    record_booking_event(
        app, call.caller, session, events.BOOKING_CANCELLED, after, (space, centre), **data
    )
    return after


def reschedule(
    app: App,
    call: Call,
    session: Session,
    before: Booking,
    space_id: str | None,
    period: Period,
    details: dict[str, Any],
    *,
    reason: str | None = None,
    reasons: Mapping[str, str] | None = None,
    part_of: str | None = None,
    still: bool = False,
) -> Booking:
    """Give a booking another time or space, inside the caller's transaction.

    Args:
        space_id: another space; None for the same.
        details: other fields that change with it.
        reason, reasons: why, as one text and in each language, for the people of the booking.
        part_of: as :func:`call_off`.
        still: as ``ReservationRequest``.

    Raises:
        errors.Invalid, errors.Conflict, errors.Forbidden: as ``operations/bookings.py:create``.
    """
    now = app.clock.now()
    rules.check_shape(period)
    old_space, old_centre = space_and_centre(app, before.space_id, session)
    space, centre = old_space, old_centre
    if space_id is not None and space_id != before.space_id:
        space, centre = space_and_centre(app, space_id, session)
    permissions.check_may_book(call.caller, before.organisation_id, centre.id)
    limits = limits_of(app, session, before.organisation_id)
    # What a manager has placed beyond the budget stays so only while a manager moves it.
    beyond = before.charge is not None and before.charge.beyond and call.caller.is_manager()
    moves_on = period.starts_at > before.period.starts_at
    late = gives_up_late(app, call, session, before, now)
    after = before.rescheduled(
        space,
        period,
        by=call.caller.id,
        now=now,
        by_staff=authorisation.is_staff_of(call.caller, centre.id),
        reason=reason,
        time_zone=centre.time_zone,
        charge=None if limits.none else Charge.of(period, centre.time_zone, beyond=beyond),
        given_up_late=before.given_up_late or (late and moves_on),
        **details,
    )
    if before.period.starts_at <= now:
        raise IN_THE_PAST()
    check_may_change_again(call, before)
    wanted = WantedBooking(
        space=space,
        centre=centre,
        period=period,
        people=after.people,
        caller=call.caller,
        organisation_id=before.organisation_id,
        equipment=after.equipment,
        before=before,
        beyond_budget=beyond,
    )
    with helpable_refusal(wanted):
        rules.check_time(space, centre, period, now)
        rules.check_people(space, after.people)
        if not still:
            lock_stock(app, session, after.equipment)
        after = after.with_units(units_for(app, session, space, period, after.equipment, before))
        save_booking(app, session, before, after, limits, centre)
    count_news(app, call, session, before, after)
    data = previous_data(before, old_space) | reason_data(reason, reasons) | reported_in(part_of)
    record_booking_event(
        app, call.caller, session, events.BOOKING_RESCHEDULED, after, (space, centre), **data
    )
    return after


def change_details(
    app: App,
    call: Call,
    session: Session,
    before: Booking,
    details: dict[str, Any],
    *,
    part_of: str | None = None,
) -> Booking:
    """Give a booking that the caller may change another title, purpose or number of people.

    Args:
        part_of: as :func:`call_off`.
    """
    now = app.clock.now()
    space, centre = space_and_centre(app, before.space_id, session)
    by_staff = authorisation.is_staff_of(call.caller, centre.id)
    after = before.detailed(space, by=call.caller.id, now=now, by_staff=by_staff, **details)
    asks_again = after.status is not before.status
    if before.period.ends_at <= now or (asks_again and before.period.starts_at <= now):
        raise IN_THE_PAST()
    check_may_change_again(call, before)
    period, needs = after.period, after.equipment
    wanted = WantedBooking(
        space=space,
        centre=centre,
        period=period,
        people=after.people,
        caller=call.caller,
        organisation_id=before.organisation_id,
        equipment=needs,
        before=before,
    )
    with helpable_refusal(wanted):
        # A number that stays the same is not checked again where the room has become smaller since.
        if after.people != before.people:
            rules.check_people(space, after.people)
        if needs != before.equipment:
            lock_stock(app, session, needs)
            after = after.with_units(units_for(app, session, space, period, needs, before))
    save_booking(app, session, before, after, centre=centre)
    count_news(app, call, session, before, after)
    place = (space, centre)
    record_booking_event(
        app, call.caller, session, events.BOOKING_CHANGED, after, place, **reported_in(part_of)
    )
    return after


def join(
    app: App, call: Call, session: Session, before: Booking, series_id: str, part_of: str | None
) -> Booking:
    """Make a booking an occurrence of another series. It is kept for order's sake and is no change
    by people, so it is not refused to one that they may change no more.

    Args:
        part_of: as :func:`call_off`.
    """
    space, centre = space_and_centre(app, before.space_id, session)
    after = before.detailed(space, by=call.caller.id, now=app.clock.now(), series_id=series_id)
    save_booking(app, session, before, after)
    place = (space, centre)
    record_booking_event(
        app, call.caller, session, events.BOOKING_CHANGED, after, place, **reported_in(part_of)
    )
    return after


def check_may_change_again(call: Call, before: Booking) -> None:
    """Raises:
    errors.Conflict: ``bookings.too_many_changes``.
    """
    by_staff = authorisation.is_staff_of(call.caller, before.centre_id)
    rules.check_may_change_again(before.version, by_staff=by_staff)


def gives_up_late(app: App, call: Call, session: Session, before: Booking, now: datetime) -> bool:
    """Whether a booking's own people give up its time too late for others to use it; not where
    the centre has closed over it, since nobody could use it then."""
    own = call.caller.belongs_to(before.organisation_id)
    return own and before.frees_late(now) and closure_over(app, session, before) is None
