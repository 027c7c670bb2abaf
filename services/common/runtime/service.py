"""The eventlet process: one nameko service, from its start to a clean end.

It starts, and waits with a log line, when the broker or the database is not there yet. On SIGTERM
it takes no more work, finishes what it has started, acknowledges it, and ends with 0. A second
SIGTERM, or ``DRAIN_SECONDS``, ends it at once with 1. When the container dies by itself the process
ends with 1 even if killing hangs: its supervisor starts a clean one.

Imported after :func:`services.common.runtime.patching.patch`.
"""

from __future__ import annotations

import importlib
import signal
from functools import partial
from typing import Any

import eventlet
from eventlet.support.greenlets import GreenletExit

from services.common import logs
from services.common.config import Settings
from services.common.messaging.consumer import DrainingQueueConsumer
from services.common.messaging.providers import SETTINGS_KEY, AppProvider
from services.common.messaging.sender import Sender
from services.common.runtime.container import MasahaContainer
from services.common.runtime.health import Beat, Health, Stamp
from services.common.runtime.probe import Jobs, Probe
from services.common.runtime.stopping import DRAIN_SECONDS, END_SECONDS
from services.common.runtime.watchdog import Watchdog

_TICK_SECONDS = 0.05
#: Seconds without a turn of the hub after which the process is unhealthy, then ends itself.
HUB_ALLOWED, HUB_FATAL = 5.0, 60.0
#: The same for the connections' loops, whose attempts to connect are signs of life too.
LOOP_ALLOWED, LOOP_FATAL = 30.0, 120.0

_log = logs.get(__name__)


def run(package: str, settings: Settings) -> int:
    """Run the service of a package; returns the exit code.

    The module ``<package>.service`` names its nameko class in ``SERVICE``.
    """
    return _Process(package, settings).run()


class _Process:
    def __init__(self, package: str, settings: Settings) -> None:
        self._package = package
        self._settings = settings
        self._health = Health()
        self._watchdog = Watchdog(self._health, f"{package.rsplit('.', 1)[-1]}.service")
        self._signals = 0
        self._started = False

    def run(self) -> int:
        signal.signal(signal.SIGTERM, self._on_signal)
        signal.signal(signal.SIGINT, self._on_signal)
        stamp = Stamp()
        jobs = Jobs(eventlet.spawn_n)
        ticker = eventlet.spawn(_tick, stamp, jobs)
        self._health.beats.append(Beat("the hub", HUB_ALLOWED, stamp.last, HUB_FATAL))
        self._watchdog.start()
        if self._settings.probe_port:
            Probe(self._health, jobs, self._settings.probe_host, self._settings.probe_port).start()
        container = self._container()
        self._watch(container)
        try:
            self._serve(container)
        except (Exception, GreenletExit):  # noqa: BLE001 - after any error the process ends
            self._watchdog.arm(END_SECONDS, 1, "the container died and did not end")
            _log.critical("service.died", service=container.service_name, exc_info=True)
            return 1
        finally:
            ticker.kill()
        _log.info("service.stopped", service=container.service_name)
        return 0

    def _on_signal(self, _number: int, _frame: object) -> None:
        """Runs between two bytecodes of any code: it may only take notes, or end it all."""
        self._signals += 1
        if self._signals > 1:
            self._watchdog.die(1, "a second signal to stop: started work goes back to the broker")
        if not self._started:
            self._watchdog.die(0, "stop signal before the start was finished; nothing was begun")
        self._watchdog.arm(DRAIN_SECONDS, 1, f"started work did not finish in {DRAIN_SECONDS:g} s")

    def _container(self) -> MasahaContainer:
        settings = self._settings
        return MasahaContainer(
            importlib.import_module(f"{self._package}.service").SERVICE,
            {
                "AMQP_URI": settings.amqp_uri,
                "HEARTBEAT": settings.heartbeat,
                "max_workers": settings.max_workers,
                "RPC_CALLERS": settings.rpc_callers,
                "RPC_QUEUES": settings.rpc_queues,
                "EVENT_USERS": settings.event_users,
                SETTINGS_KEY: settings,
            },
            on_kill=lambda: self._watchdog.arm(
                END_SECONDS, 1, "the container died and did not end"
            ),
        )

    def _serve(self, container: MasahaContainer) -> None:
        """Start, wait for a signal or for the container's death, stop."""
        running = eventlet.spawn(self._start_and_wait, container)
        stopping: Any = None
        while not running.dead:
            if self._signals and stopping is None:
                _log.info("service.draining", workers=container.running_workers)
                stopping = eventlet.spawn(container.stop)
            if stopping is not None and stopping.dead:
                # Raises what a stop failed with: a container that failed to stop runs for ever.
                stopping.wait()
            eventlet.sleep(_TICK_SECONDS)
        running.wait()
        if stopping is not None:
            stopping.wait()

    def _start_and_wait(self, container: MasahaContainer) -> None:
        _log.info("service.starting", service=container.service_name)
        container.start()
        self._started = True
        _log.info("service.started", service=container.service_name)
        container.wait()

    def _watch(self, container: MasahaContainer) -> None:
        """Report on the container's connections and on its application's database."""
        health = self._health
        health.ready.append(lambda: None if self._started else "starting")
        for extension in container.extensions:
            if isinstance(extension, DrainingQueueConsumer | Sender):
                _watch_connection(extension, health)
            elif isinstance(extension, AppProvider):
                health.ready.append(partial(_ping, extension))


def _tick(stamp: Stamp, jobs: Jobs) -> None:
    """Show that the hub turns, and do what the probe asks of it."""
    while True:
        stamp()
        jobs.run_pending()
        eventlet.sleep(_TICK_SECONDS)


def _watch_connection(extension: DrainingQueueConsumer | Sender, health: Health) -> None:
    name = "the consumer" if isinstance(extension, DrainingQueueConsumer) else "the sender"
    health.beats.append(Beat(name, LOOP_ALLOWED, lambda: extension.last_iteration, LOOP_FATAL))
    health.ready.append(
        lambda: None if extension.connected else f"{name} is not connected to the broker"
    )


def _ping(provider: AppProvider[Any]) -> str | None:
    """Ask the application's database, if the application says how (a ``ping`` that raises)."""
    application = provider.app
    if application is None:
        return "the application is not built yet"
    ping = getattr(application, "ping", None)
    if ping is None:
        return None
    try:
        ping()
    except Exception as exc:  # noqa: BLE001 - every error is the answer of /readyz
        return f"the database does not answer: {exc}"
    return None
