"""The plain-thread process: named loops, each in its own thread, restarted when they fail.

No eventlet here: what runs in these threads is the relay, the deadlines and the outgoing sends.
"""

from __future__ import annotations

import importlib
import signal
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from services.common import logs, metrics
from services.common.config import Settings
from services.common.errors import Unavailable
from services.common.runtime.health import Beat, Health, Stamp
from services.common.runtime.probe import Jobs, Probe
from services.common.runtime.stopping import DRAIN_SECONDS, END_SECONDS
from services.common.runtime.watchdog import Watchdog

_log = logs.get(__name__)

#: A loop that has not beaten for this long counts as hung. Loops beat at least each few seconds.
BEAT_SECONDS = 60.0
_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 30.0
#: A loop that ran this long before it failed starts again with the first pause.
_SETTLED_SECONDS = 60.0


class Loop(Protocol):
    """One loop: work until ``stop`` is set, and call ``beat`` at every turn."""

    def __call__(self, stop: threading.Event, beat: Callable[[], None]) -> None: ...


@dataclass(frozen=True, slots=True)
class Worker:
    """What ``worker.build(settings)`` returns.

    Attributes:
        loops: name → loop.
        ready: checks for /readyz: None, or a sentence that says what is missing.
        close: called after the last loop has ended.
        beat_seconds: how long a loop may go without a beat.
    """

    loops: Mapping[str, Loop]
    ready: list[Callable[[], str | None]] = field(default_factory=list)
    close: Callable[[], None] | None = None
    beat_seconds: float = BEAT_SECONDS


def run(package: str, settings: Settings) -> int:
    """Run the worker of a package until SIGTERM or SIGINT; 0 when every loop ended in time."""
    process = f"{package.rsplit('.', 1)[-1]}.worker"
    stop = threading.Event()
    health = Health()
    watchdog = Watchdog(health, process)
    watchdog.start()
    signals = 0

    def on_signal(_number: int, _frame: object) -> None:
        nonlocal signals
        signals += 1
        if signals > 1:
            watchdog.die(1, "a second signal to stop: not waiting for the loops")
        watchdog.arm(
            DRAIN_SECONDS + END_SECONDS, 1, f"the loops did not end within {DRAIN_SECONDS:.0f} s"
        )
        stop.set()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)

    jobs = Jobs(lambda job: threading.Thread(target=job, daemon=True).start())
    threads: list[threading.Thread] = []
    if settings.probe_port:
        health.ready.append(lambda: None if threads else "starting")
        Probe(health, jobs, settings.probe_host, settings.probe_port).start()
    worker = _build(package, settings, stop, jobs)
    if worker is None:
        return 0
    health.ready.extend(worker.ready)
    threads += [_start(name, loop, stop, health, worker) for name, loop in worker.loops.items()]
    _log.info("worker.started", loops=sorted(worker.loops))

    while not stop.wait(0.1):
        jobs.run_pending()
    give_up = time.monotonic() + DRAIN_SECONDS
    for thread in threads:
        thread.join(max(0.0, give_up - time.monotonic()))
    late = [thread.name for thread in threads if thread.is_alive()]
    if late:
        watchdog.die(1, f"did not end within {DRAIN_SECONDS:.0f} s: {', '.join(late)}")
    if worker.close is not None:
        worker.close()
    _log.info("worker.stopped")
    return 0


def _build(package: str, settings: Settings, stop: threading.Event, jobs: Jobs) -> Worker | None:
    """Build the worker, waiting for what it needs; None if the process stops meanwhile."""
    build: Callable[[Settings], Worker] = importlib.import_module(f"{package}.worker").build
    pause = _FIRST_PAUSE_SECONDS
    while True:
        try:
            return build(settings)
        except (Unavailable, OSError) as exc:
            _log.warning("worker.waits", error=str(exc), retry_in=pause)
        give_up = time.monotonic() + pause
        while time.monotonic() < give_up:
            if stop.wait(0.1):
                return None
            jobs.run_pending()
        pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)


def _start(
    name: str, loop: Loop, stop: threading.Event, health: Health, worker: Worker
) -> threading.Thread:
    stamp = Stamp()
    health.beats.append(
        Beat(f"worker loop {name}", worker.beat_seconds, stamp.last, fatal=10 * worker.beat_seconds)
    )
    thread = threading.Thread(
        target=_keep_running, args=(name, loop, stop, stamp), name=name, daemon=True
    )
    thread.start()
    return thread


def _keep_running(name: str, loop: Loop, stop: threading.Event, stamp: Stamp) -> None:
    """Run a loop again, after a growing pause, each time it raises or returns unasked."""
    pause = _FIRST_PAUSE_SECONDS
    while not stop.is_set():
        started = time.monotonic()
        try:
            with logs.bound(loop=name):
                loop(stop, stamp)
            if stop.is_set():
                return
            _log.error("loop.returned", loop=name)
        except Exception:  # noqa: BLE001 - a loop may fail in any way; it is logged and restarted
            _log.exception("loop.failed", loop=name, restart_in=pause)
        metrics.LOOP_FAILURES.labels(name).inc()
        if time.monotonic() - started > _SETTLED_SECONDS:
            pause = _FIRST_PAUSE_SECONDS
        stamp()
        stop.wait(pause)
        stamp()
        pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
