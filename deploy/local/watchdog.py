"""Stops the stack, and says why, when a process is given up or the stack's owner is gone.

It also keeps the logs short, which the processes write themselves.

supervisord runs it as an event listener: events come on stdin, answers go to stdout.
"""

from __future__ import annotations

import os
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path

from supervisor import childutils

LARGEST_LOG_BYTES = 20_000_000


def reason_to_stop(event: str, payload: dict[str, str], leash: str | None) -> str | None:
    """The sentence that says why the stack has to stop on this event, or None."""
    if event == "PROCESS_STATE_FATAL":
        name = payload["groupname"]
        return (
            f"{name} failed to start many times in a row, so the stack was stopped; "
            f"its last lines are in {name}.log."
        )
    if leash is not None and not Path(f"/proc/{leash}").exists():
        return f"Process {leash}, which the stack was started for, is gone; the stack was stopped."
    return None


def shorten(folder: Path, largest: int = LARGEST_LOG_BYTES) -> None:
    """Move what a log holds to ``<name>.log.1`` when it holds more than `largest` bytes.

    Its process goes on writing to the same file, which it opened to append, so from its new start.
    """
    for log in folder.glob("*.log"):
        if log.stat().st_size > largest:
            shutil.copyfile(log, log.with_name(f"{log.name}.1"))
            os.truncate(log, 0)


def main() -> None:
    """Answer supervisord's events until there is a reason to stop the stack."""
    leash = os.environ.get("MASAHA_LEASH")
    log = Path(os.environ["MASAHA_STACK_LOG"])
    control = childutils.getRPCInterface(os.environ)
    while True:
        headers, body = childutils.listener.wait(sys.stdin, sys.stdout)
        shorten(log.parent)
        reason = reason_to_stop(headers["eventname"], _payload(body), leash)
        if reason is not None:
            with log.open("a", encoding="utf-8") as file:
                file.write(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}Z {reason}\n")
            control.supervisor.shutdown()
        childutils.listener.ok(sys.stdout)
        if reason is not None:
            return


def _payload(body: str) -> dict[str, str]:
    return dict(pair.split(":", 1) for pair in body.split())


if __name__ == "__main__":
    main()
