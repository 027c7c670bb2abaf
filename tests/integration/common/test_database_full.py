"""A database whose disk is full: nothing hangs, nothing is half stored, and it goes on with room.

The disk is a small file system in memory, which only root may mount; others see the test skipped.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from pymongo.errors import PyMongoError

from services.common import errors
from services.common.ids import new_id
from services.common.storage.mongo import Database, Session
from tests.support.awaiting import until
from tests.support.stack import DATABASE, Stack

SIZE, LEFT = 700 << 20, 4 << 20
LARGE = 2 << 20


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A folder with room for a database, and not for much in it."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=0700", "masaha-test", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode != 0:
        pytest.skip(f"no file system may be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_nothing_is_half_stored_and_all_goes_on_when_there_is_room_again(disk: Path) -> None:
    stack = Stack(disk / "stack", only=DATABASE)
    stack.up()
    database = Database(stack.mongo_uri, "full")
    left, right = database.collection("left"), database.collection("right")
    for each in (left, right):
        each.create_index("n")
    filler = disk / "filler"
    acknowledged: list[str] = []

    def store(size: int) -> None:
        made = new_id()

        def work(session: Session) -> None:
            left.insert_one({"_id": made, "filling": os.urandom(size)}, session=session)
            right.insert_one({"_id": made}, session=session)

        database.transact(work)
        acknowledged.append(made)

    try:
        store(1)
        with filler.open("wb") as file:
            free = os.statvfs(disk)
            os.posix_fallocate(file.fileno(), 0, free.f_bavail * free.f_frsize - LEFT)
        with pytest.raises(errors.Unavailable):
            for _ in range(SIZE // LARGE):
                store(LARGE)
        assert "No space left on device" in stack.log("mongod").read_text("utf-8")
        filler.unlink()
        stack.wait_ready("mongod")

        def again() -> bool:
            store(1)
            return True

        until(again, "a change", 30, hurt_by=(errors.Unavailable, PyMongoError), every=0.5)
        lefts, rights = (
            {each["_id"] for each in one.find({}, {"_id": 1})} for one in (left, right)
        )
        assert lefts == rights
        assert lefts >= set(acknowledged)
    finally:
        filler.unlink(missing_ok=True)
        database.close()
        stack.down()
