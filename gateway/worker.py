"""The worker of the gateway: sends its events out."""

from __future__ import annotations

from gateway.app import NAME, ensure_indexes
from services.common.config import Settings
from services.common.events.relay import build_relay
from services.common.runtime.worker import Worker
from services.common.storage.mongo import connect, reason_away


def build(settings: Settings) -> Worker:
    """One loop, the relay.

    Raises:
        errors.Unavailable: if the database is not there yet; the runtime tries again.
    """
    database = connect(settings, NAME)
    try:
        ensure_indexes(database)
    except BaseException:
        database.close()
        raise
    relay = build_relay(settings, NAME, database)

    def close() -> None:
        relay.close()
        database.close()

    return Worker({"relay": relay.run}, ready=[lambda: reason_away(database)], close=close)
