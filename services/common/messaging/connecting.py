"""One attempt to connect to the broker, without kombu's pauses; after it, reading is cheap."""

from __future__ import annotations

import random
import socket
from collections.abc import Mapping
from typing import Any

from amqp.exceptions import AMQPError
from amqp.transport import TCPTransport
from kombu import Connection
from kombu.exceptions import OperationalError

from services.common import logs, metrics
from services.common.messaging import lenient_decoding

_log = logs.get(__name__)

#: What a connection raises that broke or could not be made; py-amqp raises AttributeError where it
#: was already collected.
BROKEN = (OSError, AttributeError, AMQPError, OperationalError)

#: The same in an eventlet process, where a socket may be closed under its reader by another
#: greenlet: eventlet raises EOFError if a new socket has got the closed one's number meanwhile,
#: RuntimeError if another greenlet reads from that already. Neither is an OSError.
BROKEN_GREEN = (EOFError, RuntimeError, *BROKEN)

#: How connections are made. py-amqp gives a connection up when what was sent has been under way
#: for a second, however long its users would wait; a network that stalls so long is nothing rare.
TRANSPORT: Mapping[str, Any] = {"socket_settings": {socket.TCP_USER_TIMEOUT: 15_000}}

#: What each address may take where there are several: one that is silent must not use up the time
#: in which another one would answer.
SEVERAL_CONNECT_SECONDS = 2.0

_READ_BYTES = 32 * 1024


class FlowControl:
    """Whether the broker takes what is published on a connection: not while it is short of memory
    or disk. It says so after the first message that it has left in the socket, and takes all of
    them when the shortage ends, even those of a connection that was closed meanwhile.

    Args:
        connection: made already.
        name: a label of the metrics.
    """

    def __init__(self, connection: Connection, name: str) -> None:
        self.closed = False
        self._name = name
        connection.connection.on_blocked = self._on_blocked
        connection.connection.on_unblocked = self._on_unblocked
        self._say()

    def _on_blocked(self, _reason: str) -> None:
        self.closed = True
        _log.error("broker.short", connection=self._name)
        self._say()

    def _on_unblocked(self) -> None:
        self.closed = False
        _log.warning("broker.short_no_more", connection=self._name)
        self._say()

    def _say(self) -> None:
        metrics.BROKER_SHORT.labels(self._name).set(int(self.closed))


def addresses_of(uri: str) -> list[str]:
    """The addresses of a broker, one URI each: ``amqp://user:password@one:5672,two:5672/`` is two.

    Args:
        uri: hosts with commas between them are nodes of one cluster.
    """
    scheme, separator, rest = uri.partition("://")
    end = next((place for place, letter in enumerate(rest) if letter in "/?#"), len(rest))
    credentials, at, hosts = rest[:end].rpartition("@")
    # kombu takes what has a semicolon for several addresses.
    return [
        f"{scheme}{separator}{credentials}{at}{host}{rest[end:]}".replace(";", "%3B")
        for host in hosts.split(",")
    ]


def connection_to(uri: str, *, connect_timeout: float, **options: Any) -> Connection:
    """A connection to a broker that is not made yet: :func:`connect_once` does that.

    Of a cluster any node comes first: so clients are shared out among the nodes, and one that is
    silent holds up few of them.

    Args:
        uri: see :func:`addresses_of`.
        connect_timeout: seconds for one address; of several each gets
            ``SEVERAL_CONNECT_SECONDS`` at most.
        options: of kombu's ``Connection``.
    """
    addresses = addresses_of(uri)
    random.shuffle(addresses)
    if len(addresses) > 1:
        connect_timeout = min(connect_timeout, SEVERAL_CONNECT_SECONDS)
    return Connection(";".join(addresses), connect_timeout=connect_timeout, **options)


def seconds_to_connect(connection: Connection, seconds: float) -> float:
    """The bound of all attempts of :func:`connect_once` together: so many seconds for the
    handshake, and the connect timeout for every address."""
    return seconds + float(connection.connect_timeout) * max(1, len(connection.alt or ()))


def heartbeat_within(longest: int, setting: int) -> int:
    """The heartbeat of a connection that has one in any case.

    Args:
        longest: in seconds, the connection's own.
        setting: ``AMQP_HEARTBEAT``; 0 leaves the connection its own.
    """
    return min(longest, setting) if setting else longest


def seconds_to_read(longest: float, connection: Connection) -> float:
    """How long one wait for frames may last, so that heartbeats are sent in time between two.

    py-amqp begins a wait anew with each heartbeat of the broker, which come after half the time
    that was agreed on: a wait that is longer never ends by itself.
    """
    agreed = connection.get_heartbeat_interval()
    return min(longest, agreed / 4) if agreed else longest


def user_of(connection: Connection) -> str:
    """As whom a connection is made."""
    return str(connection.userid or connection.transport.default_connection_params["userid"])


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
    lenient_decoding.deliver_them()


def _read_ahead(connection: Connection) -> None:
    """Read all that has come with one system call, where py-amqp makes two for every frame.

    A delivery is three frames. TLS keeps its own buffers.
    """
    transport = connection.connection.transport
    if isinstance(transport, TCPTransport):
        receive = transport.sock.recv
        # The transport keeps what it reads beyond the piece asked for, and returns it next time.
        transport._quick_recv = lambda _size: receive(_READ_BYTES)
