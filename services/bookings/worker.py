"""The worker of bookings: sends its events out, and does what falls due."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from services.bookings import app as bookings_app
from services.bookings.app import NAME, App
from services.bookings.operations import (
    due,
    entries,
    keeping,
    offer_checks,
    offering,
    releasing,
    spaces,
    taking,
    waitlist,
    withdrawing,
)
from services.common.config import Settings
from services.common.runtime.worker import Worker
from services.common.storage.deadlines import Handler
from services.common.worker import build_worker, deadline_loop


def handlers(app: App) -> Mapping[str, Handler]:
    """What is done about a deadline of each kind."""
    return {
        keeping.DUE: partial(due.act, app),
        releasing.MATCH: partial(offering.match, app),
        spaces.RETIRED: partial(spaces.settle, app),
        entries.DUE: partial(waitlist.due, app),
        offer_checks.LOOK: partial(withdrawing.look, app),
        entries.LESS: partial(entries.look, app),
        taking.DUE: partial(taking.advance, app),
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
