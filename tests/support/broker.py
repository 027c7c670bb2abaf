"""What an operator does to a broker with `rabbitmqctl`."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from deploy.local import rabbitmq, settings
from tests.support.awaiting import until
from tests.support.stack import Server

_CTL = "/usr/lib/rabbitmq/bin/rabbitmqctl"
_LITTLE, _ENOUGH = "1MB", "1GB"


def control(server: Server, *arguments: str) -> str:
    """Run `rabbitmqctl` on the node's machine; what it prints."""
    done = subprocess.run(
        [_CTL, "-q", "-n", rabbitmq.NODE, *arguments],
        check=False,
        capture_output=True,
        text=True,
        cwd=settings.ROOT,
        env={**os.environ, **rabbitmq.environment(server.stack.settings)},
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@contextmanager
def short_of_memory(server: Server) -> Iterator[None]:
    """Inside the block, the broker reads nothing from publishers."""

    def alarms() -> str:
        return control(server, "eval", "rabbit_alarm:get_alarms().").strip()

    control(server, "set_vm_memory_high_watermark", "absolute", _LITTLE)
    try:
        until(alarms, "the alarm", enough=lambda said: "memory" in said)
        yield
    finally:
        control(server, "set_vm_memory_high_watermark", "absolute", _ENOUGH)
        until(alarms, "the end of the alarm", enough=lambda said: said == "[]")


def connections(server: Server) -> int:
    """How many connections the broker knows."""
    return len(control(server, "list_connections", "pid", "--no-table-headers").splitlines())
