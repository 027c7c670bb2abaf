"""Each process of the local stack is a user of its own at the database, limited to its database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.errors import OperationFailure
from pymongo.uri_parser import parse_uri

from deploy.database import KEYS_OF_CASES, USERS
from deploy.local import mongodb, processes
from deploy.local.settings import SERVICES, Settings
from services.common.storage.barrier import await_transactions
from services.common.storage.mongo import Database
from tests.support.stack import Server

UNAUTHORISED = 13
DATABASES = [*(f"masaha_{name}" for name in USERS), "admin", "local", "config"]


@pytest.fixture
def settings(database: Server) -> Settings:
    return database.stack.settings


@pytest.fixture(params=USERS)
def user(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def client(settings: Settings, user: str) -> Iterator[MongoClient[dict[str, Any]]]:
    with MongoClient[dict[str, Any]](processes.mongo_uri(settings, user)) as client:
        yield client


def test_a_user_works_in_its_own_database(client: MongoClient[dict[str, Any]], user: str) -> None:
    things = client[f"masaha_{user}"]["things_of_this_test"]
    things.insert_one({"_id": "one"})
    assert things.find_one() == {"_id": "one"}
    things.drop()


def test_a_user_is_refused_every_other_database(
    client: MongoClient[dict[str, Any]], user: str
) -> None:
    for name in DATABASES:
        if name == f"masaha_{user}":
            continue
        things = client[name]["things_of_this_test"]
        for attempt in (
            lambda things=things: things.find_one(),
            lambda things=things: things.insert_one({"_id": "one"}),
            lambda name=name: client.drop_database(name),
        ):
            with pytest.raises(OperationFailure) as refused:
                attempt()
            assert refused.value.code == UNAUTHORISED, name


def test_nobody_works_without_a_user(settings: Settings) -> None:
    address = f"mongodb://127.0.0.1:{settings.port(mongodb.PORT)}/"
    with MongoClient[dict[str, Any]](address, directConnection=True) as client:
        for name in DATABASES:
            with pytest.raises(OperationFailure) as refused:
                client[name]["things_of_this_test"].find_one()
            assert refused.value.code == UNAUTHORISED


def test_each_process_gets_its_own_user(settings: Settings) -> None:
    users = {
        process.name: parse_uri(process.environment["MONGO_URI"])["username"]
        for process in processes.table(settings)
        if "MONGO_URI" in process.environment
    }
    assert users == {name: name.partition("-")[0] for name in users}
    assert set(users.values()) == set(SERVICES)
    keys = [
        parse_uri(process.environment["CASE_KEYS_MONGO_URI"])["username"]
        for process in processes.table(settings)
        if "CASE_KEYS_MONGO_URI" in process.environment
    ]
    assert keys == [KEYS_OF_CASES, KEYS_OF_CASES]


def test_commands_run_as_the_user_of_their_deployable(settings: Settings) -> None:
    for command in processes.seeds():
        environment = processes.settings_of(settings, command)
        name = command[command.index("-m") + 1].removeprefix("services.")
        assert parse_uri(environment["MONGO_URI"])["username"] == name


def test_a_user_that_is_gone_or_has_too_many_rights_is_put_right(
    database: Server, settings: Settings
) -> None:
    with MongoClient[dict[str, Any]](database.uri) as operator:
        operator.admin.command("dropUser", "gateway")
        everything = [{"role": "root", "db": "admin"}]
        operator.admin.command("updateUser", "bookings", roles=everything)
        assert mongodb.why_not_ready(settings) is None
        found = operator.admin.command("usersInfo", ["bookings", "gateway"])["users"]
        roles = {
            each["user"]: {(role["db"], role["role"]) for role in each["roles"]} for each in found
        }
        assert roles == {
            "bookings": {("masaha_bookings", "readWrite"), ("masaha_bookings", "dbAdmin")},
            "gateway": {("masaha_gateway", "readWrite")},
        }


def test_the_user_of_bookings_may_wait_for_transactions(settings: Settings) -> None:
    """As an organisation's limit does that is set (`services.common.storage.barrier`)."""
    database = Database(processes.mongo_uri(settings, "bookings"), "masaha_bookings")
    database.collection("things_of_this_test").insert_one({})
    await_transactions(database, "things_of_this_test")
    database.collection("things_of_this_test").drop()
    database.close()


def test_a_password_that_the_database_does_not_know_is_named(settings: Settings) -> None:
    other = replace(settings, database_password="other")
    reason = mongodb.why_not_ready(other)
    assert reason == "its user masaha has another password than DATABASE_PASSWORD gives"
