"""The centre's own use, on its own day: nobody is checked in, and it is over at its end."""

from __future__ import annotations

from services.bookings.app import App
from services.bookings.domain.booking import Booking
from services.bookings.steps.save_booking import save_booking
from services.common.context import SYSTEM
from services.common.storage.mongo import Session


def complete(app: App, session: Session, before: Booking) -> Booking:
    """The time of the booking is over."""
    after = before.own_use_ended(by=SYSTEM.id, now=app.clock.now())
    save_booking(app, session, before, after)
    return after
