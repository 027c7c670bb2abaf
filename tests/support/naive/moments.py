"""Moments of a naive service at which the worst can happen: once each, when a title asks for it.

A kill that has to fall between two lines of code would otherwise be a matter of luck.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path

FOLDER = "NAIVE_FOLDER"

BETWEEN_COMMIT_AND_DISPATCH = "power-cut-after-commit"
BETWEEN_EFFECT_AND_ACK = "power-cut-after-effect"
WHILE_HANDLING = "database-away"
BETWEEN_LOOK_AND_WRITE = "two-at-once"


def marker(folder: Path, moment: str) -> Path:
    """The file that says that the moment has been."""
    return folder / f"{moment}.been"


def come(moment: str, title: str) -> bool:
    """Whether the moment is now: the title names it, and it has not been."""
    if moment not in title:
        return False
    try:
        marker(Path(os.environ[FOLDER]), moment).touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def power_cut(moment: str, title: str) -> None:
    """End this process as `kill -9` does, if the moment is now."""
    if come(moment, title):
        os.kill(os.getpid(), signal.SIGKILL)
