"""The composition root of the identity: the one place that builds what its operations are given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from gateway.identity.auth.epochs import Epochs
from gateway.identity.store import Store
from gateway.identity.store.epochs import EpochStore
from gateway.identity.store.families import FamilyStore
from gateway.identity.store.invitations import InvitationStore
from gateway.settings import REFRESH_TOKEN_SECONDS
from services.common.app import Infrastructure, infrastructure
from services.common.config import Settings
from services.common.storage.mongo import connect

NAME = "gateway"
REFRESH = timedelta(seconds=REFRESH_TOKEN_SECONDS)


@dataclass(frozen=True, slots=True)
class App(Infrastructure):
    """Everything an operation may use.

    Attributes:
        epochs: of this process, which learns of its own raises without waiting for the broker.
        refresh: how long a family of refresh tokens lives without being used.
    """

    store: Store
    invitations: InvitationStore
    families: FamilyStore
    epoch_store: EpochStore
    epochs: Epochs
    refresh: timedelta


def build(settings: Settings, *, refresh: timedelta = REFRESH) -> App:
    """Build the app. Connects to nothing yet; the caller makes sure of the indexes."""
    database = connect(settings, NAME)
    return App(
        **infrastructure(database, NAME),
        store=Store(database),
        invitations=InvitationStore(database),
        families=FamilyStore(database),
        epoch_store=EpochStore(database),
        epochs=Epochs(),
        refresh=refresh,
    )
