"""What `doctor` looks at: whether this machine can run the stack. Changes nothing."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from deploy.local import (
    install,
    interpreter,
    mongodb,
    packages,
    ports,
    processes,
    rabbitmq,
    supervision,
)
from deploy.local.problems import StackError
from deploy.local.settings import ROOT, Settings

_LEAST_FREE = 2 * 1024**3
"""Bytes: RabbitMQ stops taking messages below 500 MB, and the data has to go somewhere."""


@dataclass(frozen=True)
class Finding:
    """One thing looked at. What is only `advice` keeps nothing from running."""

    good: bool
    text: str
    advice: bool = False

    @property
    def sign(self) -> str:
        if self.good:
            return "✓"
        return "!" if self.advice else "✗"


def examine(settings: Settings) -> list[Finding]:
    """Everything, each in one line."""
    return [
        Finding(sys.version_info >= install.OLDEST, f"Python {interpreter.described()}"),
        *_slow_interpreter(),
        Finding(install.up_to_date("local"), "packages of requirements/local.txt (make install)"),
        *_servers(settings),
        *_ports(settings),
        _disk(),
    ]


def _slow_interpreter() -> Iterator[Finding]:
    if not interpreter.optimised():
        yield Finding(
            False,
            f"{sys.executable} is a Python built without optimisation: all is about a fifth "
            "slower. Debian's own is faster: make clean, then make up PYTHON=/usr/bin/python3",
            advice=True,
        )


def _servers(settings: Settings) -> Iterator[Finding]:
    if settings.given_amqp_uri is None:
        yield Finding(rabbitmq.installed(), "RabbitMQ (apt-get install rabbitmq-server)")
    else:
        lack = rabbitmq.what_it_lacks(settings.given_amqp_uri)
        yield Finding(lack is None, lack or "RabbitMQ runs elsewhere: AMQP_URI is set")
    if settings.given_mongo_uri is not None:
        away = mongodb.why_away(settings.given_mongo_uri)
        yield Finding(away is None, away or "MongoDB runs elsewhere: MONGO_URI is set")
        return
    try:
        server = mongodb.find()
    except StackError as problem:
        yield Finding(False, problem.sentence)
        return
    missing = packages.missing_libraries(server)
    lacks = f", which lacks {', '.join(missing)}" if missing else ""
    yield Finding(not missing, f"MongoDB: {server}{lacks}")


def _ports(settings: Settings) -> Iterator[Finding]:
    running = supervision.Supervisor(settings).running()
    used = [
        f"{port} ({process.name})"
        for process in processes.table(settings)
        for port in process.ports
        if not running and not ports.is_free(port)
    ]
    state = "in use by the running stack" if running else "free"
    yield Finding(
        not used,
        f"ports from {settings.port_base} (MASAHA_PORT_BASE): "
        + (f"used by others: {', '.join(used)}" if used else state),
    )


def _disk() -> Finding:
    free = shutil.disk_usage(ROOT).free
    return Finding(free >= _LEAST_FREE, f"disk: {free / 1024**3:.0f} GiB free")
