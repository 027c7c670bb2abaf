"""How the stack knows that a process is ready to work, not merely running.

Each check answers None when ready, else the reason as a short text.
"""

from __future__ import annotations

import socket
import urllib.error
import urllib.request
from collections.abc import Callable

from deploy.local import mongodb
from deploy.local.settings import Settings

Check = Callable[[], str | None]
_SECONDS = 2.0


def tcp(port: int) -> Check:
    """A process listens on the port."""

    def check() -> str | None:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=_SECONDS):
                return None
        except OSError as error:
            return f"port {port}: {error.strerror or error}"

    return check


def amqp(uri: str, port: int) -> Check:
    """The broker accepts this user and opens a channel."""
    listens = tcp(port)  # Asked first: it answers at once, where a client would try again.

    def check() -> str | None:
        if reason := listens():
            return reason
        try:
            from kombu import Connection  # noqa: PLC0415 - `status` works without it
            from kombu.exceptions import OperationalError  # noqa: PLC0415
        except ImportError:
            return None  # Nothing is installed here; that it listens is all that can be seen.
        try:
            with Connection(uri, connect_timeout=_SECONDS) as connection:
                connection.connect()
                connection.default_channel.close()
            return None
        except (OSError, OperationalError, *Connection(uri).connection_errors) as error:
            return f"AMQP: {error}"

    return check


def mongo(settings: Settings) -> Check:
    """The replica set has a primary that takes writes."""
    listens = tcp(settings.port(mongodb.PORT))

    def check() -> str | None:
        if reason := listens():
            return reason
        try:
            from pymongo.errors import PyMongoError  # noqa: PLC0415 - `status` works without it
        except ImportError:
            return None  # Nothing is installed here; that it listens is all that can be seen.
        try:
            return mongodb.why_not_ready(settings)
        except PyMongoError as error:
            return f"MongoDB: {str(error).split(',')[0]}"

    return check


def http(url: str) -> Check:
    """The URL answers 200."""

    def check() -> str | None:
        try:
            with urllib.request.urlopen(url, timeout=_SECONDS * 2):  # noqa: S310 - our own URL
                return None
        except urllib.error.HTTPError as error:
            return f"{url} answers {error.code}: {error.read(300).decode(errors='replace')}"
        except (OSError, ValueError) as error:
            return f"{url}: {error}"

    return check
