"""The load of the benchmark ends, whatever the server does."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from tests.bench import client


@pytest.fixture
def server() -> Iterator[socket.socket]:
    """One that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


def plan(server: socket.socket) -> dict[str, Any]:
    return {
        "url": f"http://127.0.0.1:{server.getsockname()[1]}",
        "token": "t",
        "requests": [["GET", "/", None, None]],
        "seconds": 1,
        "connections": 1,
    }


def test_a_server_that_never_answers_ends_it(
    server: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "_ANSWER_SECONDS", 0.1)
    with pytest.raises(client.Broken, match="no answer"):
        client.Run(plan(server)).result()


def test_a_server_that_hangs_up_ends_it(server: socket.socket) -> None:
    run = client.Run(plan(server))
    server.accept()[0].close()
    with pytest.raises(client.Broken, match="closed"):
        run.result()
