"""Loops that work, fail, hang, or do not stop, as ``CHORES`` says (names, separated by commas)."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from typing import Any

from services.common.errors import Unavailable
from services.common.runtime.worker import Worker


def steady(stop: threading.Event, beat: Callable[[], None]) -> None:
    while not stop.wait(0.05):
        beat()


def failing(stop: threading.Event, beat: Callable[[], None]) -> None:
    beat()
    raise RuntimeError("this loop fails")


def hanging(_stop: threading.Event, _beat: Callable[[], None]) -> None:
    threading.Event().wait()


LOOPS = {"steady": steady, "failing": failing, "hanging": hanging}


def build(_settings: Any) -> Worker:
    assert "eventlet" not in sys.modules, "a worker has plain threads"
    if not os.path.exists(os.environ.get("WAITS_FOR", "/")):  # noqa: PTH110
        raise Unavailable(detail="database: not there yet")
    chosen = os.environ["CHORES"].split(",")
    return Worker(
        loops={name: LOOPS[name] for name in chosen},
        ready=[lambda: "not today" if "failing" in chosen else None],
        close=lambda: print("closed", flush=True),
        beat_seconds=1.0,
    )
