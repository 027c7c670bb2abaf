"""Create a booking as a tutorial does: check for overlaps, insert, dispatch."""

from __future__ import annotations

from typing import Any, ClassVar

import eventlet
from eventlet.event import Event
from nameko.events import EventDispatcher

from services.common import clock
from services.common.clock import SystemClock
from services.common.context import SYSTEM
from services.common.contracts.bookings.errors import SPACE_TAKEN
from services.common.events.envelope import CloudEvent
from services.common.ids import new_id
from services.common.messaging.providers import AppProvider, CallProvider
from services.common.messaging.rpc import rpc
from services.common.storage.mongo import Database, connect
from tests.support.naive import moments

CONFIRMED = "bookings.booking.confirmed"
_MEET_SECONDS = 5.0


class Dispatcher(EventDispatcher):  # type: ignore[misc]
    """nameko's own, without headers: our call's context is none of the kinds that it can write."""

    def get_message_headers(self, worker_ctx: Any) -> dict[str, Any]:
        return {}


class NaiveBookings:
    """Answers ``create_booking`` under the name of the real service."""

    name = "bookings"
    database: Database = AppProvider(lambda settings: connect(settings, "bookings"))
    call = CallProvider()
    dispatch = Dispatcher()
    looked: ClassVar[list[str]] = []
    both_looked: ClassVar[Event] = Event()

    @rpc
    def create_booking(self, request: dict[str, Any]) -> dict[str, Any]:
        bookings = self.database.collection("bookings")
        starts_at = clock.from_wire(request["starts_at"])
        ends_at = clock.from_wire(request["ends_at"])
        taken = bookings.find_one(
            {
                "space_id": request["space_id"],
                "starts_at": {"$lt": ends_at},
                "ends_at": {"$gt": starts_at},
            }
        )
        self._meet_the_other(request["title"])
        if taken is not None:
            raise SPACE_TAKEN()
        booking = {
            "_id": new_id(),
            **request,
            "starts_at": starts_at,
            "ends_at": ends_at,
            "status": "confirmed",
            "version": 1,
            "history": [
                {
                    "action": "create",
                    "version": 1,
                    "reason": None,
                    "changes": {"title": [None, request["title"]]},
                }
            ],
        }
        bookings.insert_one(booking)
        moments.power_cut(moments.BETWEEN_COMMIT_AND_DISPATCH, request["title"])
        self.dispatch(CONFIRMED, _event(booking["_id"], request).to_wire())
        return {"id": booking["_id"], "version": 1}

    def _meet_the_other(self, title: str) -> None:
        """Two requests that race: each goes on when the other has looked as well."""
        if moments.BETWEEN_LOOK_AND_WRITE not in title:
            return
        self.looked.append(title)
        if len(self.looked) == 2:
            self.both_looked.send()
        with eventlet.Timeout(_MEET_SECONDS, False):
            self.both_looked.wait()


def _event(booking_id: str, request: dict[str, Any]) -> CloudEvent:
    return CloudEvent(
        id=new_id(),
        source="/masaha/bookings",
        type=CONFIRMED,
        subject=booking_id,
        time=SystemClock().now(),
        dataschema=f"/schemas/{CONFIRMED}/1",
        data={"organisation_id": request["organisation_id"], "title": request["title"]},
        aggregate_version=1,
        actor_kind=SYSTEM.kind,
        sequence=0,
    )


SERVICE = NaiveBookings
