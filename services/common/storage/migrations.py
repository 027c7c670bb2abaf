"""Changing what is stored, while processes of two releases work on it side by side.

A release that stores something in another form first reads both forms. Its migration then rewrites
what is there; the release after it need not know the old form any more. So each process works with
data that is one release newer than itself, and refuses data that is newer than that.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pymongo.collection import Collection

from services.common.ids import new_id
from services.common.storage.leases import Lease, LeaseLost
from services.common.storage.mongo import Database, Document, Session, unavailable_when_away
from services.common.version import DATA_VERSION

COLLECTION = "migrations"
RESTORING = "restoring"
"""The collection that a database has while a backup is put back into it."""

LEASE = timedelta(seconds=30)
BATCH = 500
_LOOK_AGAIN_SECONDS = 0.5

Beat = Callable[[], None]


class UnknownData(Exception):
    """The database is none that this release may work with; its text is one sentence."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One change of what a service has stored.

    Attributes:
        name: of its own for good.
        data_version: that of the release that brings it (``services/common/version.py``).
        migrate: changes the database, and calls the second argument at least every ten seconds.
            It may be killed anywhere and runs again from its beginning, also when it has finished:
            :func:`rewrite` is made for it. Returns how many documents it changed.
    """

    name: str
    data_version: int
    migrate: Callable[[Database, Beat], int]


def check_data_version(database: Database, known: int = DATA_VERSION) -> None:
    """See whether this release may work with the data.

    Raises:
        UnknownData: if they are newer by more than one release, or are just being put back.
        errors.Unavailable: if the database is away.
    """
    with unavailable_when_away():
        newest = database.collection(COLLECTION).find_one(sort=[("data_version", -1)])
        restoring = database.collection(RESTORING).find_one()
    name = database.collection(COLLECTION).database.name
    if restoring is not None:
        raise UnknownData(f"{name} is being put back from the backup {restoring['backup']}.")
    if newest is not None and newest["data_version"] > known + 1:
        raise UnknownData(
            f"{name} has data of version {newest['data_version']}, and this release knows "
            f"{known}: at most one older release may run beside the newest."
        )


def rewrite(collection: Collection[Document], old_form: Document, change: Any, beat: Beat) -> int:
    """Change every document that has the old form, some at a time, beside those who write.

    Args:
        old_form: a condition that no document meets any more once it was changed.
        change: an update, or the stages of one. Each document changes by itself and at once, and
            only if it still has the old form; a transaction that meets one tries again.

    Returns:
        how many were changed.
    """
    changed = 0
    while True:
        beat()
        with unavailable_when_away():
            ids = [each["_id"] for each in collection.find(old_form, {"_id": 1}).limit(BATCH)]
            if not ids:
                return changed
            done = collection.update_many({"_id": {"$in": ids}, **old_form}, change)
        changed += done.modified_count


def run_migrations(
    database: Database,
    migrations: Sequence[Migration],
    *,
    known: int = DATA_VERSION,
    lease: timedelta = LEASE,
) -> list[str]:
    """Run what is to be run, in order; another process that does so is waited for.

    Those of the newest release run each time, because a process of the release before may have
    written since. Those before it are finished for good.

    Returns:
        a line for each that ran.

    Raises:
        UnknownData: as :func:`check_data_version`.
        errors.Unavailable: if the database is away.
    """
    check_data_version(database, known)
    ours = Lease(database, COLLECTION, holder=new_id(), length=lease)
    while ours.acquire() is None:
        time.sleep(_LOOK_AGAIN_SECONDS)

    def beat() -> None:
        if ours.acquire() is None:
            raise LeaseLost(COLLECTION)

    try:
        return [
            _run(database, each, ours, beat)
            for each in sorted(migrations, key=lambda one: one.data_version)
            if each.data_version == known or not _finished(database, each)
        ]
    finally:
        ours.release()


def _finished(database: Database, migration: Migration) -> bool:
    found = database.collection(COLLECTION).find_one({"_id": migration.name})
    return found is not None and found.get("finished_at") is not None


def _run(database: Database, migration: Migration, lease: Lease, beat: Beat) -> str:
    notes = database.collection(COLLECTION)

    def note(session: Session, change: Document) -> None:
        lease.fenced(session)
        notes.update_one({"_id": migration.name}, [{"$set": change}], upsert=True, session=session)

    begun: Document = {
        "data_version": migration.data_version,
        "started_at": {"$ifNull": ["$started_at", "$$NOW"]},
    }
    database.transact(lambda session: note(session, begun))
    changed = migration.migrate(database, beat)
    ended: Document = {
        "finished_at": "$$NOW",
        "changed": {"$add": [{"$ifNull": ["$changed", 0]}, changed]},
    }
    database.transact(lambda session: note(session, ended))
    return f"{migration.name}: {changed} documents changed."
