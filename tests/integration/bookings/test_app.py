"""The composition root of bookings: what it opens it closes."""

from __future__ import annotations

import pytest
from pymongo import MongoClient

from services.bookings.app import App, build
from services.common.config import Settings
from tests.support.stack import Server


def test_a_build_that_fails_leaves_no_client_open(
    database: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The runtime builds again and again until the database is there."""
    closed: list[MongoClient[dict[str, object]]] = []

    def fail(app: App) -> None:
        assert app.database.client.admin.command("ping")["ok"]
        raise RuntimeError("no index can be made")

    close = MongoClient.close
    monkeypatch.setattr(App, "ensure_indexes", fail)
    monkeypatch.setattr(MongoClient, "close", lambda client: (closed.append(client), close(client)))
    with pytest.raises(RuntimeError, match="no index"):
        build(Settings("amqp://unused", database.uri))
    assert len(closed) == 1
