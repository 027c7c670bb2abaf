"""Epochs: which access tokens are revoked before they run out.

An access token says all that is asked about its caller, so without epochs it would be valid until
it runs out. Each caller therefore has an *epoch*, a number that every loss of a right raises, and
each token carries the epoch in which it was issued. A token of an earlier epoch is refused.

A process knows the epochs that were raised lately; :mod:`gateway.identity.epoch_feed` brings them.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable

from services.common.context import Caller


class Epochs:
    """The lowest epoch of each caller whose tokens are still accepted, as this process knows it."""

    def __init__(self) -> None:
        self._lowest: dict[str, int] = {}
        self._removed: frozenset[str] = frozenset()
        self._lock = threading.Lock()

    def accepts(self, caller: Caller) -> bool:
        """Whether the rights in this caller's token are still valid."""
        return caller.epoch >= self._lowest.get(caller.id, 0) and caller.id not in self._removed

    def learn(self, caller_id: str, epoch: int) -> None:
        """Refuse the caller's tokens of earlier epochs; an older piece of news changes nothing."""
        with self._lock:
            if epoch > self._lowest.get(caller_id, 0):
                self._lowest[caller_id] = epoch

    @property
    def removed(self) -> frozenset[str]:
        """The callers who are known to be no longer in the store."""
        return self._removed

    def set_removed(self, caller_ids: Iterable[str]) -> None:
        """Refuse the tokens of these callers, who are no longer in the store, and of no others."""
        self._removed = frozenset(caller_ids)
