"""The worker of the gateway: sends its events out."""

from __future__ import annotations

from gateway.identity.app import NAME
from gateway.identity.app import build as build_identity
from services.common.app import with_indexes
from services.common.config import Settings
from services.common.contracts.identity import events
from services.common.contracts.registry import event_types
from services.common.runtime.worker import Worker
from services.common.worker import build_worker


def build(settings: Settings) -> Worker:
    """One loop, the relay.

    Raises:
        errors.Unavailable: if the database is not there yet; the runtime tries again.
    """
    identity = with_indexes(build_identity(settings))
    return build_worker(settings, NAME, identity.database, publishes=event_types(events))
