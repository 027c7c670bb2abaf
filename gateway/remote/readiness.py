"""Whether the parts that a process leans on are there, asked seldom however often it is asked."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping

from services.common import logs

_log = logs.get(__name__)

Check = Callable[[], bool]

#: Seconds for which a finding holds: a prober asks every few, and nobody may have the broker and
#: the database asked more often by asking us.
KEPT = 1.0


class Readiness:
    """Findings of all checks, at most ``KEPT`` seconds old.

    A request that comes during a check waits for its result. A check that is late counts
    as away and is not started again before it has ended, so there is never more than one of each.

    Args:
        monotonic: seconds that only go forward.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._one_at_a_time = threading.Lock()
        self._running: dict[str, threading.Thread] = {}
        self._found: dict[str, bool] = {}
        self._at: float | None = None

    def find(self, checks: Mapping[str, Check], seconds: float) -> dict[str, bool]:
        """Name → whether it is there.

        Args:
            checks: the same each time; run side by side.
            seconds: after which one counts as away.
        """
        with self._one_at_a_time:
            if self._at is None or self._monotonic() - self._at >= KEPT:
                self._found = self._ask(checks, seconds)
                self._at = self._monotonic()
            return dict(self._found)

    def _ask(self, checks: Mapping[str, Check], seconds: float) -> dict[str, bool]:
        found: dict[str, bool] = {}
        ends = self._monotonic() + seconds
        for name, check in checks.items():
            late = self._running.get(name)
            if late is None or not late.is_alive():
                thread = threading.Thread(
                    target=_note, args=(found, name, check), name=f"ready-{name}", daemon=True
                )
                self._running[name] = thread
                thread.start()
        for name in checks:
            self._running[name].join(max(0.0, ends - self._monotonic()))
        return {name: found.get(name, False) for name in checks}


def _note(found: dict[str, bool], name: str, check: Check) -> None:
    try:
        found[name] = check()
    except Exception:  # noqa: BLE001 - after any error, the part did not answer
        # We do not know how it did not: worth a line.
        _log.exception("readiness.check_failed", part=name)
