"""The worker of bookings: sends its events out, and does what falls due."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from services.bookings import app as bookings_app
from services.bookings.app import NAME, App
from services.bookings.operations import (
    booking_deadlines,
    closure_claims,
    offer_checks,
    offer_withdrawal,
    spaces,
    waitlist,
    waitlist_matching,
)
from services.bookings.steps import releases, save_booking, waitlist_entries
from services.common.config import Settings
from services.common.runtime.worker import Worker
from services.common.storage.deadlines import Handler
from services.common.worker import build_worker, deadline_loop


def handlers(app: App) -> Mapping[str, Handler]:
    """What is done about a deadline of each kind."""
    return {
        save_booking.DUE: partial(booking_deadlines.run_deadline, app),
        releases.MATCH: partial(waitlist_matching.match, app),
        spaces.RETIRED: partial(spaces.settle, app),
        waitlist_entries.DUE: partial(waitlist.due, app),
        offer_checks.OFFER_CHECK: partial(offer_withdrawal.withdraw_void_offers, app),
        waitlist_entries.LESS: partial(waitlist.recheck, app),
        closure_claims.DUE: partial(closure_claims.claim_next_block, app),
    }


def build(settings: Settings) -> Worker:
    """Two loops: the relay, and the deadlines.

    Raises:
        errors.Unavailable: if the database is not there yet; the runtime tries again.
    """
    app = bookings_app.build(settings)
    return build_worker(
        settings, NAME, app.database, {"deadlines": deadline_loop(NAME, app, handlers(app))}
    )
