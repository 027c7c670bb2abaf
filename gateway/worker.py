"""The worker of the gateway: sends its events out."""

from __future__ import annotations

from gateway.app import NAME, ensure_indexes
from services.common.config import Settings
from services.common.runtime.worker import Worker
from services.common.storage.mongo import connect
from services.common.worker import build_worker


def build(settings: Settings) -> Worker:
    """One loop, the relay.

    Raises:
        errors.Unavailable: if the database is not there yet; the runtime tries again.
    """
    database = connect(settings, NAME)
    try:
        ensure_indexes(database)
    except BaseException:
        database.close()
        raise
    return build_worker(settings, NAME, database)
