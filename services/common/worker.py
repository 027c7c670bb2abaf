"""What every service's worker does: the relay, and what falls due."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping

from services.common import metrics
from services.common.app import Infrastructure
from services.common.config import Settings
from services.common.contracts.registry import EventType
from services.common.events.audience import OPEN, SEALED
from services.common.files.store import FileStore
from services.common.messaging.pacing import LINGER_SECONDS
from services.common.messaging.relay import build_relay
from services.common.runtime.worker import Loop, Worker
from services.common.storage.deadlines import DeadlineRunner, Handler
from services.common.storage.mongo import Database, reason_away

#: Between two looks for files to delete; shorter than a loop may go without a beat.
SWEEP_SECONDS = 30.0


def build_worker(
    settings: Settings,
    service: str,
    database: Database,
    loops: Mapping[str, Loop] | None = None,
    *,
    publishes: Iterable[EventType] = (),
    sealed: bool = False,
    linger: float = LINGER_SECONDS,
) -> Worker:
    """The worker of a service, which sends its events out.

    Args:
        database: the service's own; closed with the worker.
        loops: further ones, by name.
        publishes: its contracts; the counter of each begins at zero, so that the first one counts.
        sealed: whether it has sealed news to send too, by a relay of their own.
        linger: for how many seconds the relay waits for further events.
    """
    for event_type in publishes:
        metrics.FACTS.labels(service, event_type.name)
    relays = {
        audience.relay: build_relay(settings, service, database, audience=audience, linger=linger)
        for audience in ((OPEN, SEALED) if sealed else (OPEN,))
    }

    def close() -> None:
        for relay in relays.values():
            relay.close()
        database.close()

    return Worker(
        {**{name: relay.run for name, relay in relays.items()}, **(loops or {})},
        ready=[lambda: reason_away(database)],
        close=close,
    )


def sweep_loop(files: FileStore) -> Loop:
    """The loop that deletes the files that belong to nothing any more."""

    def run(stop: threading.Event, beat: Callable[[], None]) -> None:
        while not stop.is_set():
            beat()
            files.sweep()
            stop.wait(SWEEP_SECONDS)

    return run


def deadline_loop(service: str, app: Infrastructure, handlers: Mapping[str, Handler]) -> Loop:
    """The loop that does what falls due.

    Args:
        handlers: kind of deadline → what is done about one.
    """
    return DeadlineRunner(service, app.deadlines, handlers, app.clock).run
