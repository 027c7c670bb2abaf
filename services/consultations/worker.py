"""The worker of consultations: sends its events out, and does what falls due."""

from __future__ import annotations

from services.common.config import Settings
from services.common.contracts.consultations import events
from services.common.contracts.registry import event_types
from services.common.runtime.worker import Worker
from services.common.worker import build_worker, deadline_loop, sweep_loop
from services.consultations import app as consultations_app
from services.consultations.app import NAME
from services.consultations.deadlines import handlers


def build(settings: Settings) -> Worker:
    """Four loops: the relays of events and of sealed news, the deadlines, and the removal of files
    that belong to nothing.

    Raises:
        errors.Unavailable: if the database is not there yet; the runtime tries again.
    """
    app = consultations_app.build(settings)
    return build_worker(
        settings,
        NAME,
        app.database,
        {"deadlines": deadline_loop(NAME, app, handlers(app)), "files": sweep_loop(app.files)},
        publishes=event_types(events),
        sealed=True,
    )
