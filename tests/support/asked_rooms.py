"""Bookings and a branch that requests rooms of it, over the real broker: both as they run, each a
user of its own, and any process of them killed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from amqp import Message
from kombu import Connection

from deploy.local import rabbitmq
from services.bookings.app import App as Bookings
from services.bookings.app import build
from services.bookings.domain.booking_states import Status
from services.bookings.operations import bookings as booking_operations
from services.bookings.schemas.bookings import CancelBooking
from services.common.config import Settings
from services.common.contracts.rooms import RoomStanding
from services.common.events.envelope import CloudEvent
from services.common.ids import new_id
from services.common.messaging import topology as names
from services.common.rooms.requests import RoomRequest
from services.common.storage.mongo import Database
from tests.support.bookings import RAQQA_DESK, call, raqqa, space
from tests.support.echoing import Running, Wire
from tests.support.mongo import drop_databases
from tests.support.rooms import ask_again
from tests.support.stack import Server

REQUESTS = "bookings.rooms.events.v1"
"""The queue in which requests come to bookings."""

Commands = Mapping[str, tuple[str, str, str]]
"""Name of a process → its package, its command, and the user it is to the broker."""


def commands_of(requester: str, package: str | None = None) -> Commands:
    """The processes of both branches.

    Args:
        package: the requester's, where it is not a service of its own.
    """
    theirs = package or f"services.{requester}"
    return {
        f"{branch}-{command}": (found, command, branch)
        for branch, found in (("bookings", "services.bookings"), (requester, theirs))
        for command in ("service", "worker")
    }


def monday() -> datetime:
    """Midnight (UTC) of the Monday after next, so that a day before is far away."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today + timedelta(days=14 - today.weekday())


@dataclass
class RoomProcesses:
    """The processes of both branches, and what is done to them.

    Attributes:
        queue: the one whose messages are parked where a test forges them.
    """

    requester: str
    queue: str
    commands: Commands
    folder: Path
    server: Server
    settings: Settings
    bookings: Bookings
    wire: Wire
    running: dict[str, Running] = field(default_factory=dict)

    @property
    def parked(self) -> int:
        """How many messages of the queue nobody could take."""
        return self.wire.depth(f"{self.queue}.parked")

    @contextmanager
    def one_parked(self) -> Iterator[None]:
        """Ends when one message more is parked, and throws it away."""
        before = self.parked
        yield
        self.wire.await_depth(f"{self.queue}.parked", before + 1)
        self.wire.channel.queue_purge(f"{self.queue}.parked")

    def uri(self, user: str) -> str:
        return rabbitmq.uri(self.server.stack.settings, user)

    def start(self, name: str) -> None:
        package, command, user = self.commands[name]
        environment = {
            "MONGO_URI": self.settings.mongo_uri,
            "DATABASE_PREFIX": self.settings.database_prefix,
        }
        uri = self.uri(user)
        self.running[name] = Running(self.folder, uri, package, command, **environment)

    def kill(self, name: str) -> None:
        self.running[name].close()

    def ask_again(self, database: Database) -> None:
        """Have the requester ask again what it waits for.

        Args:
            database: the requester's.
        """
        ask_again(database)

    def held(self, request_id: str) -> set[str]:
        """Ids of what bookings holds for a request; also after the requester has forgotten it."""
        row_id = f"{self.requester}:{request_id}"
        found = self.bookings.bookings.find(
            visible=None, filters={"own_use.request": row_id}, after=None, limit=100
        )
        return {each.id for each in found if each.status is Status.CONFIRMED}

    def cancel(self, booking_id: str, reason: str = "Burst pipe") -> None:
        """Have the front desk cancel what bookings holds."""
        now = self.bookings.bookings.get(booking_id)
        command = CancelBooking(now.id, now.version, reason)
        booking_operations.cancel(self.bookings, call(RAQQA_DESK), command)

    def publish(
        self,
        user: str,
        event: CloudEvent,
        as_user: str | None,
        key: str | None = None,
        **headers: Any,
    ) -> None:
        """Publish an event in a user's name, or in nobody's; with headers, to the queue of requests
        itself.

        Args:
            user: who signs in.
            as_user: whom the message names.
        """
        named = {} if as_user is None else {"user_id": as_user}
        message = Message(
            event.encode(),
            content_type="application/cloudevents+json",
            content_encoding="utf-8",
            application_headers=headers,
            message_id=event.id,
            delivery_mode=2,
            **named,
        )
        exchange, routing_key = (
            ("", REQUESTS) if headers else (names.EVENTS.name, key or event.type)
        )
        with Connection(self.uri(user), transport_options={"confirm_publish": True}) as connection:
            connection.channel().basic_publish_confirm(message, exchange, routing_key)

    def forge_loss(self, request: RoomRequest | None, user: str, as_user: str | None) -> None:
        """Have another user than bookings say that a request has lost all its rooms. Returns when
        the requester has refused to believe it."""
        assert request is not None
        with self.one_parked():
            self.publish(user, loss_of(self.requester, request), as_user)


def loss_of(requester: str, request: RoomRequest) -> CloudEvent:
    """An answer that says that all rooms are lost, as bookings would publish it."""
    data = {
        "requester": requester,
        "request_id": request.id,
        "request_version": request.request_version,
        "places": [],
        "code": None,
        "problems": [],
        "reason": "Forged",
    }
    assert RoomStanding().validate(data) == {}
    return CloudEvent(
        id=new_id(),
        source="/masaha/bookings",
        type="bookings.room.lost",
        subject=new_id(),
        time=datetime.now(UTC),
        dataschema="/schemas/bookings.room.lost/1",
        data=data,
        aggregate_version=1_000,
        actor_kind="system",
    )


@contextmanager
def room_processes(
    requester: str,
    broker: Server,
    database: Server,
    folder: Path,
    *,
    package: str | None = None,
    queue: str | None = None,
) -> Iterator[RoomProcesses]:
    """Bookings with two rooms in Raqqa, on databases of their own; no process runs yet. Afterwards
    none does.

    Args:
        package, queue: as of :func:`commands_of` and :class:`RoomProcesses`; the queue is that of
            answers where nothing else is said.
    """
    prefix = f"t{new_id()[-12:]}"
    with ExitStack() as stack:
        settings = Settings("amqp://unused", database.uri, database_prefix=prefix)
        bookings = build(settings)
        stack.callback(bookings.close)
        stack.callback(drop_databases, database.uri, prefix)
        bookings.centres.seed([raqqa()], [space(), space("raqqa-hall", capacity=60)])
        wire = Wire(broker.uri)
        stack.callback(wire.close)
        commands = commands_of(requester, package)
        waited = queue or f"{requester}.rooms.events.v1"
        found = RoomProcesses(requester, waited, commands, folder, broker, settings, bookings, wire)
        emptied = {waited, f"{waited}.parked", REQUESTS, f"{requester}.events.v1"}
        stack.enter_context(wire.emptied(*sorted(emptied)))
        stack.callback(lambda: [each.close() for each in found.running.values()])
        yield found


def start_all(processes: RoomProcesses) -> None:
    """Start every process; returns when each is ready."""
    for name in processes.commands:
        processes.start(name)
    for process in processes.running.values():
        process.await_ready(60)
