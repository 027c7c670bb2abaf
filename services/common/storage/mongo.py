"""The one way to MongoDB: how to connect, and how to change things together.

Writes are acknowledged by a majority of the replica set and journalled; transactions read from a
snapshot. Use plain reads for queries and :meth:`Database.transact` for every change that has an
event or a key beside it, which is nearly all.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import pymongo
from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.errors import ConnectionFailure, OperationFailure, PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from services.common import errors, logs
from services.common.config import Settings

T = TypeVar("T")
Document = dict[str, Any]
Session = ClientSession

_log = logs.get(__name__)

SELECTION_TIMEOUT_MS = 3_000
TRANSACTION_RETRY_SECONDS = 4.0
RETRY_AFTER_SECONDS = 2
_FIRST_PAUSE_SECONDS = 0.002
_LONGEST_PAUSE_SECONDS = 0.1


class TryAgain(Exception):
    """Raised inside a transaction that was overtaken: with what is committed by now, the same work
    from its beginning may succeed. :meth:`Database.transact` does that, within its time."""


class Database:
    """A service's own database.

    Args:
        uri: a replica set; on one machine a set of one node.
        name: the database's name.
    """

    def __init__(self, uri: str, name: str) -> None:
        self.client: pymongo.MongoClient[Document] = pymongo.MongoClient(
            uri,
            tz_aware=True,
            appname=name,
            w="majority",
            journal=True,
            readConcernLevel="majority",
            serverSelectionTimeoutMS=SELECTION_TIMEOUT_MS,
            connectTimeoutMS=SELECTION_TIMEOUT_MS,
            socketTimeoutMS=20_000,
            # The first call connects, not the constructor: a service starts, and waits, when the
            # database is not there yet.
            connect=False,
        )
        self._database = self.client[name]

    def collection(self, name: str) -> Collection[Document]:
        return self._database[name]

    def ping(self) -> None:
        """Ask the primary for an answer.

        Raises:
            errors.Unavailable: if there is none in time.
        """
        with unavailable_when_away():
            self.client.admin.command("ping")

    def close(self) -> None:
        self.client.close()

    def transact(self, work: Callable[[Session], T]) -> T:
        """Do ``work`` in one transaction and commit it, trying again as a whole where that is safe.

        ``work`` runs again from its beginning after a write conflict, an election, a lost
        connection or :class:`TryAgain`, so it must not change anything but through its session, and
        must read whatever it decides on inside. What it raises itself aborts the transaction and is
        passed on.

        Raises:
            errors.Unavailable: if the database stays away, or conflicts do not end, for
                ``TRANSACTION_RETRY_SECONDS``. Whether the last commit took effect may then be
                unknown: that is what idempotency keys and versions are for.
        """
        give_up = time.monotonic() + TRANSACTION_RETRY_SECONDS
        pause = _FIRST_PAUSE_SECONDS
        with unavailable_when_away(), self.client.start_session() as session:
            while True:
                session.start_transaction(
                    read_concern=ReadConcern("snapshot"),
                    write_concern=WriteConcern("majority", j=True),
                )
                try:
                    result = work(session)
                    self._commit(session, give_up)
                    return result
                except (PyMongoError, TryAgain) as error:
                    _abort(session)
                    if not _worth_retrying(error):
                        raise
                    if time.monotonic() + pause > give_up:
                        raise errors.Unavailable(
                            detail=f"transaction gave up: {error}",
                            extra={"retry_after": RETRY_AFTER_SECONDS},
                        ) from error
                    # Racing transactions that all wait the same time would meet again.
                    time.sleep(pause * random.uniform(0.5, 1.0))
                    pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
                except BaseException:
                    _abort(session)
                    raise

    @staticmethod
    def _commit(session: Session, give_up: float) -> None:
        while True:
            try:
                return session.commit_transaction()
            except PyMongoError as error:
                # Committing again is safe: the server knows the transaction by its number.
                if not error.has_error_label("UnknownTransactionCommitResult"):
                    raise
                if time.monotonic() > give_up:
                    raise
                _log.warning("commit.unknown", error=str(error))
                time.sleep(_LONGEST_PAUSE_SECONDS)


def connect(settings: Settings, service: str) -> Database:
    """The database of a service."""
    return Database(settings.mongo_uri, settings.database(service))


def reason_away(database: Database) -> str | None:
    """A readiness check: why the database cannot be used now, or ``None``."""
    try:
        database.ping()
    except errors.Unavailable as error:
        return error.detail
    return None


def away(error: BaseException) -> errors.Unavailable | None:
    """The error that callers know, if this one says that there is no database there now."""
    if not isinstance(error, ConnectionFailure):
        return None
    return errors.Unavailable(
        detail=f"database: {type(error).__name__}", extra={"retry_after": RETRY_AFTER_SECONDS}
    )


@contextmanager
def unavailable_when_away() -> Iterator[None]:
    """Turn "no database there" into the error that callers know.

    Raises:
        errors.Unavailable: instead of pymongo's connection failures and elections.
    """
    try:
        yield
    except ConnectionFailure as error:
        raise away(error) or error from error


def _worth_retrying(error: PyMongoError | TryAgain) -> bool:
    return isinstance(error, ConnectionFailure | TryAgain) or error.has_error_label(
        "TransientTransactionError"
    )


def _abort(session: Session) -> None:
    if session.in_transaction:
        try:
            session.abort_transaction()
        except (ConnectionFailure, OperationFailure) as error:
            # The server ends an abandoned transaction by itself; what matters is the first error.
            _log.debug("abort.failed", error=str(error))
