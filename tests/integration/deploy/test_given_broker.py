"""A broker that runs elsewhere, set by AMQP_URI: what it lacks is said, with the command for it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local import checkup, rabbitmq, settings
from deploy.local.stack import Stack as LocalStack
from services.common.messaging import topology
from tests.support.echoing import Wire
from tests.support.ports import free_port
from tests.support.stack import BROKER, Server, Stack, free_port_base

TOOLS = "/usr/lib/rabbitmq/bin"
HALL = "hall"


@pytest.fixture(scope="module")
def own_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A node with a second virtual host without our topology."""
    stack = Stack(tmp_path_factory.mktemp("given-broker"), only=BROKER)
    stack.up()
    server = Server(stack.amqp_uri, "rabbitmq", stack)
    run(server, f"rabbitmqctl add_vhost {HALL}")
    run(server, f"rabbitmqctl set_permissions -p {HALL} {rabbitmq.USER} '.*' '.*' '.*'")
    yield server
    stack.down()


def run(server: Server, command: str) -> None:
    """A command as its operator gives it, on the node's machine."""
    told = rabbitmq.environment(server.stack.settings)
    path = f"{TOOLS}:{os.environ['PATH']}"
    subprocess.run(
        command.replace("rabbitmqctl", f"rabbitmqctl -n {rabbitmq.NODE}"),
        shell=True,
        check=True,
        capture_output=True,
        cwd=settings.ROOT,
        env={**os.environ, **told, "PATH": path},
        timeout=60,
    )


def command_in(sentence: str | None) -> str:
    assert sentence is not None
    assert "drops events that nobody subscribes to" in sentence
    return sentence.partition("have it keep them: ")[2]


def test_a_broker_with_our_topology_lacks_nothing_and_keeps_nothing_of_the_question(
    own_broker: Server,
) -> None:
    for _ in range(2):
        assert rabbitmq.what_it_lacks(own_broker.uri) is None
    wire = Wire(own_broker.uri)
    wire.await_depth("masaha.unroutable", 0)
    wire.close()


@pytest.mark.parametrize("virtual_host", ["", HALL])
def test_a_broker_without_it_is_told_by_the_command_that_cures_it(
    own_broker: Server, virtual_host: str
) -> None:
    if not virtual_host:
        run(own_broker, "rabbitmqctl clear_policy masaha-unroutable-events")
    uri = own_broker.uri + virtual_host
    command = command_in(rabbitmq.what_it_lacks(uri))
    run(own_broker, command)
    assert rabbitmq.what_it_lacks(uri) is None


def test_doctor_and_start_say_so(
    own_broker: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(own_broker, "rabbitmqctl clear_policy masaha-unroutable-events")
    monkeypatch.setenv("AMQP_URI", own_broker.uri)
    monkeypatch.setenv("MASAHA_PORT_BASE", str(free_port_base()))
    said: list[str] = []
    stack = LocalStack(tmp_path / "stack", only=("mail",), leash=os.getpid(), progress=said.append)
    found = [each for each in checkup.examine(stack.settings) if "drops events" in each.text]
    assert [each.good for each in found] == [False]
    stack.up()
    try:
        assert [line for line in said if command_in(found[0].text) in line]
    finally:
        stack.down()


def test_a_broker_that_is_not_there_is_said_in_one_sentence() -> None:
    port = free_port()
    lack = rabbitmq.what_it_lacks(f"amqp://user:pass-word@127.0.0.1:{port}/")
    assert lack is not None
    assert lack.startswith(f"AMQP_URI is 'amqp://***@127.0.0.1:{port}/': no broker lets us in at ")
    assert "pass-word" not in lack


def test_the_exchange_asked_is_the_one_of_the_events() -> None:
    assert (topology.EVENTS.name, topology.EVENTS.type) == (rabbitmq.EVENTS, "topic")
