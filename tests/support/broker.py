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
_LITTLE, _ENOUGH, _MORE_THAN_ANY = "1MB", "1GB", "900000GB"


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
    with _alarm(server, "memory", "set_vm_memory_high_watermark absolute", _LITTLE, _ENOUGH):
        yield


@contextmanager
def short_of_disk(server: Server) -> Iterator[None]:
    """The same, because more of its disk is to stay free than there is."""
    with _alarm(server, "disk", "set_disk_free_limit", _MORE_THAN_ANY, _LITTLE):
        yield


@contextmanager
def _alarm(server: Server, name: str, command: str, raised: str, ended: str) -> Iterator[None]:
    def alarms() -> str:
        return control(server, "eval", "rabbit_alarm:get_alarms().").strip()

    control(server, *command.split(), raised)
    try:
        until(alarms, "the alarm", enough=lambda said: name in said)
        yield
    finally:
        control(server, *command.split(), ended)
        until(alarms, "the end of the alarm", enough=lambda said: said == "[]")


def connections(server: Server) -> int:
    """How many connections the broker knows."""
    return len(control(server, "list_connections", "pid", "--no-table-headers").splitlines())
