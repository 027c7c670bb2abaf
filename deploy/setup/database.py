"""The replica set and its users.

The first user can be made only from the database's own machine (MongoDB's localhost exception), so
this runs in the network of the database's container.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from deploy.database import OPERATOR, USERS, roles_of
from deploy.setup.problems import SetupError, required

REPLICA_SET = "masaha"
_PATIENCE_SECONDS = 60.0
_PAUSE_SECONDS = 0.5
# From MongoDB's list of error codes.
_UNAUTHORISED, _AUTHENTICATION_FAILED = 13, 18
_NOT_YET_INITIALISED = 94

Client = MongoClient[dict[str, Any]]


def prepare_database(environ: Mapping[str, str]) -> str:
    """Make the replica set if it is new, and each user with its present password and roles.

    ``DATABASE_MEMBER`` is the address that clients use, ``DATABASE_ADDRESS`` the one used here.

    Raises:
        MissingSetting: for a password that is not set.
        SetupError: if the database does not answer in a minute, or knows another operator.
    """
    password = required(environ, "DATABASE_PASSWORD")
    passwords = {name: required(environ, f"DATABASE_PASSWORD_{name.upper()}") for name in USERS}
    address = environ.get("DATABASE_ADDRESS", "127.0.0.1:27017")
    member = environ.get("DATABASE_MEMBER", "mongodb:27017")
    until = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            return _prepare(address, member, password, passwords)
        except OperationFailure as error:
            if error.code == _AUTHENTICATION_FAILED:
                raise SetupError(
                    f"The database at {address} does not know the password of {OPERATOR}."
                ) from error
            problem: PyMongoError = error
        except PyMongoError as error:
            problem = error
        if time.monotonic() > until:
            raise SetupError(f"The database at {address} is not ready: {problem}")
        time.sleep(_PAUSE_SECONDS)


def _prepare(address: str, member: str, password: str, passwords: Mapping[str, str]) -> str:
    if not _has_operator(address, password):
        with _connect(address) as client:
            _initiate(client, member)
            client.admin.command(
                "createUser", OPERATOR, pwd=password, roles=[{"role": "root", "db": "admin"}]
            )
    with _connect(address, username=OPERATOR, password=password) as client:
        for name, own in passwords.items():
            _save_user(client, name, own)
    return f"{address}: replica set {REPLICA_SET}, {len(passwords)} users."


def _has_operator(address: str, password: str) -> bool:
    """Whether the operator is known; false where there is no user yet."""
    try:
        with _connect(address, username=OPERATOR, password=password) as client:
            client.admin.command("ping")
    except OperationFailure as error:
        if error.code != _AUTHENTICATION_FAILED:
            raise
        with _connect(address) as client:
            return not _is_new(client)
    return True


def _is_new(client: Client) -> bool:
    """Whether nobody has made a user: then this machine may do so."""
    try:
        return not client.admin.command("usersInfo", OPERATOR)["users"]
    except OperationFailure as error:
        # Nobody may ask before the set is initiated, or without a user once there is one.
        if error.code == _UNAUTHORISED:
            return "setName" not in client.admin.command("hello")
        raise


def _initiate(client: Client, member: str) -> None:
    try:
        client.admin.command("replSetGetStatus")
    except OperationFailure as error:
        if error.code not in (_NOT_YET_INITIALISED, _UNAUTHORISED):
            raise
        client.admin.command(
            "replSetInitiate", {"_id": REPLICA_SET, "members": [{"_id": 0, "host": member}]}
        )
    until = time.monotonic() + _PATIENCE_SECONDS
    while not client.admin.command("hello").get("isWritablePrimary"):
        if time.monotonic() > until:
            raise SetupError("The replica set has no primary.")
        time.sleep(_PAUSE_SECONDS)


def _save_user(client: Client, name: str, password: str) -> None:
    known = client.admin.command("usersInfo", name)["users"]
    client.admin.command(
        "updateUser" if known else "createUser", name, pwd=password, roles=roles_of(name)
    )


def _connect(address: str, username: str | None = None, password: str | None = None) -> Client:
    return MongoClient(
        f"mongodb://{address}/",
        directConnection=True,
        serverSelectionTimeoutMS=2000,
        authSource="admin",
        username=username,
        password=password,
    )
