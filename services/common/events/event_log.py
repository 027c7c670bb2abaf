"""The event log: a branch's permanent memory, numbered without gaps and chained by hashes.

Each entry's hash covers the event and the hash before it, so an entry that was changed, lost or put
in later shows up in :func:`verify`, and two copies are equal when their last hashes are.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pymongo import WriteConcern
from pymongo.read_concern import ReadConcern

from services.common.events.audience import OPEN, Audience
from services.common.events.envelope import CloudEvent
from services.common.storage.mongo import Database, Document, Session

COLLECTION = OPEN.log
FIRST_HASH = "0" * 64
# Of the entries that a reader has in memory; by default as many as fit into 16 MB.
_READ_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Entry:
    """An event at its place in the log."""

    seq: int
    event: CloudEvent
    hash: str


class LogBroken(Exception):
    """The log is not what was written: a gap, a changed entry, or a wrong order."""


def chained(previous: str, event: CloudEvent) -> str:
    """The hash of an entry: SHA-256 over the previous hash and the event's canonical bytes."""
    return hashlib.sha256(previous.encode() + event.encode()).hexdigest()


class EventLog:
    """The log of one service for one audience. Only the audience's relay appends."""

    def __init__(self, database: Database, audience: Audience = OPEN) -> None:
        self._entries = database.collection(audience.log)
        # The broker's word needs no disk of ours: a mark that is lost with the database means that
        # an event is sent again, which its consumers' inboxes drop.
        self._marks = self._entries.with_options(
            write_concern=WriteConcern(w=1, j=False), read_concern=ReadConcern("local")
        )

    def ensure_indexes(self) -> None:
        self._entries.create_index("event.id", unique=True)
        # With the number in it: the relay reads in order without a sort in memory.
        self._entries.create_index(
            [("pending", 1), ("_id", 1)],
            name="pending_in_order",
            partialFilterExpression={"pending": True},
        )

    def append(self, session: Session, entries: list[Entry]) -> None:
        """Add entries, as yet unpublished, in the relay's transaction."""
        self._entries.insert_many(
            [
                {
                    "_id": entry.seq,
                    "event": entry.event.to_wire(),
                    "hash": entry.hash,
                    "pending": True,
                }
                for entry in entries
            ],
            session=session,
        )

    def pending(self, limit: int, after: int = 0) -> list[Entry]:
        """Entries with a number above ``after`` that no broker has confirmed yet, in order."""
        found = self._marks.find({"pending": True, "_id": {"$gt": after}})
        found = found.sort("_id", 1).limit(limit)
        return [_entry(document) for document in found]

    def pending_of(self, first: Entry) -> list[Entry]:
        """Entries of the same aggregate after this one that no broker has confirmed yet, in
        order."""
        publisher, kind, _ = first.event.type.split(".", 2)
        found = self._marks.find(
            {
                "pending": True,
                "_id": {"$gt": first.seq},
                "event.subject": first.event.subject,
                "event.type": {"$regex": rf"^{re.escape(publisher)}\.{re.escape(kind)}\."},
            }
        )
        return [_entry(document) for document in found.sort("_id", 1)]

    def published(self, seqs: list[int]) -> None:
        """The broker has confirmed these."""
        self._marks.update_many({"_id": {"$in": seqs}}, {"$unset": {"pending": ""}})

    def read(
        self, after: int = 0, limit: int | None = None, *, types: Sequence[str] = ()
    ) -> Iterator[Entry]:
        """Entries with a number above ``after``, in order.

        Args:
            types: of events; without any, all of them.
        """
        query: Document = {"_id": {"$gt": after}}
        if types:
            query["event.type"] = {"$in": list(types)}
        found = self._entries.find(query).sort("_id", 1).batch_size(_READ_AT_ONCE)
        if limit is not None:
            found = found.limit(limit)
        for document in found:
            yield _entry(document)

    def verify(self) -> tuple[int, str]:
        """Read the whole log and check its numbers and hashes.

        Returns:
            The last number and the last hash.

        Raises:
            LogBroken: at the first entry that does not follow from the one before it.
        """
        seq, digest = 0, FIRST_HASH
        for entry in self.read():
            if entry.seq != seq + 1:
                raise LogBroken(f"entry {seq} is followed by {entry.seq}")
            digest = chained(digest, entry.event)
            if entry.hash != digest or entry.event.sequence != entry.seq:
                raise LogBroken(f"entry {entry.seq} is not what was written")
            seq = entry.seq
        return seq, digest


def _entry(document: Document) -> Entry:
    return Entry(
        seq=document["_id"], event=CloudEvent.from_wire(document["event"]), hash=document["hash"]
    )
