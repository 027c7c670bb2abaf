"""RabbitMQ: the topology, the hardened nameko entrypoints, the confirming publisher, parking.

A ``service.py`` takes from here what it declares::

    from services.common.messaging import AppProvider, CallProvider, subscribe
    from services.common.messaging.rpc import rpc

(``rpc`` comes from its module, because the module has the same name.) Plain-thread processes import
:mod:`.publisher` by its own name: it does not load nameko or eventlet.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from services.common.messaging.providers import AppProvider, CallProvider
    from services.common.messaging.subscriber import subscribe

__all__ = ["AppProvider", "CallProvider", "subscribe"]

_HOME = {
    "AppProvider": "providers",
    "CallProvider": "providers",
    "subscribe": "subscriber",
}


def __getattr__(name: str) -> Any:
    """Load the eventlet side on first use, so that a plain-thread worker never imports it."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
