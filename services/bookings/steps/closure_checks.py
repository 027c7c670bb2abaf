"""Whether a closure stands over a booking, or is about to take the time that it wants."""

from __future__ import annotations

from services.bookings.app import App
from services.bookings.domain.booking import Booking
from services.bookings.domain.centre import Centre
from services.bookings.domain.claims import Claim
from services.bookings.domain.closures import Closure, Outcome
from services.bookings.store.bookings import SpaceTaken
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


def takes_more(claim: Claim, before: Booking | None) -> bool:
    """Whether a booking takes anything by this claim that it does not have already."""
    return bool(_more(claim, before))


def check_open(centre: Centre, claim: Claim, before: Booking | None = None) -> None:
    """Whether what a booking is about to take is not closing. ``save_booking`` asks whenever a
    booking takes more than it has; others only to know it before anything is written.

    Args:
        centre: of the booking's space, read in the same transaction.
        claim: of the booking as it is to be.
        before: the booking as it is; what it holds already it may keep.

    Raises:
        SpaceTaken: as the unique index refuses what is closed already.
    """
    if not centre.closing:
        return
    if _more(claim, before) & centre.closing_slots(claim.leaves, claim.period):
        raise SpaceTaken


def _more(claim: Claim, before: Booking | None) -> set[str]:
    held = () if before is None or before.claim is None else before.claim.slots
    return set(claim.slots).difference(held)
