"""Deadlines: what must happen at a time, kept in the database beside what it is about.

A deadline is set and cleared in the transaction of the change that causes it, so there is none for
something that was cancelled. Workers claim due ones with a lease; the handler's own transaction
finishes the deadline, so its effect happens once even if two workers hold it in turn.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from pymongo import ASCENDING, ReturnDocument

from services.common import logs, metrics
from services.common.clock import Clock
from services.common.ids import NewId
from services.common.storage.leases import LeaseLost
from services.common.storage.mongo import Database, Document, Session, unavailable_when_away

_log = logs.get(__name__)

# Longer than the database keeps open the transaction of a worker that was killed in it (20 s as we
# start it, looked for each 10 s). It has changed the deadline, so until then another claim of it
# would wait, and with it all other deadlines: a shorter lease brings nothing back sooner.
LEASE = timedelta(seconds=60)
IDLE_SECONDS = 0.25
BACKOFF = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=5),
    timedelta(hours=1),
)


@dataclass(frozen=True, slots=True)
class Deadline:
    """A deadline that a worker has claimed.

    Attributes:
        kind: which handler takes it.
        subject: id of what it is about; one deadline per kind and subject.
        due_at: when it fell due, UTC.
        data: what the handler needs, as it was set.
        attempts: how often it was claimed, this time included.
        token: of this claim.
    """

    kind: str
    subject: str
    due_at: datetime
    data: Mapping[str, Any]
    attempts: int
    token: str


class Deadlines:
    """The deadlines of one service."""

    def __init__(self, database: Database, clock: Clock, new_id: NewId) -> None:
        self._deadlines = database.collection("deadlines")
        self._clock = clock
        self._new_id = new_id

    def ensure_indexes(self) -> None:
        self._deadlines.create_index([("due_at", ASCENDING)])

    def set(
        self,
        session: Session,
        kind: str,
        subject: str,
        due_at: datetime,
        data: Mapping[str, Any] | None = None,
    ) -> None:
        """Set the deadline, in place of an earlier one of the same kind and subject."""
        self._deadlines.replace_one(
            {"_id": _id(kind, subject)},
            _unclaimed(kind, subject, due_at, data or {}),
            upsert=True,
            session=session,
        )

    def set_many(
        self, session: Session, kind: str, subjects: Sequence[str], due_at: datetime
    ) -> None:
        """Set a deadline for each of these subjects. None of them has one of this kind yet.

        One round trip for all of them, where :meth:`set` for each would be most of the work of a
        large batch.

        Raises:
            pymongo.errors.BulkWriteError: if one of them has one; the transaction must abort.
        """
        if subjects:
            self._deadlines.insert_many(
                [_unclaimed(kind, subject, due_at, {}) for subject in subjects],
                ordered=False,
                session=session,
            )

    def clear(self, session: Session, kind: str, subject: str) -> None:
        """Take the deadline away; nothing happens if there is none."""
        self._deadlines.delete_one({"_id": _id(kind, subject)}, session=session)

    def claim(self) -> Deadline | None:
        """The deadline that has been due longest, for us alone until the lease runs out."""
        now = self._clock.now()
        with unavailable_when_away():
            # With a majority, like every write: a claim that did not wait for it could be ahead of
            # what a handler reads next, which then looks as if there were nothing to do.
            found = self._deadlines.find_one_and_update(
                {"due_at": {"$lte": now}},
                {
                    # While it is claimed it is due again only after the lease: no second field to
                    # look at, and a worker that died gives it back by itself.
                    "$set": {"due_at": now + LEASE, "token": self._new_id()},
                    "$inc": {"attempts": 1},
                },
                sort=[("due_at", ASCENDING)],
                return_document=ReturnDocument.AFTER,
            )
        return None if found is None else _deadline(found)

    def finish(self, session: Session, deadline: Deadline) -> None:
        """Done: take it away, in the transaction of its effect.

        Raises:
            LeaseLost: if the claim has run out, or the deadline was changed since; the transaction
                must abort.
        """
        result = self._deadlines.delete_one(
            {"_id": _id(deadline.kind, deadline.subject), "token": deadline.token}, session=session
        )
        if result.deleted_count != 1:
            raise LeaseLost(_id(deadline.kind, deadline.subject))

    def postpone(self, deadline: Deadline, until: datetime) -> None:
        """Not now: let it fall due again at ``until`` (unless it was changed since)."""
        with unavailable_when_away():
            self._deadlines.update_one(
                {"_id": _id(deadline.kind, deadline.subject), "token": deadline.token},
                {"$set": {"due_at": until, "token": None}},
            )


Handler = Callable[[Deadline], None]


class Source(Protocol):
    """Where a runner takes what is due from: :class:`Deadlines`, or documents of another collection
    that say themselves when they are due."""

    def claim(self) -> Deadline | None:
        """See :meth:`Deadlines.claim`."""
        ...

    def postpone(self, deadline: Deadline, until: datetime) -> None:
        """See :meth:`Deadlines.postpone`."""
        ...


class DeadlineRunner:
    """Claims due deadlines and hands each to the handler of its kind.

    Args:
        service: a label of the metrics.
        deadlines: where they come from.
        handlers: by kind. A handler finishes its deadline inside its transaction, or postpones it.
        rest: called when nothing is due any more, and at the end: closes what the handlers keep
            open from one deadline to the next.
    """

    def __init__(
        self,
        service: str,
        deadlines: Source,
        handlers: Mapping[str, Handler],
        clock: Clock,
        rest: Callable[[], None] = lambda: None,
    ) -> None:
        self._service = service
        self._deadlines = deadlines
        self._handlers = handlers
        self._clock = clock
        self._rest = rest

    def run(self, stop: threading.Event, beat: Callable[[], None]) -> None:
        """Work until the process stops."""
        try:
            while not stop.is_set():
                beat()
                if not self.step():
                    self._rest()
                    stop.wait(IDLE_SECONDS)
        finally:
            self._rest()

    def step(self) -> bool:
        """Handle one due deadline; false if none was due."""
        deadline = self._deadlines.claim()
        if deadline is None:
            return False
        with logs.bound(deadline=deadline.kind, subject=deadline.subject):
            try:
                self._handlers[deadline.kind](deadline)
            except LeaseLost:
                # Another worker has it, or it was moved meanwhile: the effect did not commit here.
                outcome = "lost"
            except Exception:  # noqa: BLE001
                # One deadline that fails must not stop the others: it comes back, later each time.
                outcome = "failed"
                pause = BACKOFF[min(deadline.attempts, len(BACKOFF)) - 1]
                _log.exception("deadline.failed", attempts=deadline.attempts)
                self._deadlines.postpone(deadline, self._clock.now() + pause)
            else:
                outcome = "done"
        metrics.DEADLINES.labels(self._service, deadline.kind, outcome).inc()
        return True


def _id(kind: str, subject: str) -> str:
    return f"{kind}|{subject}"


def _unclaimed(kind: str, subject: str, due_at: datetime, data: Mapping[str, Any]) -> Document:
    return {
        "_id": _id(kind, subject),
        "kind": kind,
        "subject": subject,
        "due_at": due_at,
        "first_due_at": due_at,
        "data": dict(data),
        "attempts": 0,
        "token": None,
    }


def _deadline(document: Document) -> Deadline:
    return Deadline(
        kind=document["kind"],
        subject=document["subject"],
        due_at=document["first_due_at"],
        data=document["data"],
        attempts=document["attempts"],
        token=document["token"],
    )
