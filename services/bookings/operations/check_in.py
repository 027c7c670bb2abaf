"""At the door: who comes is checked in; who does not come gives the room back."""

from __future__ import annotations

import hmac
import math

from services.bookings.app import App
from services.bookings.domain import permissions, timing
from services.bookings.domain.booking import Booking
from services.bookings.domain.booking_states import Action
from services.bookings.domain.deadlines import DeadlineKind
from services.bookings.schemas.check_in import CheckIn, CorrectNoShow
from services.bookings.steps.alternatives import (
    WantedBooking,
    helpable_refusal,
    offering_alternatives,
)
from services.bookings.steps.booking_events import record_booking_event
from services.bookings.steps.closure_checks import closure_over
from services.bookings.steps.equipment_units import lock_stock, units_within
from services.bookings.steps.reservation import space_and_centre
from services.bookings.steps.save_booking import save_booking
from services.common import authorisation, clock, errors
from services.common.context import SYSTEM, Call
from services.common.contracts.bookings import events
from services.common.contracts.bookings.errors import (
    CHECK_IN_CLOSED,
    CORRECTION_CLOSED,
    DOOR_CODE_NEEDED,
    TOO_MANY_DOOR_CODES,
    WRONG_DOOR_CODE,
)
from services.common.errors import FieldError
from services.common.storage.mongo import Session
from services.common.time.slots import next_slot


def check_in(app: App, call: Call, command: CheckIn) -> Booking:
    """The people are there: seen by the front desk, or shown by the booking's door code.

    Raises:
        errors.NotFound: the caller may not know of the booking.
        errors.Stale: the booking is not at the expected version any more.
        errors.Conflict: not confirmed, too early, too late, or ``bookings.wrong_door_code``.
        errors.Invalid: ``bookings.door_code_needed``.
        errors.TooManyRequests: ``bookings.too_many_door_codes``.
    """
    # The code is tried outside the transaction: the attempt counts in every case.
    _try_code(app, call, command, _load(app, call, command, None))

    def let_in(session: Session) -> Booking:
        before = _load(app, call, command, session)
        after = before.checked_in(by=call.caller.id, now=app.clock.now())
        save_booking(app, session, before, after)
        app.attempts.clear_attempts(session, before.id)
        place = space_and_centre(app, after.space_id, session)
        record_booking_event(app, call.caller, session, events.BOOKING_CHECKED_IN, after, place)
        return after

    return app.database.transact(let_in)


def _load(app: App, call: Call, command: CheckIn, session: Session | None) -> Booking:
    booking = app.bookings.get(command.id, session)
    authorisation.check_may_see(call.caller, booking)
    if booking.version != command.expected_version:
        raise errors.Stale()
    booking.after(Action.CHECK_IN)
    opens_at = booking.period.starts_at - timing.CHECK_IN_OPENS
    if not opens_at <= app.clock.now() < booking.period.ends_at:
        raise CHECK_IN_CLOSED(
            minutes=int(timing.CHECK_IN_OPENS.total_seconds() // 60),
            extra={
                "opens_at": clock.to_wire(opens_at),
                "closes_at": clock.to_wire(booking.period.ends_at),
            },
        )
    return booking


def _try_code(app: App, call: Call, command: CheckIn, booking: Booking) -> None:
    if command.code is None:
        if not authorisation.is_staff_of(call.caller, booking.centre_id):
            raise DOOR_CODE_NEEDED(errors=[FieldError("/code", DOOR_CODE_NEEDED.code)])
        return
    now = app.clock.now()
    wait_until = app.attempts.count_attempt(
        booking.id, now, most=timing.MOST_WRONG_CODES, within=timing.WRONG_CODES_WITHIN
    )
    if wait_until is not None:
        seconds = math.ceil((wait_until - now).total_seconds())
        raise TOO_MANY_DOOR_CODES(extra={"retry_after": seconds})
    # In the same time for every code; one without a code of its own lets nobody in.
    if booking.door_code is None or not hmac.compare_digest(booking.door_code, command.code):
        raise WRONG_DOOR_CODE(errors=[FieldError("/code", WRONG_DOOR_CODE.code)])


def mark_no_show(app: App, session: Session, before: Booking) -> Booking:
    """Nobody came in time: marked, counted and kept; the rest of the time is free.

    What it counts in the budget is not given back: the room was kept for nobody. Where the moment
    was missed, because the worker was away, the people are waited for once more; whether they come
    then or not, it is not counted. Nor is it where the centre has closed over the booking.

    Raises:
        errors.Conflict: it is not confirmed (any more).
    """
    now = app.clock.now()
    if before.due_at is not None and now - before.due_at > timing.MISSED_BY:
        before = before.awaited(now)
        if now < before.period.ends_at:
            app.bookings.save_grace(session, before)
            app.deadlines.set(session, DeadlineKind.BOOKING, before.id, before.due_at or now)
            return before
    elif closure_over(app, session, before) is not None:
        before = before.excused()
    after = before.not_shown_up(by=SYSTEM.id, now=now)
    save_booking(app, session, before, after)
    if after.held_against:
        app.budgets.count_no_show(session, after.owner)
    place = space_and_centre(app, after.space_id, session)
    free_from = clock.to_wire(min(next_slot(now), before.period.ends_at))
    data = {"free_from": free_from, "counted": after.held_against}
    record_booking_event(app, SYSTEM, session, events.BOOKING_NO_SHOW, after, place, **data)
    return after


def correct_no_show(app: App, call: Call, command: CorrectNoShow) -> Booking:
    """The people were there all the same: nothing counts against them, and the rest of their time
    is theirs again. Once it is over the booking completes, as any other.

    Raises:
        errors.NotFound, errors.Forbidden: the caller is not staff of the centre.
        errors.Stale: the booking is not at the expected version any more.
        errors.Conflict: it is no no-show; ``bookings.correction_closed``; or its time lasts, and
            another booking has taken the rest of it.
    """

    def admit(session: Session) -> Booking:
        before = app.bookings.get(command.id, session)
        permissions.check_may_decide(call.caller, before)
        if before.version != command.expected_version:
            raise errors.Stale()
        now = app.clock.now()
        before.after(Action.CORRECT)
        if now - before.updated_at > timing.CORRECTABLE:
            raise CORRECTION_CLOSED(days=timing.CORRECTABLE.days)
        space, centre = space_and_centre(app, before.space_id, session)
        rest, needs = before.given_up(now), before.equipment
        wanted = WantedBooking(
            space=space,
            centre=centre,
            period=before.period,
            people=before.people,
            caller=call.caller,
            organisation_id=before.organisation_id,
            equipment=needs,
        )
        with helpable_refusal(wanted):
            units: tuple[str, ...] = ()
            if rest is not None:
                lock_stock(app, session, needs)
                units = units_within(app, session, before.centre_id, rest, needs, before)
            after = before.corrected(units, by=call.caller.id, reason=command.reason, now=now)
            save_booking(app, session, before, after, centre=centre)
        if before.held_against:
            app.budgets.uncount_no_show(session, after.owner)
        data = {"reason": command.reason}
        place = (space, centre)
        record_booking_event(
            app, call.caller, session, events.BOOKING_NO_SHOW_CORRECTED, after, place, **data
        )
        return after

    with offering_alternatives(app):
        return app.database.transact(admit)


def complete(app: App, session: Session, before: Booking) -> Booking:
    """The people were there, and the time is over.

    Raises:
        errors.Conflict: nobody was checked in.
    """
    after = before.completed(by=SYSTEM.id, now=app.clock.now())
    save_booking(app, session, before, after)
    place = space_and_centre(app, after.space_id, session)
    record_booking_event(app, SYSTEM, session, events.BOOKING_COMPLETED, after, place)
    return after
