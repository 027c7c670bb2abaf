"""Tell the members of an organisation: nameko's own ``event_handler``, no inbox, an id each time.

It acknowledges when the handler has raised, and it is given the event again when the process died
after the effect.
"""

from __future__ import annotations

from typing import Any

from nameko.events import event_handler

from deploy.local import people
from services.common.ids import new_id
from services.common.messaging.providers import AppProvider
from services.common.storage.mongo import Database, connect
from tests.support.naive import moments


class NaiveNotifications:
    """Listens under the name of the real service."""

    name = "notifications"
    database: Database = AppProvider(lambda settings: connect(settings, "notifications"))

    @event_handler("bookings", "bookings.booking.confirmed")
    def on_confirmed(self, event: dict[str, Any]) -> None:
        data = event["data"]
        if moments.come(moments.WHILE_HANDLING, data["title"]):
            raise ConnectionError("the database is away")
        self.database.collection("notifications").insert_many(
            [
                {"_id": new_id(), "event_id": event["id"], "recipient_id": person.id}
                for person in people.everyone()
                if person.organisation_id == data["organisation_id"]
            ]
        )
        moments.power_cut(moments.BETWEEN_EFFECT_AND_ACK, data["title"])


SERVICE = NaiveNotifications
