"""The entries of a branch's histories: beside what they are about, because many read that and few
read its history."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from contextlib import nullcontext
from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo import ASCENDING

from services.common.encryption import Cipher
from services.common.history.changes import Change
from services.common.storage.encrypted import SECRET, hide, show
from services.common.storage.mongo import Database, Document, Session, unavailable_when_away

HISTORY = "history"
_SECRETS = ("changes", "reason")


class HistoryStore:
    """The histories of a branch.

    Args:
        database: the branch's own.
        cipher_of: finds the cipher for the values and reasons of a subject; None for a subject
            that has none.
    """

    def __init__(
        self, database: Database, cipher_of: Callable[[str], Cipher | None] | None = None
    ) -> None:
        self._changes = database.collection(HISTORY)
        self._cipher_of = cipher_of or (lambda _subject: None)

    def ensure_indexes(self) -> None:
        self._changes.create_index([("subject", ASCENDING), ("version", ASCENDING)], unique=True)
        self._changes.create_index([("by", ASCENDING), ("at", ASCENDING)])

    def add(self, session: Session, subject: str, change: Change) -> None:
        """Add an entry, in the transaction of the change.

        Raises:
            pymongo.errors.DuplicateKeyError: if this version of the subject has one.
        """
        self._changes.insert_one(self._document(subject, change), session=session)

    def add_many(self, session: Session, entries: Iterable[tuple[str, Change]]) -> None:
        """Add entries of several subjects in one write.

        Raises:
            pymongo.errors.BulkWriteError: as :meth:`add`.
        """
        documents = [self._document(subject, change) for subject, change in entries]
        if documents:
            self._changes.insert_many(documents, session=session)

    def _document(self, subject: str, change: Change) -> Document:
        document: Document = {"_id": ObjectId(), **change_document(change)}
        cipher = self._cipher_of(subject)
        if cipher is not None:
            document = hide(document, _SECRETS, cipher)
        return {"subject": subject, **document}

    def last_changes(self, subjects: Collection[str]) -> dict[str, datetime]:
        """When each of these subjects was last changed; those without a history are left out.

        Raises:
            errors.Unavailable: if the database is away.
        """
        if not subjects:
            return {}
        with unavailable_when_away():
            found = self._changes.aggregate(
                [
                    {"$match": {"subject": {"$in": sorted(subjects)}}},
                    {"$group": {"_id": "$subject", "at": {"$max": "$at"}}},
                ]
            )
            return {each["_id"]: each["at"] for each in found}

    def of(self, subject: str, *, after: int | None, limit: int) -> list[Change]:
        """What was changed of a subject, oldest first.

        Args:
            after: the version of the last entry before; ``None`` for the first page.
            limit: at most so many.

        Raises:
            errors.Unavailable: if the database is away.
        """
        query: Document = {"subject": subject}
        if after is not None:
            query["version"] = {"$gt": after}
        with unavailable_when_away():
            found = self._changes.find(query).sort("version", ASCENDING).limit(limit)
            return [change_of(self._shown(document)) for document in found]

    def _shown(self, document: Document) -> Document:
        cipher = self._cipher_of(document["subject"])
        return document if cipher is None else show(document, cipher)

    def erase(self, session: Session, subject: str) -> None:
        """Take the values and reasons out of the entries of a subject; who changed it and when
        stays. Again does no harm."""
        self._changes.update_many(
            {"subject": subject},
            {"$set": {"changes": {}, "reason": None}, "$unset": {SECRET: ""}},
            session=session,
        )

    def recorded(self, subject: str, session: Session | None = None) -> tuple[int, int] | None:
        """How many versions of a subject have an entry, and the highest; ``None``: none has."""
        shown = {"version": 1, "_id": 0}
        found = self._changes.find({"subject": subject}, shown, session=session)
        versions = [each["version"] for each in found]
        return (len(versions), max(versions)) if versions else None

    def of_field(
        self, subjects: Collection[str], field: str, session: Session | None = None
    ) -> dict[str, list[Change]]:
        """What was changed of one field of these subjects: by subject, oldest first.

        Raises:
            errors.Unavailable: if the database is away.
        """
        found: dict[str, list[Change]] = {}
        query = {"subject": {"$in": sorted(subjects)}, f"changes.{field}": {"$exists": True}}
        order = [("subject", ASCENDING), ("version", ASCENDING)]
        with unavailable_when_away() if session is None else nullcontext():
            for document in self._changes.find(query, session=session).sort(order):
                found.setdefault(document["subject"], []).append(change_of(document))
        return found

    def forget_reasons(self, session: Session, subjects: Collection[str]) -> None:
        """Erase the reasons that people have written into the histories of these subjects."""
        self._changes.update_many(
            {"subject": {"$in": sorted(subjects)}}, {"$set": {"reason": None}}, session=session
        )

    def changes_by(self, person_id: str) -> list[dict[str, Any]]:
        """What a person has changed, oldest first: subject, time, action and reason of each.

        Raises:
            errors.Unavailable: if the database is away.
        """
        shown = ("subject", "at", "action", "reason")
        with unavailable_when_away():
            found = self._changes.find({"by": person_id}).sort("at", ASCENDING)
            return [{name: self._shown(each).get(name) for name in shown} for each in found]


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
