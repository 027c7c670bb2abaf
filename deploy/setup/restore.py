"""Putting a backup back, while nothing of the system runs.

The broker is to be empty by then: what it still holds was published after the backup, by a system
that is gone. What its queues held at the moment of the backup is sent again from the logs;
consumers drop what they have had.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from pymongo.errors import PyMongoError

from deploy.setup import archive
from deploy.setup.archive import Manifest, SavedCollection
from deploy.setup.backup import DATA, Client, connect, where
from deploy.setup.problems import SetupError
from services.common import clock, errors
from services.common.events.audience import OPEN, SEALED
from services.common.events.event_log import EventLog, LogBroken
from services.common.storage.migrations import RESTORING
from services.common.storage.mongo import Database

SENT_AGAIN = timedelta(days=90)
"""How far back the logs are sent again: consumers remember longer than that what they had
(`services.common.events.processed_events.KEPT`)."""

_BATCH = 1_000
_AUDIENCES = {audience.log: audience for audience in (OPEN, SEALED)}


def restore(content: str, folder: Path, environ: Mapping[str, str], replace: bool) -> str:
    """Put a backup back; returns where each log ends, which its subscribers have to know.

    Args:
        content: ``data`` or ``case-keys``: what the folder must hold.
        environ: has ``MONGO_URI``, with a user who may do everything.
        replace: whether what is in the databases goes.

    Raises:
        MissingSetting: for a setting that is not there.
        SetupError: if it cannot be done. Nothing was changed then, unless it says otherwise; doing
            it again is safe.
    """
    uri, databases = where(content, environ)
    manifest = archive.read_manifest(folder)
    if manifest.content != content:
        raise SetupError(f"{folder} holds {manifest.content}, not {content}.")
    try:
        with connect(uri) as client:
            _refuse_company(client, databases)
            if not replace:
                _refuse_data(client, databases)
            for service, database in databases.items():
                _fill(client, database, folder, manifest.databases.get(service, {}))
            sent_again = _send_again(client, databases, manifest) if content == DATA else 0
            _check_logs(uri, databases, manifest)
            for database in databases.values():
                client[database][RESTORING].drop()
    except PyMongoError as error:
        raise SetupError(
            f"The database did not take all of it, so nothing may start: {error}."
        ) from error
    lines = [f"{folder} is back, as of {manifest.taken_at:%FT%TZ}."]
    if content == DATA:
        lines.append(f"{sent_again} events are sent again when the workers start.")
        lines += [f"{each.service} {each.log} {each.seq} {each.hash}" for each in manifest.logs]
    return "\n".join(lines)


def _refuse_company(client: Client, databases: Mapping[str, str]) -> None:
    """A process that still writes would mix two times."""
    found = client.admin.aggregate(
        [
            {"$currentOp": {"allUsers": True, "idleConnections": True}},
            {"$match": {"appName": {"$in": sorted(databases.values())}}},
            {"$group": {"_id": "$appName"}},
        ]
    )
    if names := sorted(each["_id"] for each in found):
        raise SetupError(f"Stop every process first: {', '.join(names)} are in use.")


def _refuse_data(client: Client, databases: Mapping[str, str]) -> None:
    for database in databases.values():
        for name in client[database].list_collection_names():
            if name != RESTORING and client[database][name].find_one({}, {"_id": 1}) is not None:
                raise SetupError(
                    f"{database} is not empty: --replace puts the backup in place of all that is "
                    "there."
                )


def _fill(
    client: Client, database: str, folder: Path, collections: Mapping[str, SavedCollection]
) -> None:
    client.drop_database(database)
    # No process starts while this is here (services/common/storage/migrations.py).
    client[database][RESTORING].insert_one({"_id": "since", "backup": folder.name})
    for name, saved in collections.items():
        client[database].create_collection(name, **saved.options)
        target = client.get_database(database, codec_options=archive.RAW)[name]
        documents = archive.read_collection(folder / saved.file)
        count = 0
        while batch := list(islice(documents, _BATCH)):
            target.insert_many(batch, ordered=False)
            count += len(batch)
        if count != saved.documents:
            raise SetupError(f"{folder / saved.file} has {count} documents: restore another one.")
        _make_indexes(client, database, name, saved.indexes)


def _make_indexes(
    client: Client, database: str, name: str, indexes: Sequence[Mapping[str, Any]]
) -> None:
    wanted = [dict(each) for each in indexes if each["name"] != "_id_"]
    if wanted:
        client[database].command({"createIndexes": name, "indexes": wanted})


def _send_again(client: Client, databases: Mapping[str, str], manifest: Manifest) -> int:
    since = clock.to_wire(manifest.taken_at - SENT_AGAIN)
    count = 0
    for each in manifest.logs:
        log = client[databases[each.service]][each.log]
        found = log.update_many({"event.time": {"$gte": since}}, {"$set": {"pending": True}})
        count += found.matched_count
    return count


def _check_logs(uri: str, databases: Mapping[str, str], manifest: Manifest) -> None:
    for each in manifest.logs:
        database = Database(uri, databases[each.service])
        try:
            end = EventLog(database, _AUDIENCES[each.log]).verify()
        except (LogBroken, errors.Unavailable) as error:
            raise SetupError(f"The {each.log} of {each.service} is broken: {error}.") from error
        finally:
            database.close()
        if end != (each.seq, each.hash):
            raise SetupError(f"The {each.log} of {each.service} ends at {end[0]}, not {each.seq}.")
