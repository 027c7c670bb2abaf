"""Sends what is asked, and asks again."""

from __future__ import annotations

from services.common.clock import SystemClock
from services.common.config import Settings
from services.common.messaging.relay import build_relay
from services.common.rooms.requester import REPEAT_REQUEST
from services.common.runtime.worker import Worker
from services.common.storage.deadlines import DeadlineRunner
from tests.support.requester.app import NAME
from tests.support.requester.app import build as build_app


def build(settings: Settings) -> Worker:
    app = build_app(settings)
    relay = build_relay(settings, NAME, app.database)
    handlers = {REPEAT_REQUEST: app.rooms.repeat_request}
    deadlines = DeadlineRunner(NAME, app.deadlines, handlers, SystemClock())

    def close() -> None:
        relay.close()
        app.close()

    return Worker(loops={"relay": relay.run, "deadlines": deadlines.run}, close=close)
