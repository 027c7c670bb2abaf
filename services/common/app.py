"""What every service builds alike.

A service's ``app.py`` derives its ``App`` from :class:`Infrastructure`, and adds its own stores::

    @dataclass(frozen=True, slots=True)
    class App(Infrastructure):
        enrolments: EnrolmentStore

    def build(settings: Settings) -> App:
        database = connect(settings, NAME)
        app = App(**infrastructure(database, NAME), enrolments=EnrolmentStore(database))
        return with_indexes(app)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Protocol, TypedDict, TypeVar, runtime_checkable

from services.common.clock import Clock, SystemClock
from services.common.events.event_log import EventLog
from services.common.events.outbox import Outbox
from services.common.events.processed_events import ProcessedEvents
from services.common.ids import NewId, new_id
from services.common.storage.deadlines import Deadlines
from services.common.storage.idempotency import IdempotencyKeys
from services.common.storage.migrations import check_data_version
from services.common.storage.mongo import Database, unavailable_when_away


@runtime_checkable
class Indexed(Protocol):
    """What has collections with indexes."""

    def ensure_indexes(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Infrastructure:
    """What every service's operations may use."""

    database: Database
    clock: Clock
    new_id: NewId
    inbox: ProcessedEvents
    outbox: Outbox
    event_log: EventLog
    keys: IdempotencyKeys
    deadlines: Deadlines

    def ensure_indexes(self) -> None:
        """Create what is missing; safe to run in several processes at once.

        Raises:
            errors.Unavailable: if the database is away.
        """
        ensure_indexes(getattr(self, field.name) for field in fields(self))

    def ping(self) -> None:
        """Raises:
        errors.Unavailable: if the database is away.
        """
        self.database.ping()

    def close(self) -> None:
        self.database.close()


class Parts(TypedDict):
    """The fields of :class:`Infrastructure`."""

    database: Database
    clock: Clock
    new_id: NewId
    inbox: ProcessedEvents
    outbox: Outbox
    event_log: EventLog
    keys: IdempotencyKeys
    deadlines: Deadlines


def infrastructure(
    database: Database, service: str, clock: Clock | None = None, new_id: NewId = new_id
) -> Parts:
    """The fields that an ``App`` has of :class:`Infrastructure`. Talks to nobody yet."""
    clock = clock or SystemClock()
    return {
        "database": database,
        "clock": clock,
        "new_id": new_id,
        "inbox": ProcessedEvents(database, service, clock),
        "outbox": Outbox(database, clock, new_id),
        "event_log": EventLog(database),
        "keys": IdempotencyKeys(database, clock),
        "deadlines": Deadlines(database, clock, new_id),
    }


A = TypeVar("A", bound=Infrastructure)


def with_indexes(app: A) -> A:
    """The app, after its data were looked at and its indexes have been made.

    Raises:
        UnknownData: if this release may not work with the data.
        errors.Unavailable: if the database is away; the runtime builds another app then.
    """
    try:
        check_data_version(app.database)
        app.ensure_indexes()
    except BaseException:
        # The connections of this one would stay.
        app.close()
        raise
    return app


def ensure_indexes(parts: Iterable[object]) -> None:
    """Create the missing indexes of those parts that have any.

    Raises:
        errors.Unavailable: if the database is away.
    """
    with unavailable_when_away():
        for part in parts:
            if isinstance(part, Indexed):
                part.ensure_indexes()
