"""A backup is of one moment, is checked before anything goes, and comes back as it was."""

from __future__ import annotations

import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from deploy.setup.archive import MANIFEST, read_manifest
from deploy.setup.backup import back_up
from deploy.setup.problems import MissingSetting, SetupError
from deploy.setup.restore import restore
from services.common.ids import new_id
from services.common.storage.migrations import RESTORING
from services.common.storage.mongo import Database
from tests.support.awaiting import until
from tests.support.stack import Server

Client = MongoClient[dict[str, Any]]


@pytest.fixture
def client(database: Server) -> Iterator[Client]:
    """A client that has no name of ours: it may look while a backup is put back."""
    with MongoClient[dict[str, Any]](database.uri) as client:
        yield client


@pytest.fixture
def environ(database: Server, client: Client) -> Iterator[dict[str, str]]:
    """The settings of a system with data in two branches and a key."""
    prefix = f"t{new_id()[-12:]}"
    client[f"{prefix}_bookings"]["left"].insert_one({"_id": 1, "n": 0})
    client[f"{prefix}_trainings"]["right"].insert_one({"_id": 1, "n": 0})
    client[f"{prefix}_case_keys"]["case_keys"].insert_one({"_id": "case", "key": b"of the case"})
    yield {"MONGO_URI": database.uri, "DATABASE_PREFIX": prefix}
    for name in client.list_database_names():
        if name.startswith(prefix):
            client.drop_database(name)


def test_what_commits_together_is_there_together_or_not_at_all(
    environ: dict[str, str], client: Client, tmp_path: Path
) -> None:
    left = client[f"{environ['DATABASE_PREFIX']}_bookings"]["left"]
    right = client[f"{environ['DATABASE_PREFIX']}_trainings"]["right"]
    # So much is read between the two that a change comes in between.
    left.insert_many([{"_id": f"other-{n}", "filling": "x" * 400} for n in range(20_000)])
    over = threading.Event()
    pairs = []

    def write() -> None:
        with client.start_session() as session:
            while not over.is_set():
                with session.start_transaction():
                    for each in (left, right):
                        each.update_one({"_id": 1}, {"$inc": {"n": 1}}, session=session)
                pairs.append(1)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        until(lambda: len(pairs), "changes")
        before = len(pairs)
        back_up("data", tmp_path / "one", environ)
        assert len(pairs) > before + 1, "nothing was written meanwhile"
    finally:
        over.set()
        writer.join()
    at_the_end = left.find_one({"_id": 1})
    restore("data", tmp_path / "one", environ, True)
    found = [each.find_one({"_id": 1}) for each in (left, right)]
    assert found[0] and found[1] and at_the_end
    assert found[0]["n"] == found[1]["n"]
    assert before <= found[0]["n"] < at_the_end["n"]
    assert left.count_documents({}) == 20_001


def test_documents_indexes_and_options_come_back_as_they_were(
    environ: dict[str, str], client: Client, tmp_path: Path
) -> None:
    database = client[f"{environ['DATABASE_PREFIX']}_bookings"]
    database.create_collection("strict", validator={"n": {"$type": "int"}})
    database["strict"].insert_one({"_id": 1, "n": 7, "b": 2.0, "a": None})
    database["strict"].create_index([("n", 1), ("b", -1)], unique=True, name="both")
    database["strict"].create_index("n", partialFilterExpression={"n": {"$gt": 5}})
    database["strict"].create_index("at", expireAfterSeconds=60)

    def seen() -> object:
        listed = next(iter(database.list_collections(filter={"name": "strict"})))
        return (
            [list(each.items()) for each in database["strict"].find()],
            listed["options"],
            database["strict"].index_information(),
        )

    as_it_was = seen()
    back_up("data", tmp_path / "one", environ)
    database["strict"].drop()
    database["later"].insert_one({"_id": 1})
    restore("data", tmp_path / "one", environ, True)
    assert seen() == as_it_was
    assert database.list_collection_names(filter={"name": {"$in": ["later", RESTORING]}}) == []


def test_keys_and_data_are_in_different_backups(
    environ: dict[str, str], client: Client, tmp_path: Path
) -> None:
    back_up("data", tmp_path / "data", environ)
    back_up("case-keys", tmp_path / "keys", environ)
    assert "case_keys" not in read_manifest(tmp_path / "data").databases
    assert list(read_manifest(tmp_path / "keys").databases) == ["case_keys"]
    for folder in ("data", "keys"):
        for path in (tmp_path / folder, *(tmp_path / folder).rglob("*")):
            assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
    keys = client[f"{environ['DATABASE_PREFIX']}_case_keys"]["case_keys"]
    keys.delete_many({})
    restore("data", tmp_path / "data", environ, True)
    assert keys.count_documents({}) == 0
    restore("case-keys", tmp_path / "keys", environ, False)
    assert keys.find_one() == {"_id": "case", "key": b"of the case"}
    with pytest.raises(SetupError, match="holds case-keys, not data"):
        restore("data", tmp_path / "keys", environ, True)


def test_a_backup_that_was_changed_is_refused_before_anything_goes(
    environ: dict[str, str], client: Client, tmp_path: Path
) -> None:
    back_up("data", tmp_path / "one", environ)
    changed = next((tmp_path / "one" / "bookings").iterdir())
    changed.write_bytes(changed.read_bytes()[:-1] + b"x")
    with pytest.raises(SetupError, match="is not what was written"):
        restore("data", tmp_path / "one", environ, True)
    (tmp_path / "one" / MANIFEST).unlink()
    with pytest.raises(SetupError, match="is no backup"):
        restore("data", tmp_path / "one", environ, True)
    assert client[f"{environ['DATABASE_PREFIX']}_bookings"]["left"].count_documents({}) == 1


def test_a_database_with_data_or_with_company_is_left_alone(
    environ: dict[str, str], client: Client, tmp_path: Path
) -> None:
    back_up("data", tmp_path / "one", environ)
    name = f"{environ['DATABASE_PREFIX']}_bookings"
    with pytest.raises(SetupError, match=f"{name} is not empty"):
        restore("data", tmp_path / "one", environ, False)
    process = Database(environ["MONGO_URI"], name)
    process.ping()
    with pytest.raises(SetupError, match=f"Stop every process first: {name}"):
        restore("data", tmp_path / "one", environ, True)
    process.close()
    assert client[name]["left"].count_documents({}) == 1


def test_what_cannot_be_backed_up_leaves_nothing_behind(
    environ: dict[str, str], client: Client, tmp_path: Path
) -> None:
    with pytest.raises(MissingSetting, match="MONGO_URI is not set"):
        back_up("data", tmp_path / "one", {})
    with pytest.raises(SetupError, match="nothing to back up"):
        back_up("data", tmp_path / "one", {**environ, "DATABASE_PREFIX": "nobody"})
    client[f"{environ['DATABASE_PREFIX']}_bookings"][RESTORING].insert_one({"_id": "since"})
    with pytest.raises(SetupError, match="are being put back"):
        back_up("data", tmp_path / "one", environ)
    away = environ["MONGO_URI"].replace("replicaSet=masaha", "replicaSet=other")
    with pytest.raises(SetupError, match="could not be read"):
        back_up("data", tmp_path / "one", {**environ, "MONGO_URI": away})
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "one").mkdir()
    with pytest.raises(SetupError, match="is there already"):
        back_up("data", tmp_path / "one", environ)
