"""Who listens on a port of this machine: no process, a process of ours, or another one."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

HOST = "127.0.0.1"

# Of proc(5), /proc/net/tcp: addresses in hexadecimal, as the processor orders bytes; 0A is LISTEN.
_HERE = ("0100007F", "00000000", "0" * 32, "0000000000000000FFFF00000100007F")
_LISTENS = "0A"


def is_free(port: int) -> bool:
    """Whether a process of ours could listen on the port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def taken(candidates: Iterable[int], ours: Callable[[], Iterable[int]]) -> list[int]:
    """The ports on which a process listens that is not ours.

    A process of ours may listen for a moment only, as RabbitMQ does to try its ports, and have
    closed the socket, or ended, before it is asked what it has open. So only a socket counts that
    listens still after everybody was asked.

    Args:
        candidates: the ports.
        ours: contains the ids of our processes.
    """
    before = _listening(candidates)
    if not before:
        return []
    own = {name for pid in ours() for name in _sockets(pid)}
    after = _listening(candidates)
    return [port for port in before if (before[port] & after.get(port, set())) - own]


def _listening(candidates: Iterable[int]) -> dict[int, set[str]]:
    listeners = _listeners()
    return {port: listeners[port] for port in candidates if port in listeners}


def _listeners() -> dict[int, set[str]]:
    """The listening sockets of every port, by their names in /proc/<pid>/fd."""
    found: dict[int, set[str]] = {}
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with suppress(FileNotFoundError):  # A machine without IPv6 has no second table.
            for line in Path(table).read_text().splitlines()[1:]:
                words = line.split()
                address, _, port = words[1].partition(":")
                if words[3] == _LISTENS and address in _HERE:
                    found.setdefault(int(port, 16), set()).add(f"socket:[{words[9]}]")
    return found


def _sockets(pid: int) -> set[str]:
    found = set()
    with suppress(OSError):  # It has ended.
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):  # That was closed meanwhile.
                found.add(str(descriptor.readlink()))
    return found
