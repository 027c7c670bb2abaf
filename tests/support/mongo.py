"""A database of its own for one test."""

from __future__ import annotations

from collections.abc import Iterator

from services.common.ids import new_id
from services.common.storage.mongo import Database


def empty_database(uri: str) -> Iterator[Database]:
    """An empty database on the run's server, dropped afterwards."""
    name = f"t{new_id()[-12:]}"
    database = Database(uri, name)
    yield database
    database.client.drop_database(name)
    database.close()
