"""The worker of trainings: sends its events out, and does what falls due."""

from __future__ import annotations

from services.common.config import Settings
from services.common.contracts.registry import event_types
from services.common.contracts.trainings import events
from services.common.runtime.worker import Worker
from services.common.worker import build_worker, deadline_loop, sweep_loop
from services.trainings import app as trainings_app
from services.trainings.app import NAME
from services.trainings.deadlines import handlers


def build(settings: Settings) -> Worker:
    """Three loops: the relay, the deadlines, and the removal of files that belong to nothing.

    Raises:
        errors.Unavailable: if the database is not there yet; the runtime tries again.
    """
    app = trainings_app.build(settings)
    return build_worker(
        settings,
        NAME,
        app.database,
        {"deadlines": deadline_loop(NAME, app, handlers(app)), "files": sweep_loop(app.files)},
        publishes=event_types(events),
    )
