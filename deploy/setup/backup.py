"""Backing up the databases while the system works.

All is read as of one moment of the replica set (read concern ``snapshot`` at one cluster time), in
all databases together. A change commits with its event and its key, and a consumer's effect with
its note; so the backup has both or neither, and no branch is ahead of another.

The keys of cases are backed up apart, for other people, and *after* the data: a key is made before
its case is stored, so keys of a later moment open every case of the earlier one.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from bson import Timestamp
from bson.raw_bson import RawBSONDocument
from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from deploy.broker import SERVICES
from deploy.database import KEYS_OF_CASES, PREFIX
from deploy.setup import archive
from deploy.setup.archive import Manifest, SavedCollection, SavedLog
from deploy.setup.problems import SetupError, required
from services.common.events.audience import OPEN, SEALED
from services.common.events.event_log import FIRST_HASH
from services.common.storage.migrations import RESTORING

DATA, CASE_KEYS = "data", "case-keys"
LOGS = (OPEN.log, SEALED.log)

Client = MongoClient[dict[str, Any]]

_BATCH = 1_000
_TRIES = 5
_MILLISECONDS = 5_000
# From MongoDB's list of error codes.
_SNAPSHOT_TOO_OLD, _SNAPSHOT_UNAVAILABLE = 239, 246


class _Moved(Exception):
    """A collection or an index was made while we read: all begins again, at a later moment."""


def back_up(content: str, folder: Path, environ: Mapping[str, str]) -> str:
    """Write a backup into a folder that is not there yet; returns what was done.

    Args:
        content: ``data`` or ``case-keys``.
        environ: has ``MONGO_URI`` with a user who reads all of it; for the keys
            ``CASE_KEYS_MONGO_URI``, if they are elsewhere.

    Raises:
        MissingSetting: for a setting that is not there.
        SetupError: if it cannot be done; then nothing is left behind.
    """
    uri, databases = where(content, environ)
    if folder.exists():
        raise SetupError(f"{folder} is there already: each backup gets a folder of its own.")
    draft = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(draft, ignore_errors=True)
    try:
        with connect(uri) as client:
            for _ in range(_TRIES):
                try:
                    manifest = _write(client, content, databases, draft)
                    break
                except _Moved:
                    shutil.rmtree(draft)
            else:
                raise SetupError("Collections are made all the time: try again later.")
        archive.write_manifest(draft, manifest)
        draft.replace(folder)
    except PyMongoError as error:
        raise SetupError(f"The database could not be read: {_sentence(error)}.") from error
    except OSError as error:
        raise SetupError(f"{folder} cannot be written: {error.strerror}.") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    documents = sum(
        each.documents for found in manifest.databases.values() for each in found.values()
    )
    ends = "".join(f"\n{each.service} {each.log} {each.seq} {each.hash}" for each in manifest.logs)
    return f"{folder}: {documents} documents as of {manifest.taken_at:%FT%TZ}.{ends}"


def where(content: str, environ: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """The address of the replica set, and by service the names of its databases.

    Raises:
        MissingSetting: without an address.
    """
    prefix = environ.get("DATABASE_PREFIX") or PREFIX
    uri = required(environ, "MONGO_URI")
    if content == DATA:
        return uri, {service: f"{prefix}_{service}" for service in SERVICES}
    name = environ.get("CASE_KEYS_DATABASE") or f"{prefix}_{KEYS_OF_CASES}"
    return environ.get("CASE_KEYS_MONGO_URI") or uri, {KEYS_OF_CASES: name}


def connect(uri: str) -> Client:
    """The replica set, with bounded patience.

    Raises:
        SetupError: if the address is none.
    """
    try:
        return MongoClient(
            uri,
            appname="masaha backup",
            serverSelectionTimeoutMS=_MILLISECONDS,
            connectTimeoutMS=_MILLISECONDS,
            w="majority",
            journal=True,
        )
    except (PyMongoError, ValueError) as error:
        raise SetupError(f"MONGO_URI is no address of a database: {error}.") from error


def collections_of(client: Client, database: str) -> dict[str, dict[str, Any]]:
    """What a database holds, by name, as MongoDB lists it; without what MongoDB makes itself."""
    return {
        each["name"]: dict(each)
        for each in client[database].list_collections()
        if each["type"] == "collection" and not each["name"].startswith("system.")
    }


def _write(client: Client, content: str, databases: Mapping[str, str], draft: Path) -> Manifest:
    before = {name: collections_of(client, name) for name in databases.values()}
    if not any(before.values()):
        raise SetupError(f"There is nothing to back up in {', '.join(databases.values())}.")
    if halves := [name for name, found in before.items() if RESTORING in found]:
        raise SetupError(f"{', '.join(halves)} are being put back.")
    draft.mkdir(mode=0o700, parents=True)
    moment = _present_moment(client, before)
    saved: dict[str, dict[str, SavedCollection]] = {}
    logs: list[SavedLog] = []
    for service, database in databases.items():
        (draft / service).mkdir(mode=0o700)
        saved[service] = {}
        for number, (name, listed) in enumerate(sorted(before[database].items())):
            file = f"{service}/{number:03}-{name}.bson.gz"
            documents = _find(client, database, name, moment)
            count, digest = archive.write_collection(draft / file, documents)
            indexes = [dict(each) for each in client[database][name].list_indexes()]
            saved[service][name] = SavedCollection(file, count, digest, listed["options"], indexes)
        logs += [
            SavedLog(service, log, *_end(client, database, log, moment))
            for log in LOGS
            if log in before[database]
        ]
    if before != {name: collections_of(client, name) for name in databases.values()}:
        raise _Moved
    return Manifest(
        content=content,
        taken_at=datetime.fromtimestamp(moment.time, UTC),
        cluster_time=(moment.time, moment.inc),
        databases=saved,
        logs=logs,
    )


def _present_moment(client: Client, listed: Mapping[str, Mapping[str, Any]]) -> Timestamp:
    """The moment that the replica set reads from now, and that all further reads share."""
    database, names = next((name, found) for name, found in listed.items() if found)
    reply = client[database].command(
        {
            "find": next(iter(names)),
            "limit": 1,
            "singleBatch": True,
            "readConcern": {"level": "snapshot"},
        }
    )
    found: Timestamp = reply["cursor"]["atClusterTime"]
    return found


def _find(
    client: Client, database: str, name: str, moment: Timestamp, **more: Any
) -> Iterator[RawBSONDocument]:
    command = {
        "find": name,
        "batchSize": _BATCH,
        "readConcern": {"level": "snapshot", "atClusterTime": moment},
        **more,
    }
    try:
        # The first documents are decoded with the options of the command, further ones with those
        # of the database.
        raw = client.get_database(database, codec_options=archive.RAW)
        cursor = raw.cursor_command(command, codec_options=archive.RAW)
        yield from cast(Iterator[RawBSONDocument], cursor)
    except OperationFailure as error:
        if error.code == _SNAPSHOT_UNAVAILABLE:
            raise _Moved from error
        if error.code == _SNAPSHOT_TOO_OLD:
            raise SetupError(
                "The database forgot the moment before all of it was read: set its parameter "
                "minSnapshotHistoryWindowInSeconds to longer than a backup takes."
            ) from error
        raise


def _end(client: Client, database: str, log: str, moment: Timestamp) -> tuple[int, str]:
    last = next(_find(client, database, log, moment, sort={"_id": -1}, limit=1), None)
    return (0, FIRST_HASH) if last is None else (int(last["_id"]), str(last["hash"]))


def _sentence(error: PyMongoError) -> str:
    return str(error).partition(", full error")[0].partition(" (configured")[0]
