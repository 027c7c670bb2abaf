"""Databases for tests: of its own for one test, or one that is emptied between tests."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pymongo.monitoring

from services.common.ids import new_id
from services.common.storage.mongo import Database, Document

PREFIX = f"t{new_id()[-12:]}"
"""Prefix of the databases that this test process empties and uses again.

A database with all its indexes is a hundred files, which MongoDB keeps open until a checkpoint long
after the database is dropped. A database for each of a thousand tests exhausted the files that a
process may have open, and `mongod` ended in the middle of the run.
"""

LARGE = 60


def empty_database(uri: str) -> Iterator[Database]:
    """An empty database on the run's server, dropped afterwards."""
    name = f"t{new_id()[-12:]}"
    database = Database(uri, name)
    yield database
    database.client.drop_database(name)
    database.close()


def drop_databases(uri: str, prefix: str) -> None:
    """Drop every database of a prefix, however long it takes.

    A process that was killed in the middle of a transaction leaves its locks until MongoDB ends the
    transaction. That takes longer than a branch waits for an answer.
    """
    with pymongo.MongoClient[Document](uri) as client:
        for name in client.list_database_names():
            if name.startswith(f"{prefix}_"):
                client.drop_database(name)


def clear(database: Database, name: str) -> None:
    """Take every document out of a database; collections and indexes stay, but for large ones.

    A large collection is dropped, and made again with its indexes by the next test: MongoDB 6
    inserts keys that were deleted in bulk a moment ago very slowly.
    """
    for collection in database.client[name].list_collection_names():
        if collection.startswith("system."):
            continue
        documents = database.collection(collection)
        if documents.estimated_document_count() > LARGE:
            documents.drop()
        else:
            documents.delete_many({})


class Counted(pymongo.monitoring.CommandListener):
    """The names of the commands that were sent, and what was answered."""

    def __init__(self) -> None:
        self.commands: list[str] = []
        self.replies: list[Document] = []

    def started(self, event: pymongo.monitoring.CommandStartedEvent) -> None:
        self.commands.append(event.command_name)

    def succeeded(self, event: pymongo.monitoring.CommandSucceededEvent) -> None:
        self.replies.append(event.reply)

    def failed(self, event: pymongo.monitoring.CommandFailedEvent) -> None: ...


class _Asked(Counted):
    """Takes down what is asked of one database, with its collection, and one thread's commits."""

    def __init__(self) -> None:
        super().__init__()
        self.database: str | None = None
        self.thread = 0

    def started(self, event: pymongo.monitoring.CommandStartedEvent) -> None:
        if event.database_name == self.database:
            self.commands.append(f"{event.command_name} {event.command[event.command_name]}")
        elif event.command_name == "commitTransaction" and threading.get_ident() == self.thread:
            self.commands.append("commit")


# A client has the listeners that were registered before it was made, so this is done at once.
_ASKED = _Asked()
pymongo.monitoring.register(_ASKED)


@contextmanager
def commands(database: Database) -> Iterator[list[str]]:
    """What the database is asked in the block, each a round trip: the command and its collection.

    ``commit`` stands for the end of a transaction of this thread.
    """
    _ASKED.commands = []
    _ASKED.database = database.collection("x").database.name
    _ASKED.thread = threading.get_ident()
    try:
        yield _ASKED.commands
    finally:
        _ASKED.database, _ASKED.thread = None, 0
