"""The worker of bookings: sends its events out, and does what falls due."""

from __future__ import annotations

from services.bookings import app as bookings_app
from services.bookings.app import NAME
from services.bookings.deadlines import handlers
from services.common.config import Settings
from services.common.contracts.bookings import events
from services.common.contracts.registry import event_types
from services.common.runtime.worker import Worker
from services.common.worker import build_worker, deadline_loop


def build(settings: Settings) -> Worker:
    """Two loops: the relay, and the deadlines.

    Raises:
        errors.Unavailable: if the database is not there yet; the runtime tries again.
    """
    app = bookings_app.build(settings)
    return build_worker(
        settings,
        NAME,
        app.database,
        {"deadlines": deadline_loop(NAME, app, handlers(app))},
        publishes=event_types(events),
    )
