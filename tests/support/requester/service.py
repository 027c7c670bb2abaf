"""Receives the answers of bookings."""

from __future__ import annotations

from services.common.events.envelope import CloudEvent
from services.common.messaging.providers import AppProvider
from services.common.messaging.subscriber import subscribe
from services.common.rooms.requester import ANSWERS
from tests.support.requester.app import NAME, build


class Trainings:
    name = NAME
    app = AppProvider(build)

    @subscribe(ANSWERS, consumer=NAME)
    def on_answer(self, event: CloudEvent) -> None:
        self.app.hear(event)


SERVICE = Trainings
