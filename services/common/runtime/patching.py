"""The monkey-patching of an eventlet process; imported, and called, before anything else there."""

from __future__ import annotations

import os
import sys

# dnspython's resolver under eventlet breaks pymongo's; the system's resolver is good enough.
os.environ.setdefault("EVENTLET_NO_GREENDNS", "yes")

import eventlet


def patch() -> None:
    """Make the standard library green.

    Raises:
        RuntimeError: if a library is loaded already that would keep its blocking sockets.
    """
    early = sorted({"pymongo", "kombu", "amqp"} & sys.modules.keys())
    if early:
        raise RuntimeError(f"imported before the monkey-patching: {', '.join(early)}")
    eventlet.monkey_patch()
