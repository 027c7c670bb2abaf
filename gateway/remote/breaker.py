"""A breaker per branch: a branch that does not answer is left alone for a while.

::

    closed ──(failures in a row)──▶ open ──(its time is over)──▶ half-open ──(answer)──▶ closed
                                     ▲                              │
                                     └───────(no answer: longer)────┘

Only silence counts: a call that timed out or could not be sent. An error from the branch is an
answer, so it closes the breaker like any other. A new connection to the broker ends the time of an
open breaker: all branches are silent while the broker is away, in every state of their own.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from gateway import metrics
from services.common.errors import Unavailable

CLOSED, HALF_OPEN, OPEN = 0, 1, 2


class Breaker:
    """The breaker of one branch; safe to share between threads.

    Args:
        branch: whose it is.
        failures: how many in a row open it.
        seconds: how long it stays open the first time; doubles with each failed probe.
        longest: the most it stays open.
        now: a monotonic clock in seconds.
    """

    def __init__(
        self,
        branch: str,
        *,
        failures: int = 5,
        seconds: float = 2.0,
        longest: float = 30.0,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.branch = branch
        self._limit = failures
        self._first = seconds
        self._longest = longest
        self._now = now
        self._lock = threading.Lock()
        self._failures = 0
        self._seconds = seconds
        self._until = 0.0
        self._probe_until = 0.0
        self._state = CLOSED
        self._gauge = metrics.BREAKER.labels(branch)
        self._gauge.set(CLOSED)

    @property
    def state(self) -> int:
        """``CLOSED``, ``HALF_OPEN`` or ``OPEN``."""
        return self._state

    def before_call(self, longest_call: float) -> None:
        """Ask whether the branch may be called now.

        Args:
            longest_call: seconds; a probe that never reports back is given up after that.

        Raises:
            errors.Unavailable: with ``retry_after``, while the breaker is open or a probe is out.
        """
        if self._state == CLOSED:
            return
        with self._lock:
            now = self._now()
            if self._state == CLOSED:
                return
            wait = self._until - now
            if self._state == HALF_OPEN:
                wait = self._probe_until - now
            if wait > 0:
                raise away(self.branch, wait, "the breaker is open")
            self._set(HALF_OPEN)
            self._probe_until = now + longest_call

    def answered(self) -> None:
        """The branch has answered, with a result or an error."""
        if self._state == CLOSED and self._failures == 0:
            return
        with self._lock:
            self._failures = 0
            self._seconds = self._first
            self._set(CLOSED)

    def silent(self) -> None:
        """A call has timed out or could not be sent."""
        with self._lock:
            self._failures += 1
            if self._state == HALF_OPEN:
                self._seconds = min(self._seconds * 2, self._longest)
            elif self._state == OPEN or self._failures < self._limit:
                return
            self._until = self._now() + self._seconds
            self._set(OPEN)

    def forgive(self) -> None:
        """What kept the branch silent may have been the broker, which is there again: ask now."""
        with self._lock:
            self._seconds = self._first
            if self._state != CLOSED:
                self._until = self._now()
                self._set(OPEN)

    def _set(self, state: int) -> None:
        self._state = state
        self._gauge.set(state)


def away(branch: str, seconds: float, why: str) -> Unavailable:
    """The error that says a branch is away; ``seconds`` until a retry makes sense."""
    return Unavailable(
        detail=f"{branch}: {why}", extra={"retry_after": max(1, round(seconds + 0.5))}
    )
