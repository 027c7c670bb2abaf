"""The addresses of a broker that is a cluster."""

from __future__ import annotations

import pytest

from services.common.messaging.connecting import (
    SEVERAL_CONNECT_SECONDS,
    addresses_of,
    connection_to,
    heartbeat_within,
    seconds_to_connect,
    seconds_to_read,
    user_of,
)

CLUSTER = "amqp://user:pass-word@one:1,two:2,three/lent"


@pytest.mark.parametrize(
    ("uri", "addresses"),
    [
        ("amqp://user:a@one:1/", ["amqp://user:a@one:1/"]),
        (
            CLUSTER,
            [
                "amqp://user:pass-word@one:1/lent",
                "amqp://user:pass-word@two:2/lent",
                "amqp://user:pass-word@three/lent",
            ],
        ),
        ("amqp://one,two", ["amqp://one", "amqp://two"]),
        ("amqp://u:a,b@one,[::1]:2/", ["amqp://u:a,b@one/", "amqp://u:a,b@[::1]:2/"]),
        ("amqp://u:a@one,two/?a=b,c", ["amqp://u:a@one/?a=b,c", "amqp://u:a@two/?a=b,c"]),
    ],
)
def test_hosts_with_commas_between_them_are_an_address_each(uri: str, addresses: list[str]) -> None:
    assert addresses_of(uri) == addresses


def test_every_address_has_the_user_the_password_and_the_virtual_host() -> None:
    connection = connection_to(CLUSTER, connect_timeout=5)
    seen = set()
    for address in connection.alt:
        connection.switch(address)
        seen.add((connection.hostname, connection.userid, connection.password))
        assert connection.virtual_host == "lent"
    assert seen == {(host, "user", "pass-word") for host in ("one", "two", "three")}
    assert user_of(connection) == "user"


def test_any_node_of_a_cluster_may_come_first() -> None:
    first = {connection_to(CLUSTER, connect_timeout=5).hostname for _ in range(200)}
    assert first == {"one", "two", "three"}


def test_a_semicolon_in_a_password_is_no_second_address() -> None:
    connection = connection_to("amqp://user:a;b@one:1/", connect_timeout=5)
    assert (connection.hostname, connection.password) == ("one", "a;b")


def test_one_silent_node_of_several_takes_little_of_the_time() -> None:
    assert connection_to("amqp://one/", connect_timeout=5).connect_timeout == 5
    several = connection_to(CLUSTER, connect_timeout=5)
    assert several.connect_timeout == SEVERAL_CONNECT_SECONDS
    assert seconds_to_connect(several, 5) == 5 + 3 * SEVERAL_CONNECT_SECONDS


@pytest.mark.parametrize(("setting", "heartbeat"), [(20, 10), (2, 2), (0, 10)])
def test_a_short_heartbeat_is_for_every_connection(setting: int, heartbeat: int) -> None:
    assert heartbeat_within(10, setting) == heartbeat


class _Agreed:
    """A connection whose heartbeat was agreed on."""

    def __init__(self, seconds: int) -> None:
        self._seconds = seconds

    def get_heartbeat_interval(self) -> int:
        return self._seconds


@pytest.mark.parametrize(("agreed", "seconds"), [(20, 1.0), (2, 0.5), (0, 1.0)])
def test_a_wait_for_frames_leaves_time_for_heartbeats(agreed: int, seconds: float) -> None:
    assert seconds_to_read(1.0, _Agreed(agreed)) == seconds  # type: ignore[arg-type]
