"""What every service's worker does: the relay, and what falls due."""

from __future__ import annotations

from collections.abc import Mapping

from services.common.app import Infrastructure
from services.common.config import Settings
from services.common.messaging.pacing import LINGER_SECONDS
from services.common.messaging.relay import build_relay
from services.common.runtime.worker import Loop, Worker
from services.common.storage.deadlines import DeadlineRunner, Handler
from services.common.storage.mongo import Database, reason_away


def build_worker(
    settings: Settings,
    service: str,
    database: Database,
    loops: Mapping[str, Loop] | None = None,
    *,
    linger: float = LINGER_SECONDS,
) -> Worker:
    """The worker of a service, which sends its events out.

    Args:
        database: the service's own; closed with the worker.
        loops: further ones, by name.
        linger: for how many seconds the relay waits for further events.
    """
    relay = build_relay(settings, service, database, linger=linger)

    def close() -> None:
        relay.close()
        database.close()

    return Worker(
        {"relay": relay.run, **(loops or {})},
        ready=[lambda: reason_away(database)],
        close=close,
    )


def deadline_loop(service: str, app: Infrastructure, handlers: Mapping[str, Handler]) -> Loop:
    """The loop that does what falls due.

    Args:
        handlers: kind of deadline → what is done about one.
    """
    return DeadlineRunner(service, app.deadlines, handlers, app.clock).run
