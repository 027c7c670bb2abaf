"""The users of the database and what each may use, for every way of deploying.

Each service has a user of its own that reads and writes its own database and no other. Standard
library only: it is read before anything is installed.
"""

from __future__ import annotations

from collections.abc import Sequence

from deploy.broker import SERVICES

PREFIX = "masaha"
"""Of the databases' names, as ``DATABASE_PREFIX`` of the services."""

KEYS_OF_CASES = "case_keys"
"""The user that consultations has for the keys of its cases: they are apart from the cases."""

USERS: Sequence[str] = (*SERVICES, KEYS_OF_CASES)
"""A service's user has the service's name, and so has its database, after the prefix."""

CHANGE_COLLECTIONS: Sequence[str] = ("bookings",)
"""Services that wait for open transactions by `collMod` (services/common/storage/barrier.py), which
MongoDB's role `readWrite` lacks and `dbAdmin` has."""

OPERATOR = "masaha"
"""The user that may do everything, for people and for the setup."""


def roles_of(service: str, prefix: str = PREFIX) -> list[dict[str, str]]:
    """The roles of a service's user, in MongoDB's own form: its own database and no other."""
    names = ("readWrite", "dbAdmin") if service in CHANGE_COLLECTIONS else ("readWrite",)
    return [{"role": name, "db": f"{prefix}_{service}"} for name in names]
