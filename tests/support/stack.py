"""The real system for tests: a private broker, a private database, or all of it.

The mechanism is the local stack's own (`deploy.local`), in a folder and on ports of the test run.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.local.settings import PORT_SPAN
from deploy.local.stack import Stack as LocalStack
from tests.support.ports import free_ports_in_a_row

BROKER = ("epmd", "rabbitmq")
DATABASE = ("mongod",)

NO_LIMITS = {"RATE_LIMIT": "0", "SIGN_IN_LIMIT": "0"}
"""Tests come from one address, fast; those about the limits set their own."""


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
    return free_ports_in_a_row(PORT_SPAN)
