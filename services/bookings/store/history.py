"""What was changed of the things that can be booked, and by whom; beside them, because everybody
reads those and few read this."""

from __future__ import annotations

from pymongo import ASCENDING

from services.bookings.domain.history import Change
from services.common.storage.mongo import Database, Document, Session


class HistoryStore:
    """The history of spaces and equipment."""

    def __init__(self, database: Database) -> None:
        self._changes = database.collection("catalogue_history")

    def ensure_indexes(self) -> None:
        self._changes.create_index([("subject", ASCENDING), ("version", ASCENDING)], unique=True)

    def add(self, session: Session, subject: str, change: Change) -> None:
        """Keep what was changed of a thing, in the transaction of the change."""
        document = change_document(change)
        self._changes.insert_one({"subject": subject, **document}, session=session)

    def of(self, subject: str, *, after: int | None, limit: int) -> list[Change]:
        """What was changed of a thing, oldest first, after the version named."""
        query: Document = {"subject": subject}
        if after is not None:
            query["version"] = {"$gt": after}
        found = self._changes.find(query).sort("version", ASCENDING).limit(limit)
        return [change_of(document) for document in found]


def change_document(change: Change) -> Document:
    return {
        "at": change.at,
        "by": change.by,
        "action": change.action,
        "reason": change.reason,
        "changes": {field: list(pair) for field, pair in change.changes.items()},
        "version": change.version,
    }


def change_of(document: Document) -> Change:
    return Change(
        at=document["at"],
        by=document["by"],
        action=document["action"],
        reason=document["reason"],
        changes={field: (old, new) for field, (old, new) in document["changes"].items()},
        version=document["version"],
    )
