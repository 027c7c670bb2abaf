"""A consuming connection whose socket takes no more is replaced by one that consumes."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.support.stack import Server

# In a process of its own: the consumer needs the patched standard library.
CODE = """
from services.common.runtime.patching import patch
patch()
import errno, os, eventlet
from types import SimpleNamespace
from kombu import Connection, Queue
from services.common.messaging.consumer import DrainingQueueConsumer
from tests.support.awaiting import until

class Full:
    # In place of a socket: reads as before, and refuses every write.

    def __init__(self, socket):
        self._socket = socket

    def send(self, *_):
        raise OSError(errno.EPIPE, "told to")

    def __getattr__(self, name):
        return getattr(self._socket, name)

class Provider:
    queue = Queue("consumer-writes", durable=False)

    def handle_message(self, body, message):
        if not handled:
            sock = connection().transport.sock
            sock.fd = Full(sock.fd)
        handled.append(body)
        consumer.ack_message(message)

def connection():
    return consumer._consumers[provider].channel.connection

def spawn(run, identifier=None):
    return eventlet.spawn(run)

consumer, provider, handled = DrainingQueueConsumer(), Provider(), []
consumer.container = SimpleNamespace(
    config={"AMQP_URI": os.environ["AMQP_URI"]},
    max_workers=10,
    free_workers=10,
    spawn_managed_thread=spawn,
)
consumer.register_provider(provider)
consumer.start()
with Connection(os.environ["AMQP_URI"]) as publishing:
    producer = publishing.Producer(serializer="json")
    producer.publish({"number": 1}, routing_key=provider.queue.name)
    # It could not be acknowledged, so it comes again.
    until(lambda: len(handled) == 2, "a delivery on a new connection", 20)
consumer.unregister_provider(provider)
consumer.stop()
with Connection(os.environ["AMQP_URI"]) as closing:
    Provider.queue(closing.default_channel).delete()
"""


def test_a_connection_that_takes_no_acknowledgement_is_left_and_consumed_anew(
    broker: Server,
) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", CODE],
        env={**os.environ, "AMQP_URI": broker.uri},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
