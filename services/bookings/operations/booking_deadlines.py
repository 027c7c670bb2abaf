"""What time itself does to a booking: the handler of its deadline.

A booking has one deadline at most, that of its status, set and cleared by ``save_booking``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from services.bookings.app import App
from services.bookings.domain.booking import Booking
from services.bookings.domain.booking_states import Status
from services.bookings.domain.deadlines import DeadlineKind
from services.bookings.operations import check_in, waitlist
from services.bookings.steps import holds
from services.bookings.steps.save_booking import save_booking
from services.common import errors
from services.common.context import SYSTEM
from services.common.storage.deadlines import Deadline
from services.common.storage.mongo import Session

_WHAT_TO_DO: Mapping[Status, Callable[[App, Session, Booking], Booking]] = {
    Status.HELD: waitlist.hold_over,
    Status.PENDING: holds.expire,
    Status.CONFIRMED: check_in.mark_no_show,
    Status.CHECKED_IN: check_in.complete,
}


def run_deadline(app: App, deadline: Deadline) -> None:
    """Do what is due for a booking, once, in the transaction that takes the deadline away.

    Raises:
        LeaseLost: if the deadline was moved or is another worker's by now; nothing has changed.
    """

    def work(session: Session) -> None:
        app.deadlines.finish(session, deadline)
        try:
            booking = app.bookings.get(deadline.subject, session)
        except errors.NotFound:
            return
        if booking.due_at is None:
            return
        if booking.due_at > app.clock.now():
            app.deadlines.set(session, DeadlineKind.BOOKING, booking.id, booking.due_at)
            return
        if booking.own_use is not None:
            _end_own_use(app, session, booking)
            return
        _WHAT_TO_DO[booking.status](app, session, booking)

    app.database.transact(work)


def _end_own_use(app: App, session: Session, before: Booking) -> None:
    """The time of the centre's own use is over: nobody is checked in, and nobody is missed."""
    save_booking(app, session, before, before.own_use_ended(by=SYSTEM.id, now=app.clock.now()))
