"""The worker of bookings: sends its events out."""

from __future__ import annotations

from services.bookings.app import NAME
from services.common.config import Settings
from services.common.events.relay import build_relay
from services.common.runtime.worker import Worker
from services.common.storage.mongo import connect, reason_away


def build(settings: Settings) -> Worker:
    """One loop, the relay; deadlines join it with the first rule that has one."""
    database = connect(settings, NAME)
    relay = build_relay(settings, NAME, database)

    def close() -> None:
        relay.close()
        database.close()

    return Worker({"relay": relay.run}, ready=[lambda: reason_away(database)], close=close)
