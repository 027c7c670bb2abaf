"""Recording what has happened to a booking: its event, beside the change."""

from __future__ import annotations

from typing import Any

from services.bookings.app import App
from services.bookings.domain.booking import Booking
from services.bookings.domain.centre import Centre, Space
from services.bookings.steps.event_data import booking_data
from services.common.context import Caller
from services.common.contracts.registry import EventType
from services.common.storage.mongo import Session


def record_booking_event(
    app: App,
    caller: Caller,
    session: Session,
    event_type: EventType,
    booking: Booking,
    place: tuple[Space, Centre],
    **more: Any,
) -> None:
    """Record the event of the booking's present version; none for the centre's own use; the branch
    that requested it gets only ``bookings.room.*``.

    Args:
        place: its space and centre.
        more: what this event has beside the booking itself, in wire form.
    """
    if booking.own_use is not None:
        return
    app.outbox.record(
        session,
        event_type,
        subject=booking.id,
        version=booking.version,
        data=booking_data(booking, *place, caller) | more,
        caller=caller,
    )


def reported_in(whole: str | None) -> dict[str, str]:
    """The mark of an event that is part of something greater, whose own event informs people of
    all: a change of a whole series, an offer of the waitlist.

    Subscribers that act upon single bookings need not look at it; those that write to people leave
    out what carries it.
    """
    return {} if whole is None else {"part_of": whole}
