"""What every operation does that takes a right away: raise the epoch of who loses it."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from gateway.identity.auth.epochs import Epochs
from gateway.identity.store.epochs import EpochStore
from services.common.clock import Clock
from services.common.context import Caller
from services.common.contracts.identity.events import ACCESS_REVOKED
from services.common.events.outbox import Fact, Outbox
from services.common.storage.mongo import Session


class Revoking:
    """Raises epochs, with their events.

    Args:
        epochs: of this process, which learns of its own raises without waiting for the broker.
    """

    def __init__(self, store: EpochStore, outbox: Outbox, epochs: Epochs, clock: Clock) -> None:
        self._store = store
        self._outbox = outbox
        self._epochs = epochs
        self._clock = clock

    def raise_epochs(
        self, session: Session, caller_ids: Collection[str], *, caller: Caller
    ) -> Mapping[str, int]:
        """In the transaction that takes the right away; the result is for :meth:`learn`.

        Args:
            caller_ids: who loses a right.
            caller: who takes it away.
        """
        raised = self._store.raise_epochs(session, caller_ids, self._clock.now())
        facts = [
            Fact(each, epoch, {"caller_id": each, "epoch": epoch}) for each, epoch in raised.items()
        ]
        self._outbox.record_many(session, ACCESS_REVOKED, facts, caller=caller)
        return raised

    def learn(self, raised: Mapping[str, int]) -> None:
        """After the commit: have this process refuse the tokens of earlier epochs at once."""
        for caller_id, epoch in raised.items():
            self._epochs.learn(caller_id, epoch)
