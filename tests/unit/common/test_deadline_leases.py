"""The lease of a deadline against what a killed worker leaves in the database."""

from __future__ import annotations

from deploy.local.mongodb import TRANSACTION_LIFETIME_SECONDS
from services.common.storage.deadlines import LEASE

# MongoDB looks for transactions that are too old each half of their lifetime.
_GONE_AFTER_SECONDS = 1.5 * TRANSACTION_LIFETIME_SECONDS


def test_what_a_killed_worker_had_open_is_gone_when_its_deadline_is_claimed_again() -> None:
    assert LEASE.total_seconds() > _GONE_AFTER_SECONDS
