"""The clients of the clusters: bookings, notifications and the door, each process twice."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from deploy.local import processes, readiness
from deploy.local.processes import HOST, MAIL, Process
from deploy.local.settings import PORT_SPAN, ROOT, Settings, load, store
from services.common.runtime.stopping import LONGEST_STOP_SECONDS
from tests.cluster.nodes import MongoCluster, RabbitCluster
from tests.support.awaiting import until
from tests.support.stack import NO_LIMITS

COPIES = 2
SERVED = (
    "bookings-service",
    "bookings-worker",
    "notifications-service",
    "notifications-worker",
    "gateway-worker",
    "gateway",
)
START_SECONDS = 90.0

SETTINGS: Mapping[str, str] = {
    "AMQP_HEARTBEAT": "2",
    "RPC_QUEUES": "quorum",
    "RPC_CALLERS": "gateway",
    "MAIL_PER_SECOND": "1000",
    "WEB_CONCURRENCY": "1",
    **NO_LIMITS,
}
"""Beside those of one machine. deploy/README.md says which of them a cluster needs."""


class System:
    """The processes, started in the network that this thread is in.

    Args:
        port_base: of the first copies; the namespace has all ports for itself.
    """

    def __init__(
        self, folder: Path, rabbitmq: RabbitCluster, mongodb: MongoCluster, port_base: int = 20_000
    ) -> None:
        given = {
            "MASAHA_PORT_BASE": str(port_base),
            "AMQP_URI": rabbitmq.uri(),
            "MONGO_URI": mongodb.uri,
            **{
                f"{service.upper()}_AMQP_URI": rabbitmq.uri(service)
                for service in ("bookings", "notifications", "gateway")
            },
        }
        self.settings: Settings = load(folder, given)
        self.amqp_uri, self.mongo_uri = rabbitmq.uri(), mongodb.uri
        self.mail_folder = self.settings.mail
        self._running: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """Everything, ready and seeded."""
        store(self.settings)
        copies = [
            replace(self.settings, port_base=self.settings.port_base + number * PORT_SPAN)
            for number in range(COPIES)
        ]
        mail = self._named(self.settings, ("mail",))
        started = [*mail, *(each for copy in copies for each in self._named(copy, SERVED))]
        for number, process in enumerate(started):
            self._start(process, f"{process.name}-{number}")
        for process in started:
            _await_ready(process)
        self._seed()

    def urls(self) -> list[str]:
        """The doors."""
        return [
            f"http://{HOST}:{self.settings.port_base + number * PORT_SPAN}"
            for number in range(COPIES)
        ]

    def stop(self) -> None:
        """End all, politely at first."""
        for process in self._running:
            process.send_signal(signal.SIGTERM)
        for process in self._running:
            try:
                process.wait(LONGEST_STOP_SECONDS + 5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _named(self, settings: Settings, names: tuple[str, ...]) -> list[Process]:
        found = [each for each in processes.table(settings) if each.name in names]
        return [self._of_a_cluster(settings, process) for process in found]

    def _of_a_cluster(self, settings: Settings, process: Process) -> Process:
        environment = {**process.environment, **SETTINGS}
        if "SMTP_PORT" in environment:
            environment["SMTP_PORT"] = str(self.settings.port(MAIL))
        ready = process.ready
        if process.name == "gateway":
            door = f"{HOST}:{settings.port_base}"
            environment["GATEWAY_BIND"] = door
            # It is not ready without the branches that are not started here.
            ready = readiness.http(f"http://{door}/healthz")
        return replace(process, environment=environment, ready=ready)

    def _start(self, process: Process, name: str) -> None:
        with (self.settings.logs / f"{name}.log").open("ab") as log:
            self._running.append(
                subprocess.Popen(
                    ["setpriv", "--pdeathsig", "KILL", *process.command],
                    cwd=ROOT,
                    env={**os.environ, **process.environment},
                    stdout=log,
                    stderr=log,
                )
            )

    def _seed(self) -> None:
        environment = {
            **os.environ,
            **processes.environment(self.settings),
            **processes.own_settings(self.settings, "bookings"),
        }
        for command in processes.seeds():
            if command[2] in ("services.bookings", "gateway"):
                subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)


def _await_ready(process: Process) -> None:
    until(
        lambda: [process.ready()],
        f"readiness of {process.name}",
        START_SECONDS,
        enough=lambda reasons: reasons == [None],
    )
