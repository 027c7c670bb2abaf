"""Waiting for transactions that others have open, where reading is not enough to be told of them.

Two transactions that write the same document meet; one that only reads it does not meet the one
that writes it, and goes on with what it has read. Where a change has to hold for everybody once its
answer is given, save it, then wait here.
"""

from __future__ import annotations

import time

from pymongo.errors import ExecutionTimeout, OperationFailure

from services.common import errors
from services.common.storage.mongo import (
    RETRY_AFTER_SECONDS,
    TRANSACTION_RETRY_SECONDS,
    Database,
    unavailable_when_away,
)

_LONGEST_IN_THE_WAY_MS = 50
_PAUSE_SECONDS = 0.1
_NO_SUCH_COLLECTION = 26


def await_transactions(database: Database, collection: str) -> None:
    """Wait until every transaction that has touched the collection by now is over.

    A change of a collection's options, here of none, waits for the transactions that use the
    collection, those that only read it too (MongoDB manual, "Production considerations" of
    transactions: pending DDL operations). What begins meanwhile is held up with it, or begins
    again, so it waits for short times, and lets others go in between.

    Raises:
        errors.Unavailable: if one is still open after ``TRANSACTION_RETRY_SECONDS``.
    """
    give_up = time.monotonic() + TRANSACTION_RETRY_SECONDS
    with unavailable_when_away():
        while not _nobody_is_in(database, collection):
            if time.monotonic() > give_up:
                raise errors.Unavailable(
                    detail=f"a transaction on {collection} stays open",
                    extra={"retry_after": RETRY_AFTER_SECONDS},
                )
            time.sleep(_PAUSE_SECONDS)


def _nobody_is_in(database: Database, collection: str) -> bool:
    commands = database.collection(collection).database
    try:
        commands.command("collMod", collection, maxTimeMS=_LONGEST_IN_THE_WAY_MS)
    except ExecutionTimeout:
        return False
    except OperationFailure as error:
        if error.code != _NO_SUCH_COLLECTION:
            raise
    return True
