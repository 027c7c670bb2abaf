"""Whether the centre has closed over a booking, and nobody has decided yet what becomes of it."""

from __future__ import annotations

from services.bookings.app import App
from services.bookings.domain.booking import Booking
from services.bookings.domain.closures import Closure, Outcome
from services.common.contracts.bookings.errors import SPACE_CLOSED
from services.common.storage.mongo import Session


def check_not_closed(app: App, session: Session, booking: Booking) -> None:
    """Whether a booking that a closure was made over may be granted all the same.

    Raises:
        errors.Conflict: ``bookings.space_closed`` while such a closure stands.
    """
    if closure_over(app, session, booking) is not None:
        raise SPACE_CLOSED()


def closure_over(app: App, session: Session, booking: Booking) -> Closure | None:
    """The closure that stands over the time that a booking holds, if there is one."""
    for mark in booking.affected_by:
        closure = app.closures.get(mark.closure_id, session)
        if closure.outcome(booking) == Outcome.WAITING:
            return closure
    return None
