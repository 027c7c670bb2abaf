"""Holds: a time that is reserved until a moment, and then confirmed or released.

A hold is placed like any booking, by :func:`reservation.reserve` with ``hold_until``. The operation
that places it has it confirmed here; without that it expires by itself (see
``booking_deadlines.py``).
"""

from __future__ import annotations

from services.bookings.app import App
from services.bookings.domain import rules
from services.bookings.domain.booking import Booking
from services.bookings.domain.centre import Centre, Space
from services.bookings.steps import budget_use
from services.bookings.steps.alternatives import WantedBooking, helpable_refusal
from services.bookings.steps.booking_events import record_booking_event, reported_in
from services.bookings.steps.closure_checks import check_not_closed
from services.bookings.steps.reservation import space_and_centre
from services.bookings.steps.save_booking import save_booking
from services.common.context import SYSTEM, Call
from services.common.contracts.bookings import events
from services.common.contracts.bookings.errors import HOLD_OVER
from services.common.storage.mongo import Session


def confirm(app: App, call: Call, session: Session, before: Booking) -> Booking:
    """Take the held time: confirmed, or pending where the space needs the front desk's approval.

    The caller has made sure that this person may.

    Raises:
        errors.Conflict: the booking is not held, the hold is over, or it cannot be had any more.
    """
    now = app.clock.now()
    space, centre = space_and_centre(app, before.space_id, session)
    if space.needs_approval:
        after = before.submitted(by=call.caller.id, now=now)
    else:
        after = before.confirmed(by=call.caller.id, now=now)
    check_not_over(app, before)
    wanted = WantedBooking(
        space=space,
        centre=centre,
        period=before.period,
        people=before.people,
        caller=call.caller,
        organisation_id=before.organisation_id,
        equipment=before.equipment,
    )
    with helpable_refusal(wanted):
        check_acceptable(app, call, session, before, (space, centre))
    save_booking(app, session, before, after)
    event_type = events.BOOKING_REQUESTED if space.needs_approval else events.BOOKING_CONFIRMED
    record_booking_event(app, call.caller, session, event_type, after, (space, centre))
    return after


def check_acceptable(
    app: App, call: Call, session: Session, held: Booking, place: tuple[Space, Centre]
) -> None:
    """Whether a held time can be taken as things stand now: what was so when it was held may have
    changed.

    Args:
        place: its space and centre.

    Raises:
        errors.Conflict: the organisation may not use the centre; the space is retired, closed or
            too small then; or the budget does not cover it any more.
    """
    space, centre = place
    app.organisations.check_still_may(session, held.owner)
    rules.check_time(space, centre, held.period, app.clock.now())
    rules.check_people(space, held.people)
    check_not_closed(app, session, held)
    budget_use.check_again(app, call, session, held)


def expire(app: App, session: Session, before: Booking, *, part_of: str | None = None) -> Booking:
    """Give the time of a hold or a request back, because nobody has acted upon it.

    Args:
        part_of: what informs people instead, see ``booking_events.reported_in``.

    Raises:
        errors.Conflict: it is neither held nor pending.
    """
    after = before.expired(by=SYSTEM.id, now=app.clock.now())
    save_booking(app, session, before, after)
    place = space_and_centre(app, after.space_id, session)
    record_booking_event(
        app, SYSTEM, session, events.BOOKING_EXPIRED, after, place, **reported_in(part_of)
    )
    return after


def check_not_over(app: App, booking: Booking) -> None:
    """Raises:
    errors.Conflict: ``bookings.hold_over``, also before the worker has come to expire it.
    """
    if booking.expires_at is not None and booking.expires_at <= app.clock.now():
        raise HOLD_OVER()
