"""What is done to the system: one process killed, frozen or stopped, and back to work."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.support.awaiting import until
from tests.support.stack import Stack

KILL, STOP, FREEZE, WORKER = "kill", "stop", "freeze", "kill-worker"
POWER_CUT, EVERYTHING = "power-cut", "everything"
FROZEN_SECONDS = 4.0
READY_SECONDS = 60.0

# A mail whose sender died is tried again when its lease of a minute is over: these come first, so
# that the minute passes while the others are hurt.
_FIRST = ("notifications-worker", "mongod")
# What is not part of the system under test: the sink of mail, and the broker's name service.
_SURROUNDINGS = ("mail", "epmd")
_OTHERS = (
    "bookings-service",
    "bookings-worker",
    "trainings-service",
    "trainings-worker",
    "consultations-service",
    "consultations-worker",
    "notifications-service",
    "gateway-worker",
    "gateway",
    "rabbitmq",
)
_STOPPED = (
    "bookings-service",
    "trainings-service",
    "consultations-service",
    "notifications-service",
    "gateway",
)
_STOPPED_TOO = (
    "bookings-worker",
    "trainings-worker",
    "consultations-worker",
    "notifications-worker",
    "gateway-worker",
)


@dataclass(frozen=True, slots=True)
class Injury:
    """One fault: what is done, and to which process."""

    how: str
    process: str

    @property
    def name(self) -> str:
        """As the figures name it; a kill is the usual case and not named."""
        return self.process if self.how == KILL else f"{self.process}.{self.how}"

    def inflict(self, stack: Stack) -> None:
        """Do it, and return when the process works again."""
        if self.how == POWER_CUT:
            _cut_power(stack)
            return
        if self.how == FREEZE:
            stack.kill(self.process, signal.SIGSTOP)
            try:
                # The time is the fault itself, not a wait for something.
                time.sleep(FROZEN_SECONDS)
            finally:
                stack.kill(self.process, signal.SIGCONT)
        elif self.how == WORKER:
            _kill_child(stack.pid(self.process))
        else:
            children = _children(stack.pid(self.process))
            stack.kill(self.process, signal.SIGTERM if self.how == STOP else signal.SIGKILL)
            # An orphaned gunicorn worker serves on for a moment: that is no recovery.
            _await_end(children, f"the old {self.process}")
        stack.wait_ready(self.process, READY_SECONDS)


def one_round(chance: random.Random, full: bool) -> list[Injury]:
    """Every process once, in a new order; with `full`, also each stopped."""
    first = [Injury(KILL, process) for process in _FIRST]
    first.append(Injury(POWER_CUT, EVERYTHING))
    rest = [Injury(KILL, process) for process in _OTHERS]
    rest += [Injury(FREEZE, "rabbitmq"), Injury(WORKER, "gateway")]
    rest += [Injury(STOP, process) for process in _STOPPED + (_STOPPED_TOO if full else ())]
    chance.shuffle(first)
    chance.shuffle(rest)
    return first + rest


def _cut_power(stack: Stack) -> None:
    """Kill every process at once; each has to find the others again, whichever comes first."""
    names = [name for name in stack.states() if name not in _SURROUNDINGS]
    orphans = [child for name in names for child in _children(stack.pid(name))]
    for name in names:
        stack.kill(name)
    _await_end(orphans, "all children")
    for name in names:
        stack.wait_ready(name, READY_SECONDS)


def _kill_child(parent: int) -> None:
    """Kill a gunicorn worker; its master stays and starts another one."""
    children = _children(parent)
    os.kill(children[0], signal.SIGKILL)
    until(
        lambda: _children(parent),
        "a new gunicorn worker",
        READY_SECONDS,
        enough=lambda now: set(now) - set(children),
    )


def _children(parent: int) -> list[int]:
    listed = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [int(pid) for pid in listed]


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _await_end(pids: Iterable[int], what: str) -> None:
    until(
        lambda: [pid for pid in pids if _alive(pid)],
        f"the end of {what}",
        READY_SECONDS,
        enough=lambda alive: not alive,
    )
