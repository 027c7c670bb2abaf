"""Which delivery is to be sent next: each says itself when it is due (ADR 0019).

A delivery that is not over has ``due_at``; the claim of a worker, a ``token`` and a time of lease.
What :mod:`.deliveries` writes of it when an attempt has ended says both anew, or takes them away.

The organisations take turns: one whose thousand mails wait holds back no other's.
"""

from __future__ import annotations

from datetime import datetime

from pymongo import ASCENDING, ReturnDocument

from services.common.clock import Clock
from services.common.ids import NewId
from services.common.storage.deadlines import LEASE, Deadline
from services.common.storage.mongo import Database, Document, unavailable_when_away
from services.notifications.domain.deadlines import DeadlineKind
from services.notifications.store.deliveries import DELIVERIES, UNCLAIMED

_BY_SENDER = [("sender", ASCENDING), ("due_at", ASCENDING)]
_WAITS: Document = {"due_at": {"$exists": True}}


class DueDeliveries:
    """Where the senders take their deliveries from; to them each is a deadline of its own."""

    def __init__(self, database: Database, clock: Clock, new_id: NewId) -> None:
        self._deliveries = database.collection(DELIVERIES)
        self._clock = clock
        self._new_id = new_id
        # Whose turn it was last; it decides about order only, so each process has its own.
        self._last_sender = ""

    def ensure_indexes(self) -> None:
        self._deliveries.create_index(_BY_SENDER, partialFilterExpression=_WAITS)

    def claim(self) -> Deadline | None:
        """The delivery that has been due longest of the organisation whose turn it is, for us alone
        until the lease runs out."""
        found = None
        if self._last_sender:
            found = self._claim_of({"$gt": self._last_sender})
        if found is None:
            # Nobody comes after the last one: the first again.
            found = self._claim_of({"$gte": ""})
        self._last_sender = "" if found is None else found["sender"]
        return None if found is None else _deadline(found)

    def _claim_of(self, senders: Document) -> Document | None:
        # The bound on the sender, for any sender, lets the index skip what is due later.
        now = self._clock.now()
        with unavailable_when_away():
            found: Document | None = self._deliveries.find_one_and_update(
                {"sender": senders, "due_at": {"$lte": now}},
                {"$set": {"due_at": now + LEASE, "token": self._new_id()}, "$inc": {"claims": 1}},
                {"queued_at": 1, "claims": 1, "token": 1, "sender": 1},
                sort=_BY_SENDER,
                return_document=ReturnDocument.AFTER,
            )
        return found

    def drop(self, deadline: Deadline) -> None:
        """Nothing is left to send: let it be due no more."""
        self._change(deadline, {"$unset": {"due_at": "", **UNCLAIMED}})

    def postpone(self, deadline: Deadline, until: datetime) -> None:
        """It has failed: let it fall due again at ``until``."""
        self._change(deadline, {"$set": {"due_at": until}, "$unset": {"token": ""}})

    def wait(self, deadline: Deadline, until: datetime) -> None:
        """It is not its turn, which is no failure: let it fall due again at ``until``."""
        self._change(deadline, {"$set": {"due_at": until}, "$unset": UNCLAIMED})

    def _change(self, deadline: Deadline, change: Document) -> None:
        """Unless it was claimed again since, or settled."""
        with unavailable_when_away():
            self._deliveries.update_one({"_id": deadline.subject, "token": deadline.token}, change)


def _deadline(document: Document) -> Deadline:
    return Deadline(
        kind=DeadlineKind.DELIVERY,
        subject=document["_id"],
        due_at=document["queued_at"],
        data={},
        attempts=document["claims"],
        token=document["token"],
    )
