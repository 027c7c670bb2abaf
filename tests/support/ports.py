"""Ports for what tests start: free, and this test run's own until it ends.

A port that is free now is free also for the run beside this one, until one of them listens; and one
from the kernel's range for clients may be a connection's a moment later.
"""

from __future__ import annotations

import random
import socket

# Below the range from which the kernel gives ports to clients (32768, ip(7)).
_FIRST_SINGLE, _FIRST_IN_ROWS, _END = 12_000, 20_000, 32_000
_TRIES = 200

_reservations: list[socket.socket] = []


def free_port() -> int:
    """A port on which nobody listens, and which no other test run is given."""
    return _row(_FIRST_SINGLE, _FIRST_IN_ROWS, 1)


def free_ports_in_a_row(count: int) -> int:
    """The first of so many."""
    return _row(_FIRST_IN_ROWS, _END, count)


def _row(first: int, end: int, count: int) -> int:
    chooser = random.SystemRandom()
    for _ in range(_TRIES):
        base = chooser.randrange(first, end, count)
        if _reserved(base) and all(_free(base + offset) for offset in range(count)):
            return base
    raise RuntimeError(f"no {count} free ports in a row between {first} and {end}")


def _reserved(base: int) -> bool:
    """Take the ports from this one on; False when another test run, or this one, has them.

    A name in the kernel says so, and goes when the process ends, however it ends (abstract sockets
    of unix(7)).
    """
    reservation = socket.socket(socket.AF_UNIX)
    try:
        reservation.bind(f"\0masaha-tests-ports-{base}")
    except OSError:
        reservation.close()
        return False
    _reservations.append(reservation)
    return True


def _free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
