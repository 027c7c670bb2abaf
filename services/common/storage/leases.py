"""Leases: one of several processes does a job, and a frozen one cannot spoil it afterwards.

Times are the database server's (``$$NOW``), so the processes' clocks need not agree.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from services.common.storage.mongo import Database, Document, Session, unavailable_when_away


class LeaseLost(Exception):
    """The lease has gone to another holder: stop, and write nothing."""


class Lease:
    """A named lease of a service.

    The document keeps, beside holder and expiry, an ``epoch`` that rises with every change of
    hands, and the state that the job keeps under its fence.

    Args:
        database: the service's own.
        name: the job.
        holder: unique name of this process.
        length: how long the lease holds without renewal; renewed after a third of it.
    """

    def __init__(self, database: Database, name: str, *, holder: str, length: timedelta) -> None:
        self._leases = database.collection("leases")
        self._name = name
        self._holder = holder
        self._length = length
        self._epoch: int | None = None
        self._renew_at = 0.0

    def acquire(self) -> int | None:
        """Take or keep the lease. Cheap when it was renewed lately.

        Returns:
            The epoch under which it is ours now, at least 1; None if another process has it.
            Another epoch than the last means that others may have held it in between.
        """
        now = time.monotonic()
        if self._epoch is not None and now < self._renew_at:
            return self._epoch
        milliseconds = int(self._length.total_seconds() * 1000)
        ours = {"$eq": ["$holder", self._holder]}
        # At its very end it is over: a process that asks in the millisecond of a release may get
        # it.
        free = {"$lte": [{"$ifNull": ["$expires_at", "$$NOW"]}, "$$NOW"]}
        may_take = {"$or": [ours, free]}

        def if_taken(value: Any, otherwise: str) -> Document:
            return {"$cond": [may_take, value, otherwise]}

        with unavailable_when_away():
            try:
                document = self._leases.find_one_and_update(
                    {"_id": self._name},
                    [
                        {
                            "$set": {
                                "epoch": {
                                    "$add": [
                                        {"$ifNull": ["$epoch", 0]},
                                        {"$cond": [ours, 0, {"$cond": [may_take, 1, 0]}]},
                                    ]
                                },
                                "holder": if_taken(self._holder, "$holder"),
                                "expires_at": if_taken(
                                    {"$add": ["$$NOW", milliseconds]}, "$expires_at"
                                ),
                            }
                        }
                    ],
                    upsert=True,
                    return_document=ReturnDocument.AFTER,
                )
            except DuplicateKeyError:
                # Two processes made the document at once; the other one has it.
                document = None
        if document is None or document["holder"] != self._holder:
            self._epoch = None
            return None
        self._epoch = document["epoch"]
        self._renew_at = now + self._length.total_seconds() / 3
        return self._epoch

    def fenced(self, session: Session) -> Document:
        """The lease's document inside a transaction, if it is still ours.

        Raises:
            LeaseLost: if it is not.
        """
        document = self._leases.find_one({"_id": self._name, "epoch": self._epoch}, session=session)
        if document is None:
            self._epoch = None
            raise LeaseLost(self._name)
        return document

    def write(self, session: Session, state: Mapping[str, Any]) -> None:
        """Store the job's state under the fence. A change of hands meanwhile is a write conflict.

        Raises:
            LeaseLost: if the lease is not ours any more.
        """
        result = self._leases.update_one(
            {"_id": self._name, "epoch": self._epoch}, {"$set": dict(state)}, session=session
        )
        if result.matched_count != 1:
            self._epoch = None
            raise LeaseLost(self._name)

    def release(self) -> None:
        """Give the lease up, so that the next holder need not wait for it to run out."""
        if self._epoch is not None:
            with unavailable_when_away():
                self._leases.update_one(
                    {"_id": self._name, "epoch": self._epoch},
                    [{"$set": {"expires_at": "$$NOW", "holder": None}}],
                )
            self._epoch = None
