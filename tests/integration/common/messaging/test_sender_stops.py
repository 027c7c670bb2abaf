"""What the publishing connection counts as lost: what broke, not what was closed on purpose.

And however it was lost, it is replaced.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.support.stack import Server

# In a process of its own: the sender needs the patched standard library.
CODE = """
from services.common.runtime.patching import patch
patch()
import os, socket, eventlet
from types import SimpleNamespace
from amqp.connection import Connection
from services.common import metrics
from services.common.messaging.sender import Sender
from tests.support.awaiting import until

sender, greenlets, made = Sender(), [], []
connect = Connection.connect

def counted(self, callback=None):
    if not self.connected:
        made.append(self)
    return connect(self, callback)

Connection.connect = counted

def spawn(run, identifier):
    greenlets.append(eventlet.spawn(run))
    return greenlets[-1]

sender.container = SimpleNamespace(
    config={"AMQP_URI": os.environ["AMQP_URI"]}, spawn_managed_thread=spawn
)
sender.setup()
until(lambda: sender.connected, "a connection", 10)
if os.environ["HOW"] == "broken":
    sender._link.connection.connection.transport.sock.shutdown(2)
    until(lambda: not sender.connected, "the loss of it", 10)
    until(lambda: sender.connected, "a new connection", 10)
if os.environ["HOW"] == "thrown away":
    # A writer does so while the reader waits; the next socket gets the number of the closed one.
    number = sender._link.connection.connection.transport.sock.fileno()
    sender._throw_away(sender._link)
    taken = [socket.socket()]
    while taken[-1].fileno() < number:
        taken.append(socket.socket())
    assert taken[-1].fileno() == number
    until(lambda: sender.connected, "a new connection", 10)
if os.environ["HOW"] == "left":
    sender._throw_away(sender._link)
    until(lambda: sender.connected, "a new connection", 10)
    assert len(made) == 2, made
sender.stop()
# What it counts it has counted then.
until(lambda: all(greenlet.dead for greenlet in greenlets), "its end", 10)
print(metrics.BROKER_CONNECTIONS_LOST.labels("sender")._value.get())
"""


def lost(broker: Server, how: str) -> float:
    """How many connections the sender counts as lost when that is done to its first one."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", CODE],
        env={**os.environ, "AMQP_URI": broker.uri, "HOW": how},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return float(done.stdout.split()[-1])


@pytest.mark.parametrize(("how", "count"), [("stopped", 0.0), ("broken", 1.0)])
def test_only_a_connection_that_broke_counts_as_lost(
    broker: Server, how: str, count: float
) -> None:
    assert lost(broker, how) == count


def test_a_connection_that_a_writer_throws_away_under_its_reader_is_replaced(
    broker: Server,
) -> None:
    assert lost(broker, "thrown away") == 1.0


def test_a_connection_that_was_thrown_away_is_not_made_again_by_its_reader(broker: Server) -> None:
    assert lost(broker, "left") == 1.0
