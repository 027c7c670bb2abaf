"""The real system for tests: a private broker, a private database, or all of it.

The mechanism is the local stack's own (`deploy.local`), in a folder and on ports of the test run.
"""

from __future__ import annotations

import os
import random
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.local.settings import PORT_SPAN
from deploy.local.stack import Stack as LocalStack

BROKER = ("epmd", "rabbitmq")
DATABASE = ("mongod",)

NO_LIMITS = {"RATE_LIMIT": "0", "SIGN_IN_LIMIT": "0"}
"""Tests come from one address, fast; those about the limits set their own."""

# Below the range from which the kernel gives ports to clients.
_LOWEST, _HIGHEST = 20000, 32000


class Stack(LocalStack):
    """The whole system, or the part that `only` names; it ends with the test run at the latest."""

    def __init__(
        self,
        folder: Path,
        port_base: int | None = None,
        only: tuple[str, ...] | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        base = free_port_base() if port_base is None else port_base
        told = {**NO_LIMITS, **(environ or {})}
        super().__init__(folder, base, only=only, leash=os.getpid(), environ=told)


@dataclass(frozen=True)
class Server:
    """One server of the run: its address, and the means to hurt and to await it."""

    uri: str
    name: str
    stack: Stack

    def __str__(self) -> str:
        return self.uri


def free_port_base() -> int:
    """A port from which on every port that a stack may use is free, and this test run's own."""
    chooser = random.SystemRandom()
    for _ in range(200):
        base = chooser.randrange(_LOWEST, _HIGHEST, PORT_SPAN)
        if _reserved(base) and all(_free(base + offset) for offset in range(PORT_SPAN)):
            return base
    raise RuntimeError(f"no {PORT_SPAN} free ports in a row between {_LOWEST} and {_HIGHEST}")


_reservations: list[socket.socket] = []


def _reserved(base: int) -> bool:
    """Take the ports from this one on; False when another test run, or this one, has them.

    Free they are also while another run's stack still starts: two runs then found the same ports,
    and one wrote into the database of the other. A name in the kernel says that they are taken, and
    goes when the process ends, however it ends (abstract sockets of unix(7)).
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
