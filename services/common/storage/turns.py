"""Turns: of the transactions of one process that change the same document, one runs at a time.

MongoDB lets no transaction wait for another: the second to write a document ends, and begins again.
With two or three that is cheap. With many, each does most of its work for nothing and takes the
processor from the one that would get through: measured with 60 that change one document on two
cores, 18 got through in four seconds. Here they wait for each other instead. Other processes are
few, and meet in the database as before; so a turn is for speed, and no rule relies on it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


class NoTurn(Exception):
    """The turn did not come in time."""


@dataclass(slots=True)
class _Turn:
    lock: threading.Lock = field(default_factory=threading.Lock)
    users: int = 0


class Turns:
    """The turns of one process, by key."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._turns: dict[str, _Turn] = {}

    @contextmanager
    def turn(self, key: str, seconds: float) -> Iterator[None]:
        """Wait for the turn, and have it for the time of the block.

        Raises:
            NoTurn: if it does not come within so many seconds.
        """
        with self._guard:
            found = self._turns.setdefault(key, _Turn())
            found.users += 1
        try:
            if not found.lock.acquire(timeout=max(0.0, seconds)):
                raise NoTurn(key)
            try:
                yield
            finally:
                found.lock.release()
        finally:
            with self._guard:
                found.users -= 1
                if not found.users:
                    del self._turns[key]

    def __len__(self) -> int:
        """How many keys have a turn now, or wait for one."""
        return len(self._turns)
