"""The last resort: a real thread that ends the process when the process no longer can.

It ends it for two reasons: a beat is staler than its fatal bound (a hub that is frozen, a loop that
hangs), or a deadline has passed that was armed (a stop that does not finish). It writes one line to
standard error with ``os.write``, because logging takes locks that a frozen hub may hold.
"""

from __future__ import annotations

import json
import os
import time
from datetime import UTC, datetime
from typing import Any

from services.common.runtime import native
from services.common.runtime.health import Health

EXIT_HUNG = 70
_TICK_SECONDS = 0.5
#: A gap this long between two ticks means that the whole process was stopped, or the machine slept.
#: The beats then need a moment to catch up before their age says anything.
_STOPPED_SECONDS = 5.0


class Watchdog:
    """Watches one process."""

    def __init__(self, health: Health, process: str) -> None:
        self._health = health
        self._process = process
        self._deadline: tuple[float, int, str] | None = None

    def start(self) -> None:
        """Start the thread; it ends with the process."""
        threading: Any = native.module("threading")
        threading.Thread(target=self._run, name="watchdog", daemon=True).start()

    def arm(self, seconds: float, exit_code: int, sentence: str) -> None:
        """End the process with ``exit_code`` unless it has ended by itself within ``seconds``."""
        at = time.monotonic() + seconds
        if self._deadline is None or at < self._deadline[0]:
            self._deadline = (at, exit_code, sentence)

    def _run(self) -> None:
        sleep = native.module("time").sleep
        seen = time.monotonic()
        quiet_until = 0.0
        while True:
            sleep(_TICK_SECONDS)
            now = time.monotonic()
            if now - seen > _STOPPED_SECONDS:
                quiet_until = now + _STOPPED_SECONDS
            seen = now
            if self._deadline is not None and now > self._deadline[0]:
                self.die(self._deadline[1], self._deadline[2])
            if now < quiet_until:
                continue
            for beat in list(self._health.beats):
                age = beat.age()
                if beat.fatal is not None and age > beat.fatal:
                    self.die(EXIT_HUNG, f"{beat.name} has not moved for {age:.0f} s: giving up")

    def die(self, exit_code: int, sentence: str) -> None:
        """Say one sentence and end at once: no clean-up that could hang."""
        line = {
            "event": "process.ended_itself",
            "level": "critical",
            "process": self._process,
            "reason": sentence,
            "exit_code": exit_code,
            "timestamp": datetime.now(UTC).isoformat(),
        }
        os.write(2, (json.dumps(line) + "\n").encode())
        os._exit(exit_code)
