"""The worker process: publishes our events, and sends what is queued."""

from __future__ import annotations

from functools import partial

from services.common.config import Settings
from services.common.contracts.notifications import events
from services.common.contracts.registry import event_types
from services.common.links import load_links
from services.common.runtime.worker import Worker
from services.common.storage.deadlines import DeadlineRunner
from services.common.storage.mongo import connect
from services.common.worker import build_worker
from services.notifications.app import NAME, compose, load_mail_settings
from services.notifications.deadlines import handlers
from services.notifications.operations.deliver import close_idle_channels

#: What became of a mail is for records, and nobody waits for it. Mail goes out evenly, so that
#: without this each would be a transaction of its own.
_LINGER_SECONDS = 0.5


def build(settings: Settings) -> Worker:
    """The loops of the worker. Talks to nobody yet: each loop waits for what it needs."""
    mail = load_mail_settings()
    app = compose(connect(settings, NAME), mail, load_links())
    runner = DeadlineRunner(
        NAME, app.due, handlers(app), app.clock, partial(close_idle_channels, app)
    )

    # Each claims deliveries of its own; while one waits for a slow mail server others go on.
    senders = {f"deliveries-{number}": runner.run for number in range(1, mail.senders + 1)}
    return build_worker(
        settings,
        NAME,
        app.database,
        senders,
        publishes=event_types(events),
        linger=_LINGER_SECONDS,
    )
