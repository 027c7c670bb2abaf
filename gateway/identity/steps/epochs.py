"""What every operation does that takes a right away: raise the epoch of who loses it."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from gateway.identity.app import App
from services.common.context import Caller
from services.common.contracts.identity.events import ACCESS_REVOKED
from services.common.events.outbox import Fact
from services.common.storage.mongo import Session


def raise_epochs(
    app: App, caller: Caller, session: Session, caller_ids: Collection[str]
) -> Mapping[str, int]:
    """In the transaction that takes the right away; the result is for :func:`learn_epochs`.

    Args:
        caller: who takes it away.
        caller_ids: who loses a right.
    """
    raised = app.epoch_store.raise_epochs(session, caller_ids, app.clock.now())
    facts = [
        Fact(each, epoch, {"caller_id": each, "epoch": epoch}) for each, epoch in raised.items()
    ]
    app.outbox.record_many(session, ACCESS_REVOKED, facts, caller=caller)
    return raised


def end_sign_ins(app: App, caller: Caller, session: Session, person_id: str) -> Mapping[str, int]:
    """End every sign-in of a person; the result is for :func:`learn_epochs`."""
    app.families.end_all(session, person_id)
    return raise_epochs(app, caller, session, [person_id])


def learn_epochs(app: App, raised: Mapping[str, int]) -> None:
    """After the commit: have this process refuse the tokens of earlier epochs at once."""
    for caller_id, epoch in raised.items():
        app.epochs.learn(caller_id, epoch)
