"""The one way to MongoDB: how to connect, and how to change things together.

Writes are acknowledged by a majority of the replica set and journalled; transactions read from a
snapshot. Use plain reads for queries and :meth:`Database.transact` for every change that has an
event or a key beside it, which is nearly all.

Everything that is asked of the database ends: a call's work with its caller's patience
(:func:`time_limit`), a transaction after ``TRANSACTION_SECONDS``, anything else after twice the
socket's timeout, because a read is asked once more.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

import pymongo
from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.errors import BulkWriteError, ConnectionFailure, OperationFailure, PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from services.common import errors, logs
from services.common.config import Settings
from services.common.storage.turns import NoTurn, Turns

T = TypeVar("T")
Document = dict[str, Any]
Session = ClientSession

_log = logs.get(__name__)

SELECTION_TIMEOUT_MS = 3_000
SOCKET_TIMEOUT_MS = 10_000
#: Between two looks at each node. One that fell silent is known by this and the connect timeout
#: later: its sockets are closed then, and what waits on them fails.
HEARTBEAT_MS = 2_000
PING_SECONDS = 3.0
TRANSACTION_SECONDS = 15.0
TRANSACTION_RETRY_SECONDS = 4.0
RETRY_AFTER_SECONDS = 2
_OUT_OF_DISK = 14031
_AUTHENTICATION_FAILED = 18
_NO_SPACE = "No space left on device"
_FIRST_PAUSE_SECONDS = 0.002
_LONGEST_PAUSE_SECONDS = 0.1
_DUPLICATE_KEY = 11000


class RetryTransaction(Exception):
    """Raised inside a transaction that was overtaken: with what is committed by now, the same work
    from its beginning may succeed. :meth:`Database.transact` does that, within its time."""


class AlreadyThere(Exception):
    """One of the documents to insert is there already. The transaction in which that came out is
    over: it has to begin again from the start."""


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
            socketTimeoutMS=SOCKET_TIMEOUT_MS,
            heartbeatFrequencyMS=HEARTBEAT_MS,
            # The first call connects, not the constructor: a service starts, and waits, when the
            # database is not there yet.
            connect=False,
        )
        self._database = self.client[name]
        self._turns = Turns()

    def collection(self, name: str) -> Collection[Document]:
        return self._database[name]

    def ping(self) -> None:
        """Ask the primary for an answer.

        Raises:
            errors.Unavailable: if there is none in time.
        """
        with time_limit(PING_SECONDS), unavailable_when_away():
            self.client.admin.command("ping")

    def close(self) -> None:
        self.client.close()

    @contextmanager
    def snapshot(self) -> Iterator[Session]:
        """A session whose reads all see one moment, of what a majority holds; it cannot write."""
        with unavailable_when_away(), self.client.start_session(snapshot=True) as session:
            yield session

    def transact(self, work: Callable[[Session], T], *, turn: str | None = None) -> T:
        """Do ``work`` in one transaction and commit it, trying again as a whole where that is safe.

        ``work`` runs again from its beginning after a write conflict, an election, a lost
        connection or :class:`RetryTransaction`, so it must not change anything but through its
        session, and must read inside it everything that it decides on. What it raises itself aborts
        the transaction and is passed on.

        Args:
            turn: names a document that many may want to change at the same time. Those in this
                process wait for each other, in place of meeting in the database.

        Raises:
            errors.Unavailable: if the database stays away, or conflicts do not end, for
                ``TRANSACTION_RETRY_SECONDS``; if it hangs for ``TRANSACTION_SECONDS``; or if the
                time of :func:`time_limit` is over before. Whether the last commit took effect may
                then be unknown: that is what idempotency keys and versions are for.
        """
        if turn is None:
            return self._transact(work)
        end = min(time.monotonic() + TRANSACTION_SECONDS, time_limit_end())
        try:
            with self._turns.turn(turn, end - time.monotonic()):
                return self._transact(work)
        except NoTurn as error:
            raise errors.Unavailable(
                detail="many want the same document", extra={"retry_after": RETRY_AFTER_SECONDS}
            ) from error

    def _transact(self, work: Callable[[Session], T]) -> T:
        pause = _FIRST_PAUSE_SECONDS
        with (
            time_limit(TRANSACTION_SECONDS),
            unavailable_when_away(),
            self.client.start_session() as session,
        ):
            give_up = min(time.monotonic() + TRANSACTION_RETRY_SECONDS, time_limit_end())
            while True:
                session.start_transaction(
                    read_concern=ReadConcern("snapshot"),
                    write_concern=WriteConcern("majority", j=True),
                )
                try:
                    result = work(session)
                    self._commit(session, give_up)
                    return result
                except (PyMongoError, RetryTransaction) as error:
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


def insert_all(
    session: Session, collection: Collection[Document], documents: Sequence[Document]
) -> None:
    """Insert these documents in one round trip, without asking first which of them are there.

    For what is new nearly always: the question would cost every time, the answer is no.

    Raises:
        AlreadyThere: if one of them is there, or another with a key that is unique. MongoDB has
            ended the transaction then; who begins it again asks first.
    """
    if not documents:
        return
    try:
        collection.insert_many(documents, ordered=False, session=session)
    except BulkWriteError as error:
        faults = error.details.get("writeErrors") or [{}]
        if all(fault.get("code") == _DUPLICATE_KEY for fault in faults):
            raise AlreadyThere(collection.name) from error
        raise


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
    """The error that callers know, if this one says that there is no database there now, that it
    has no room on its disk, or that it knows another password, as while that is changed."""
    if not (
        isinstance(error, ConnectionFailure)
        or _timed_out(error)
        or _is_out_of_disk(error)
        or _is_refused_its_password(error)
    ):
        return None
    return errors.Unavailable(
        detail=f"database: {type(error).__name__}", extra={"retry_after": RETRY_AFTER_SECONDS}
    )


@contextmanager
def unavailable_when_away() -> Iterator[None]:
    """Turn "no database there" into the error that callers know.

    Raises:
        errors.Unavailable: instead of pymongo's connection failures, elections and timeouts.
    """
    try:
        yield
    except PyMongoError as error:
        unavailable = away(error)
        if unavailable is None:
            raise
        raise unavailable from error


#: When the work at hand is of no use any more, on the monotonic clock.
_until: ContextVar[float] = ContextVar("database_until", default=math.inf)
_SHORTEST_SECONDS = 0.001


def time_limit_end() -> float:
    """When the block of :func:`time_limit` ends that we are in, on the monotonic clock; never,
    outside of any."""
    return _until.get()


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Bound all that is asked of the database inside the block, taken together.

    What does not end in time fails as if the database were away. Of blocks inside one another the
    one that ends first holds. A database that is frozen, not dead, takes requests and answers none:
    without a bound each would be waited for beyond the time at which its caller has left.

    Args:
        seconds: from now; none left means that the next question fails at once.
    """
    now = time.monotonic()
    until = min(_until.get(), now + seconds)
    token = _until.set(until)
    try:
        # To pymongo a timeout of zero is no timeout.
        with pymongo.timeout(max(until - now, _SHORTEST_SECONDS)):
            yield
    finally:
        _until.reset(token)


def _timed_out(error: BaseException) -> bool:
    return isinstance(error, PyMongoError) and error.timeout


def _is_out_of_disk(error: BaseException) -> bool:
    # A write that meets the full disk itself has no code of its own: only its words say it.
    return isinstance(error, OperationFailure) and (
        error.code == _OUT_OF_DISK or _NO_SPACE in str(error)
    )


def _is_refused_its_password(error: BaseException) -> bool:
    return isinstance(error, OperationFailure) and error.code == _AUTHENTICATION_FAILED


def _worth_retrying(error: PyMongoError | RetryTransaction) -> bool:
    return isinstance(error, ConnectionFailure | RetryTransaction) or error.has_error_label(
        "TransientTransactionError"
    )


def _abort(session: Session) -> None:
    if session.in_transaction:
        try:
            session.abort_transaction()
        except (ConnectionFailure, OperationFailure) as error:
            # The server ends an abandoned transaction by itself; what matters is the first error.
            _log.debug("abort.failed", error=str(error))
