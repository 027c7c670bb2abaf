"""What a process knows of its own health: beats, checks, and the bound on its own end.

A *beat* is a time stamp that a loop renews; a stale one means that the loop hangs. Stamps are plain
attributes, written by the loop and read by real threads, so that no lock is ever shared between
green and real threads.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Beat:
    """A loop's sign of life.

    Attributes:
        name: how a person knows the loop.
        allowed: seconds without a beat after which the process counts as unhealthy.
        fatal: seconds without a beat after which the process ends itself; None for never.
        last: gives ``time.monotonic()`` of the last beat.
    """

    name: str
    allowed: float
    last: Callable[[], float]
    fatal: float | None = None

    def age(self) -> float:
        """Seconds since the last beat."""
        return time.monotonic() - self.last()


@dataclass(slots=True)
class Stamp:
    """A beat that is renewed by calling it."""

    at: float = field(default_factory=time.monotonic)

    def __call__(self) -> None:
        self.at = time.monotonic()

    def last(self) -> float:
        return self.at


@dataclass(slots=True)
class Health:
    """All beats and readiness checks of a process.

    Attributes:
        beats: what /healthz looks at, and the watchdog.
        ready: what /readyz asks: each returns None, or a sentence that says what is missing. They
            run where the application runs (on the hub of an eventlet process), never in the
            probe's thread.
    """

    beats: list[Beat] = field(default_factory=list)
    ready: list[Callable[[], str | None]] = field(default_factory=list)

    def stale(self) -> str | None:
        """The first beat that is too old, as a sentence; None when all is well."""
        for beat in list(self.beats):
            age = beat.age()
            if age > beat.allowed:
                return f"{beat.name} has not moved for {age:.0f} s (allowed: {beat.allowed:.0f} s)"
        return None

    def missing(self) -> str | None:
        """What keeps this process from taking work, as a sentence; None when nothing does."""
        problems = [problem for check in list(self.ready) if (problem := check())]
        return "; ".join(problems) or None
