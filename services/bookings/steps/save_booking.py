"""Keeping a booking: the one way by which a change of it is stored.

With the booking go what must never differ from it: its organisation's budget, the moment at which
time itself changes it (see ``booking_deadlines.py``), that the time it gives up is offered to those
who wait for it (see ``releases.py``), and that the branch that requested it gets an answer
(``room_standing.py``). What it takes more than before must not be closing (see
``closure_checks.py``). All in the caller's transaction.
"""

from __future__ import annotations

from services.bookings.app import App
from services.bookings.domain.booking import Booking
from services.bookings.domain.budgets import Limits
from services.bookings.domain.centre import Centre
from services.bookings.domain.deadlines import DeadlineKind
from services.bookings.steps import (
    budget_use,
    closure_checks,
    guest_updates,
    releases,
    room_standing,
)
from services.common.storage.mongo import Session


def save_booking(
    app: App,
    session: Session,
    before: Booking | None,
    after: Booking,
    limits: Limits | None = None,
    centre: Centre | None = None,
    *,
    answered: bool = False,
) -> None:
    """Store a new booking, or the changed one in place of what it was.

    Args:
        before: as it was read in this transaction; ``None`` for a new one.
        limits: of its organisation, if they are known already.
        centre: of its space as it is to be, if it was read in this transaction already.
        answered: whether the caller itself answers the request that the booking is for.

    Raises:
        SpaceTaken: if another booking has claimed any of its slots, or a closure is about to.
        errors.Stale: if it has changed since.
        errors.Conflict: ``bookings.budget_exceeded``.
    """
    if after.claim is not None and closure_checks.takes_more(after.claim, before):
        centre = centre or app.centres.centre(after.centre_id, session)
        closure_checks.check_open(centre, after.claim, before)
    # The first write, because it is what two bookings of one organisation always meet at: the one
    # that has to give way has done nothing yet.
    after = budget_use.settle(app, session, before, after, limits)
    if before is None:
        app.bookings.add(session, after)
    else:
        app.bookings.save(session, after, before.version)
        guest_updates.update_guests(app, session, before, after)
        releases.after_change(app, session, before, after)
        if after.own_use is not None and not answered:
            room_standing.record_room_change(app, session, after.own_use.request, before, after)
    if after.due_at == (before.due_at if before else None):
        return
    if after.due_at is None:
        app.deadlines.clear(session, DeadlineKind.BOOKING, after.id)
    elif before is None:
        app.deadlines.set_many(session, DeadlineKind.BOOKING, [after.id], after.due_at)
    else:
        app.deadlines.set(session, DeadlineKind.BOOKING, after.id, after.due_at)
