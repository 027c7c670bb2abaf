"""What the tests' own means promise: what they say has happened has happened when they return."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tests.support.awaiting import until
from tests.support.echoing import Wire, frozen, stands_still
from tests.support.ports import free_port
from tests.support.stack import Server

LATE_SECONDS = 0.3


def test_a_purge_takes_what_a_consumer_had_in_hand_whose_end_is_noticed_late(
    broker: Server,
) -> None:
    queue = "test.purged"
    wire, killed = Wire(broker.uri), Wire(broker.uri)
    kind = {"x-queue-type": "quorum"}
    wire.channel.queue_declare(queue, durable=True, auto_delete=False, arguments=kind)
    in_hand: list[Any] = []
    killed.channel.basic_consume(queue, callback=in_hand.append)
    wire.publish(queue, b"work for a minute", exchange="")
    while not in_hand:
        killed.connection.drain_events(timeout=10)

    noticing = threading.Timer(LATE_SECONDS, killed.close)
    noticing.start()
    wire.purge(queue)
    noticing.join()
    wire.await_no_consumers(queue)
    assert wire.depth(queue) == 0
    wire.close()


def test_a_server_stands_still_from_the_first_line_on_in_which_it_is_frozen() -> None:
    process = subprocess.Popen([sys.executable, "-S", "-c", "while True: input()"], stdin=-1)

    def kill(_name: str, number: signal.Signals) -> int:
        """As on a busy machine: the signal is sent, and takes effect later."""
        late = LATE_SECONDS if number == signal.SIGSTOP else 0
        threading.Timer(late, os.kill, (process.pid, number)).start()
        return process.pid

    busy: Any = SimpleNamespace(kill=kill)
    try:
        with frozen(Server("", "a server", busy)):
            assert stands_still(process.pid)
        until(lambda: not stands_still(process.pid), "the thaw")
    finally:
        process.kill()
        process.communicate()


def test_a_free_port_is_none_that_a_connection_of_any_program_may_be_given() -> None:
    first = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    ports = {free_port() for _ in range(20)}
    assert len(ports) == 20
    assert max(ports) < first
