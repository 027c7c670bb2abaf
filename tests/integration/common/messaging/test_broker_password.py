"""The password of a service's user at the broker is changed while its process works."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.awaiting import until
from tests.support.broker import connections, control
from tests.support.echoing import SINGLE, Wire, echo
from tests.support.stack import Server

USER = "one-whose-password-changes"


@pytest.fixture
def uri(broker: Server) -> Iterator[str]:
    """The broker's address as a user of its own; its password is 'old'."""
    control(broker, "add_user", USER, "old")
    control(broker, "set_permissions", USER, ".*", ".*", ".*")
    yield broker.uri.replace(broker.uri.partition("@")[0], f"amqp://{USER}:old")
    control(broker, "delete_user", USER)


def test_open_connections_stay_and_a_new_password_goes_on(
    broker: Server, uri: str, tmp_path: Path
) -> None:
    wire = Wire(broker.uri)
    others = connections(broker)
    with echo(tmp_path, uri) as old:
        control(broker, "change_password", USER, "new")
        during = wire.event(key="with open connections")
        old.await_journal("event", id=during)

        control(broker, "close_all_user_connections", USER, "the password has changed")
        old.await_log("broker.away")
        old.await_probe("/readyz", 503)
        until(lambda: connections(broker), "the end of its connections", enough=others.__eq__)
        meanwhile = wire.event(key="while nobody may read")

        with echo(tmp_path, uri.replace(":old@", ":new@")) as new:
            new.await_journal("event", id=meanwhile)
        assert old.probe("/healthz")[0] == 200
        assert ":old@" not in old.log()
    wire.purge(SINGLE)
    wire.close()
    assert [line["id"] for line in old.journal("event")] == [during, meanwhile]
