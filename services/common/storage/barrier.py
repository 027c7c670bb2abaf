"""Waiting for open transactions of others, where a read cannot show them.

Two transactions that write the same document meet; one that only reads it does not meet the one
that writes it, and goes on with what it has read. Where a change has to hold for everybody once its
answer is given, save it, then wait here.
"""

from __future__ import annotations

import time

from pymongo.errors import OperationFailure, PyMongoError

from services.common import errors
from services.common.storage.mongo import (
    RETRY_AFTER_SECONDS,
    TRANSACTION_RETRY_SECONDS,
    Database,
    time_limit,
    time_limit_end,
    unavailable_when_away,
)

_LONGEST_IN_THE_WAY_SECONDS = 0.2
_PAUSE_SECONDS = 0.1
_NO_SUCH_COLLECTION = 26


def await_transactions(database: Database, collection: str) -> None:
    """Wait until every transaction that has touched the collection by now is over.

    A change of a collection's options, here of none, waits for the transactions that use the
    collection, those that only read it too (MongoDB manual, "Production considerations" of
    transactions: pending DDL operations). What begins meanwhile is held up with it, or begins
    again, so it waits for short times, and lets others go in between.

    A transaction that has begun with something else, and touches the collection later, is not
    waited for, yet sees it as it was: who reads there must look again outside the transaction
    (:class:`~services.common.storage.mongo.RetryTransaction`), or begin with it.

    Raises:
        errors.Unavailable: if one is still open after ``TRANSACTION_RETRY_SECONDS``, or when the
            time of ``within`` is over.
    """
    give_up = min(time.monotonic() + TRANSACTION_RETRY_SECONDS, time_limit_end())
    with unavailable_when_away():
        while True:
            # First, because the first question of a transaction sees the moment in which it came
            # in, and touches what it asks about a little later.
            time.sleep(_PAUSE_SECONDS)
            if _nobody_is_in(database, collection):
                return
            if time.monotonic() > give_up:
                raise errors.Unavailable(
                    detail=f"a transaction on {collection} stays open",
                    extra={"retry_after": RETRY_AFTER_SECONDS},
                )


def _nobody_is_in(database: Database, collection: str) -> bool:
    commands = database.collection(collection).database
    try:
        # Not by maxTimeMS: inside another `within` the driver would put all the time that is left
        # in its place, and all others would be held up for as long.
        with time_limit(_LONGEST_IN_THE_WAY_SECONDS):
            commands.command("collMod", collection)
    except OperationFailure as error:
        if error.timeout:
            return False
        if error.code != _NO_SUCH_COLLECTION:
            raise
    except PyMongoError as error:
        if not error.timeout:
            raise
        return False
    return True
