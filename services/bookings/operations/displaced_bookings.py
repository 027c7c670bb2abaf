"""What becomes of a booking in the centre's way: called off, or moved, with notice.

In the way of a closure; or outside the hours, see ``outside_hours.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from services.bookings.app import App
from services.bookings.domain import closures as rules
from services.bookings.domain.availability import free_periods, nearest
from services.bookings.domain.booking import Booking
from services.bookings.domain.centre import Space
from services.bookings.domain.closures import Closure, Outcome
from services.bookings.domain.rules import DAYS_AHEAD
from services.bookings.domain.timing import LATE_CANCELLATION
from services.bookings.schemas.closures import ResolveClosure
from services.bookings.steps.alternatives import offering_alternatives
from services.bookings.steps.availability_snapshot import snapshot_of
from services.bookings.steps.booking_changes import reschedule
from services.bookings.steps.booking_events import record_booking_event, reported_in
from services.bookings.steps.event_data import reason_data
from services.bookings.steps.reservation import space_and_centre
from services.bookings.steps.save_booking import save_booking
from services.bookings.steps.waitlist_entries import withdraw_offer
from services.common import errors
from services.common.context import Call
from services.common.contracts.bookings import events
from services.common.contracts.bookings.closures import MOST_RESOLVED
from services.common.contracts.bookings.errors import (
    EQUIPMENT_TAKEN,
    GUESTS_DO_NOT_FIT,
    NO_PLACE_FOUND,
    NOT_AFFECTED,
    SPACE_CLOSED,
    SPACE_TAKEN,
)
from services.common.storage.mongo import Session
from services.common.time.period import Period
from services.common.time.slots import next_slot

# How far from its time a booking may be moved without anybody choosing, and how many free places
# are tried: the first may be gone by the time it is taken.
REACH = timedelta(days=14)
MOST_TRIED = 5

_ANOTHER_PLACE_MAY_DO = frozenset(
    {SPACE_TAKEN.code, SPACE_CLOSED.code, EQUIPMENT_TAKEN.code, GUESTS_DO_NOT_FIT.code}
)


@dataclass(frozen=True, slots=True)
class Target:
    """Where a booking could go."""

    space: Space
    period: Period


def next_waiting(app: App, closure: Closure) -> list[str]:
    """The bookings that wait for a decision, as many as one request may decide upon."""
    waiting = (
        each.id
        for each in app.closures.affected(closure.id)
        if closure.outcome(each) == Outcome.WAITING
    )
    return list(islice(waiting, MOST_RESOLVED))


def _waiting(
    app: App, closure_id: str, booking_id: str, expected_version: int | None, session: Session
) -> tuple[Closure, Booking]:
    """The booking, if it still waits for a decision of the closure, which still stands.

    Args:
        expected_version: of the closure; ``None`` after the first decision, which has raised it.

    Raises:
        errors.Stale: it is not at the expected version any more.
        errors.Conflict: ``bookings.not_affected``, ``bookings.closure_lifted``.
        errors.NotFound: there is no such booking.
    """
    closure = app.closures.get(closure_id, session)
    if expected_version is not None and closure.version != expected_version:
        raise errors.Stale()
    closure.check_stands(app.clock.now())
    booking = app.bookings.get(booking_id, session)
    if not closure.lists(booking) or closure.outcome(booking) != Outcome.WAITING:
        raise NOT_AFFECTED()
    return closure, booking


def cancel(
    app: App, call: Call, closure_id: str, booking_id: str, expected_version: int | None
) -> None:
    """Call a booking off that waits, for the closure's reason.

    Args:
        expected_version: see :func:`_waiting`.

    Raises:
        errors.Conflict, errors.NotFound: it does not wait for a decision of this closure.
    """

    def call_off(session: Session) -> None:
        closure, before = _waiting(app, closure_id, booking_id, expected_version, session)
        call_off_for_centre(app, call, session, before, closure.text(), closure.texts())

    app.database.transact(call_off)


def call_off_for_centre(
    app: App,
    call: Call,
    session: Session,
    before: Booking,
    reason: str | None,
    reasons: Mapping[str, str] | None,
) -> None:
    """Cancel a booking because the centre cannot have it; never late for its people.

    Args:
        reason, reasons: why, as one text and in each language.
    """
    after = before.cancelled(by=call.caller.id, reason=reason, now=app.clock.now())
    save_booking(app, session, before, after)
    data = {"reason": None, **reason_data(reason, reasons)}
    data |= reported_in(
        withdraw_offer(app, call.caller, session, before, reason_data(reason, reasons))
    )
    place = space_and_centre(app, after.space_id, session)
    record_booking_event(app, call.caller, session, events.BOOKING_CANCELLED, after, place, **data)


def move(
    app: App,
    call: Call,
    closure: Closure,
    booking_id: str,
    command: ResolveClosure,
    expected_version: int | None,
) -> None:
    """Move a booking that waits to the place that was chosen, or to the nearest that is free.

    Args:
        expected_version: see :func:`_waiting`.

    Raises:
        errors.Conflict, errors.NotFound: it does not wait for a decision of this closure; or it
            cannot be moved there, or anywhere (``bookings.no_place_found``).
    """
    booking = app.bookings.get(booking_id)

    def moving(space_id: str, period: Period) -> Callable[[Session], None]:
        return _moving(app, call, closure, booking, space_id, period, expected_version)

    move_to_place(app, booking, command.space_id, command.starts_at, moving)


def move_to_place(
    app: App,
    booking: Booking,
    space_id: str | None,
    starts_at: datetime | None,
    moving: Callable[[str, Period], Callable[[Session], None]],
) -> None:
    """Move a booking to the place that was chosen, or to the nearest that is free.

    Args:
        moving: the work of a transaction that moves it to a space and a time.

    Raises:
        errors.Conflict: it cannot be moved there, or anywhere (``bookings.no_place_found``).
    """
    if space_id is not None or starts_at is not None:
        starts_at = starts_at or booking.period.starts_at
        length = booking.period.ends_at - booking.period.starts_at
        period = Period(starts_at, starts_at + length)
        with offering_alternatives(app):
            app.database.transact(moving(space_id or booking.space_id, period))
        return
    for target in islice(_targets(app, booking), MOST_TRIED):
        try:
            app.database.transact(moving(target.space.id, target.period))
        except errors.Conflict as refusal:
            if refusal.code not in _ANOTHER_PLACE_MAY_DO:
                raise
        else:
            return
    raise NO_PLACE_FOUND()


def _moving(
    app: App,
    call: Call,
    closure: Closure,
    booking: Booking,
    space_id: str,
    period: Period,
    expected_version: int | None,
) -> Callable[[Session], None]:
    def work(session: Session) -> None:
        standing, before = _waiting(app, closure.id, booking.id, expected_version, session)
        after = reschedule(
            app,
            call,
            session,
            before,
            space_id,
            period,
            {},
            reason=standing.text(),
            reasons=standing.texts(),
        )
        if standing.takes_from(after):
            # Shortened or moved within the time that it holds, it would still overlap the closure.
            raise SPACE_CLOSED()

    return work


def _targets(app: App, booking: Booking) -> Iterator[Target]:
    """Places of the same centre that fit and are free: at the same time in the space that is most
    like its own, then at the nearest times. Nobody is moved to a time before their own with less
    notice than they would have to give themselves; what is for the centre's own use, to none but
    its own."""
    now = app.clock.now()
    soonest = min(booking.period.starts_at, now + LATE_CANCELLATION)
    around = Period(
        max(next_slot(now), soonest, booking.period.starts_at - REACH),
        min(booking.period.ends_at + REACH, now + timedelta(days=DAYS_AHEAD)),
    )
    if around.ends_at <= around.starts_at:
        return
    centre = app.centres.centre(booking.centre_id)
    old_space = app.centres.space(booking.space_id)
    spaces = sorted(
        (
            each
            for each in app.centres.spaces(centre_id=centre.id)
            if each.id == old_space.id or rules.fits(each, booking, old_space)
        ),
        key=lambda each: (each.id != old_space.id, *rules.likeness(each, old_space)),
    )
    taken = app.bookings.taken([leaf for each in spaces for leaf in each.leaves], around)
    length = booking.period.ends_at - booking.period.starts_at
    found: list[tuple[timedelta, int, Target]] = []
    for order, space in enumerate(spaces):
        free = free_periods(centre, space, around, snapshot_of(space, taken), length)
        for period in islice(nearest(free, booking.period), MOST_TRIED):
            if booking.own_use is not None and period != booking.period:
                continue
            distance = abs(period.starts_at - booking.period.starts_at)
            found.append((distance, order, Target(space, period)))
    found.sort(key=lambda each: each[:2])
    for _, _, target in found:
        yield target
