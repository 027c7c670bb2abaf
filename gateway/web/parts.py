"""The parts of one gateway process; ``app.py`` builds them."""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.identity.app import App as IdentityApp
from gateway.identity.auth.tokens import AccessTokens
from gateway.identity.epoch_feed import EpochFeed
from gateway.remote.public_cache import PublicCache
from gateway.remote.readiness import Readiness
from gateway.remote.rpc import RpcClient
from gateway.settings import GatewaySettings
from gateway.web.cursors import Cursors
from gateway.web.rate_limits import Limiter
from services.common import errors
from services.common.clock import Clock
from services.common.signing_keys import SigningKeys
from services.common.storage.mongo import Database


@dataclass(slots=True)
class Gateway:
    """The parts of one process."""

    settings: GatewaySettings
    branches: tuple[str, ...]
    clock: Clock
    database: Database
    rpc: RpcClient
    public: PublicCache
    keys: SigningKeys
    tokens: AccessTokens
    cursors: Cursors
    limiter: Limiter
    identity: IdentityApp
    epoch_feed: EpochFeed
    readiness: Readiness = field(default_factory=Readiness)
    openapi: bytes = b"{}"

    def database_answers(self) -> bool:
        """Whether the database is there now."""
        try:
            self.database.ping()
        except errors.Unavailable:
            return False
        return True

    def start(self) -> None:
        """Connect to the broker. Call it after any fork."""
        self.rpc.start()
        self.epoch_feed.start()

    def close(self) -> None:
        """Close the connections to the broker and the database."""
        self.epoch_feed.close()
        self.rpc.close()
        self.database.close()
