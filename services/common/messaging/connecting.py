"""One attempt to connect to the broker, without kombu's pauses; after it, reading is cheap."""

from __future__ import annotations

from amqp.exceptions import AMQPError
from amqp.transport import TCPTransport
from kombu import Connection
from kombu.exceptions import OperationalError

from services.common.messaging import unreadable

#: What a connection raises that broke or could not be made; py-amqp raises AttributeError where it
#: was already collected.
BROKEN = (OSError, AttributeError, AMQPError, OperationalError)

#: The same in an eventlet process, where a socket may be closed under its reader by another
#: greenlet: eventlet raises EOFError if a new socket has got the closed one's number meanwhile,
#: RuntimeError if another greenlet reads from that already. Neither is an OSError.
BROKEN_GREEN = (EOFError, RuntimeError, *BROKEN)

_READ_BYTES = 32 * 1024


def connect_once(connection: Connection) -> None:
    """Try each address of the broker once; takes at most its connect timeout for each.

    Waiting and trying again are the caller's, who knows when to stop.

    Raises:
        kombu.exceptions.OperationalError: if none answers.
    """
    addresses = max(1, len(connection.alt or ()))
    connection.ensure_connection(
        max_retries=addresses - 1, interval_start=0, interval_step=0, interval_max=0
    )
    _read_ahead(connection)
    unreadable.deliver_them()


def _read_ahead(connection: Connection) -> None:
    """Read all that has come with one system call, where py-amqp makes two for every frame.

    A delivery is three frames. TLS keeps its own buffers.
    """
    transport = connection.connection.transport
    if isinstance(transport, TCPTransport):
        receive = transport.sock.recv
        # Whatever is read beyond the piece asked for, the transport keeps for the next one.
        transport._quick_recv = lambda _size: receive(_READ_BYTES)
