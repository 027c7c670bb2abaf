"""A branch that requests rooms of bookings, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from pymongo.errors import NetworkTimeout

from services.bookings.app import App
from services.bookings.operations.room_requests import receive
from services.bookings.schemas.room_requests import room_message
from services.common.clock import Clock
from services.common.context import SYSTEM, Call
from services.common.events.envelope import CloudEvent
from services.common.events.outbox import Outbox
from services.common.ids import new_id
from services.common.rooms.requester import REPEAT_REQUEST, RoomRequests
from services.common.rooms.requests import Item, Place, RoomRequest, Status
from services.common.storage.deadlines import Deadlines
from services.common.storage.mongo import Database
from tests.support.awaiting import until
from tests.support.bookings import tomorrow

LABEL = {"ar": "دورة تدريبية", "en": "Training course"}


def item(name: str = "one", hours: tuple[int, int] = (10, 12), **values: Any) -> Item:
    """A room of Raqqa for tomorrow."""
    return Item(
        **{
            "item_id": name,
            "centre_id": "raqqa",
            "starts_at": tomorrow(hours[0]),
            "ends_at": tomorrow(hours[1]),
            "people": 8,
            **values,
        }
    )


class Requester:
    """A branch with requests of its own; its database is its own too.

    Args:
        name: as which it publishes.
    """

    def __init__(self, database: Database, clock: Clock, name: str = "trainings") -> None:
        self.name = name
        self.database = database
        outbox = Outbox(database, clock, new_id)
        self.deadlines = Deadlines(database, clock, new_id)
        self.rooms = RoomRequests(name, database, outbox, self.deadlines, clock, new_id)
        for each in (outbox, self.deadlines, self.rooms):
            each.ensure_indexes()
        self.heard: set[str] = set()

    def ping(self) -> None:
        self.database.ping()

    def close(self) -> None:
        self.database.close()

    def want(self, *items: Item, subject: str = "cohort-1") -> RoomRequest | None:
        return self.database.transact(
            lambda session: self.rooms.request_rooms(session, subject, LABEL, items, SYSTEM)
        )

    def release(self, subject: str = "cohort-1") -> None:
        self.database.transact(lambda session: self.rooms.release_rooms(session, subject, SYSTEM))

    def request(self, subject: str = "cohort-1") -> RoomRequest:
        found = self.rooms.of(subject)
        assert found is not None
        return found

    def status(self, subject: str = "cohort-1") -> Status:
        return self.request(subject).status

    def place(self, name: str = "one", subject: str = "cohort-1") -> Place:
        found = self.request(subject).place_of(name)
        assert found is not None
        return found

    def told(self) -> list[CloudEvent]:
        """All that it has said, in order."""
        return said_by(self.database)

    def hear(self, event: CloudEvent) -> None:
        self.database.transact(lambda session: self.rooms.apply_answer(session, event))


def said_by(database: Database) -> list[CloudEvent]:
    rows = database.collection("outbox").find({}).sort("_id", 1)
    return [CloudEvent.from_wire(row["event"]) for row in rows]


def answers(app: App) -> list[CloudEvent]:
    """All that bookings has answered, in order."""
    return [each for each in said_by(app.database) if each.type.startswith("bookings.room.")]


def deliver(app: App, event: CloudEvent) -> None:
    """What the subscriber of bookings does with a message."""
    receive(app, Call(SYSTEM), room_message(event))


def exchange(app: App, requester: Requester) -> None:
    """Deliver all that either side has said and the other has not heard."""
    for event in requester.told():
        if event.id not in requester.heard:
            deliver(app, event)
            requester.heard.add(event.id)
    for event in answers(app):
        if event.id not in requester.heard:
            requester.hear(event)
            requester.heard.add(event.id)


def ask_again(database: Database) -> None:
    """Let the time come at which every request is asked again. A worker that was killed in a
    transaction holds a deadline until the database ends that."""
    deadlines = database.collection("deadlines")

    def bring_forward() -> bool:
        try:
            now = {"$set": {"due_at": datetime.now(UTC)}}
            deadlines.update_many({"kind": REPEAT_REQUEST}, now)
        except NetworkTimeout:
            return False
        return True

    until(bring_forward, "requests are asked again", 60)
