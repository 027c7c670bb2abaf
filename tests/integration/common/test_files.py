"""Files on the real database: they count once a transaction has attached them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

import bson
import pytest

from services.common import errors
from services.common.clock import FixedClock
from services.common.encryption import Cipher, new_key
from services.common.files.checking import check_file
from services.common.files.store import KEPT_UNATTACHED, FileDamaged, FileStore
from services.common.ids import new_id
from services.common.storage.mongo import Database
from tests.support.mongo import empty_database
from tests.support.racing import together
from tests.support.stack import Server

DATA = "مرحباً\n".encode() * 50_000


@pytest.fixture
def mine(database: Server) -> Iterator[Database]:
    yield from empty_database(database.uri)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2026, 11, 23, 6, 0, tzinfo=UTC))


@pytest.fixture
def files(mine: Database, clock: FixedClock) -> FileStore:
    store = FileStore(mine, clock, new_id)
    store.ensure_indexes()
    return store


def put(files: FileStore) -> str:
    return files.put(check_file("note.txt", DATA), "case-1")


def attach(mine: Database, files: FileStore, file_id: str, owner: str = "case-1") -> None:
    mine.transact(partial(files.attach, file_id=file_id, owner=owner))


def test_an_attached_file_reads_back_as_it_was(mine: Database, files: FileStore) -> None:
    file_id = put(files)
    attach(mine, files, file_id)
    file, data = files.read(file_id, "case-1")
    assert data == DATA
    assert (file.name, file.content_type, file.size) == ("note.txt", "text/plain", len(DATA))
    assert files.of("case-1") == [file]


def test_what_is_not_attached_cannot_be_read_and_goes_after_a_day(
    mine: Database, files: FileStore, clock: FixedClock
) -> None:
    file_id = put(files)
    with pytest.raises(errors.NotFound):
        files.read(file_id, "case-1")
    assert files.of("case-1") == []
    assert files.sweep() == 0
    clock.advance(KEPT_UNATTACHED)
    assert files.sweep() == 1
    with pytest.raises(errors.NotFound):
        attach(mine, files, file_id)
    assert mine.collection("attachments.chunks").count_documents({}) == 0


def test_a_transaction_that_fails_attaches_nothing(mine: Database, files: FileStore) -> None:
    file_id = put(files)

    def refused(session: object) -> None:
        files.attach(session, file_id, "case-1")  # type: ignore[arg-type]
        raise errors.Conflict()

    with pytest.raises(errors.Conflict):
        mine.transact(refused)
    with pytest.raises(errors.NotFound):
        files.read(file_id, "case-1")


@pytest.mark.parametrize("owner", ["case-2", ""])
def test_a_file_of_another_owner_is_not_there(mine: Database, files: FileStore, owner: str) -> None:
    file_id = put(files)
    with pytest.raises(errors.NotFound):
        attach(mine, files, file_id, owner)
    attach(mine, files, file_id)
    with pytest.raises(errors.NotFound):
        files.read(file_id, owner)


def test_a_detached_file_is_gone_at_once_and_its_bytes_with_the_sweep(
    mine: Database, files: FileStore
) -> None:
    file_id = put(files)
    attach(mine, files, file_id)
    mine.transact(partial(files.detach, file_id=file_id, owner="case-1"))
    with pytest.raises(errors.NotFound):
        files.read(file_id, "case-1")
    assert files.sweep() == 1


def test_attaching_and_sweeping_at_once_leave_all_or_nothing(
    mine: Database, files: FileStore, clock: FixedClock
) -> None:
    for _ in range(20):
        file_id = put(files)
        clock.advance(KEPT_UNATTACHED + timedelta(seconds=1))

        def try_to_attach(file_id: str = file_id) -> bool:
            try:
                attach(mine, files, file_id)
            except errors.NotFound:
                return False
            return True

        attached, _ = together(try_to_attach, files.sweep)
        if attached:
            assert files.read(file_id, "case-1")[1] == DATA
        else:
            assert files.of("case-1") == [] or all(
                each.id != file_id for each in files.of("case-1")
            )


def test_bytes_that_were_changed_in_the_store_are_noticed(mine: Database, files: FileStore) -> None:
    file_id = put(files)
    attach(mine, files, file_id)
    mine.collection("attachments.chunks").update_one(
        {"files_id": file_id, "n": 0}, {"$set": {"data": b"x" * 255 * 1024}}
    )
    with pytest.raises(FileDamaged):
        files.read(file_id, "case-1")


def test_of_a_secret_file_the_database_holds_neither_name_nor_content(
    mine: Database, clock: FixedClock
) -> None:
    ciphers = {"case-1": Cipher(new_key()), "case-2": Cipher(new_key())}
    files = FileStore(mine, clock, new_id, ciphers.__getitem__)
    name = "شهادة سارة.txt"
    file_id = files.put(check_file(name, DATA), "case-1")
    attach(mine, files, file_id)
    file, data = files.read(file_id, "case-1")
    assert (file.name, file.size, data) == (name, len(DATA), DATA)
    assert files.of("case-1") == [file]
    stored = [
        document
        for part in ("files", "chunks")
        for document in mine.collection(f"attachments.{part}").find()
    ]
    assert len(stored) >= 2
    for plain in (name.encode(), b"text/plain", file.sha256.encode(), DATA[:20]):
        assert not [each for each in stored if plain in bson.encode(each)]
