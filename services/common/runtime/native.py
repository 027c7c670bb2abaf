"""The standard library as it was before any monkey-patching, for what must run in real threads.

In an eventlet process ``threading``, ``socket`` and ``time`` are green: a "thread" made with them
runs on the hub, and stands still with it. The probe and the watchdog exist to notice exactly that.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType


def module(name: str) -> ModuleType:
    """The unpatched module ``name``."""
    if "eventlet.patcher" not in sys.modules:
        return importlib.import_module(name)
    original: ModuleType = sys.modules["eventlet.patcher"].original(name)
    return original
