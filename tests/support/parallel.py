"""Tests on several workers: which of them share a worker, and how one runs alone.

`pytest -n 2` starts two workers (pytest-xdist). Each starts its own servers when
its first test asks.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ON_THE_WHOLE_SYSTEM = ("tests/e2e/", "tests/clients/")
"""The folders whose tests share one `stack`: a second worker would start a second one."""


def group(nodeid: str) -> str:
    """The tests of a group run on one worker, in order: those of a file, or of the whole system."""
    file = nodeid.partition("::")[0]
    return "the whole system" if file.startswith(ON_THE_WHOLE_SYSTEM) else file


class Turns:
    """A lock between the workers: many tests run at a time, or one that has the machine to itself.

    Every test passes the gate first. A test that must run alone closes it while it waits for the
    tests that are running, so that new ones do not hold it off for ever. A lock ends with its
    process (flock(2)).
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._gate = folder / "gate"
        self._room = folder / "room"

    @contextmanager
    def turn(self, *, alone: bool) -> Iterator[None]:
        """Wait for a turn, and have it for the time of the block."""
        with self._gate.open("a") as gate, self._room.open("a") as room:
            fcntl.flock(gate, fcntl.LOCK_EX)
            fcntl.flock(room, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
            fcntl.flock(gate, fcntl.LOCK_UN)
            yield
