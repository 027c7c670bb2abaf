"""RabbitMQ: the topology, the hardened nameko entrypoints, the confirming publisher, parking.

Import the entrypoints from here in a ``service.py``. Plain-thread processes import
:mod:`.publisher` by its own name: it does not load nameko or eventlet.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from services.common.messaging.providers import AppProvider, CallProvider
    from services.common.messaging.rpc import rpc
    from services.common.messaging.subscriber import subscribe

__all__ = ["AppProvider", "CallProvider", "rpc", "subscribe"]

_HOME = {
    "AppProvider": "providers",
    "CallProvider": "providers",
    "rpc": "rpc",
    "subscribe": "subscriber",
}


def __getattr__(name: str) -> Any:
    """Load the eventlet side on first use, so that a plain-thread worker never imports it."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
