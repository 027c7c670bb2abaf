"""What a service class declares to get its call and its application."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

import eventlet
from nameko.extensions import DependencyProvider

from services.common import config, logs
from services.common.context import SYSTEM, Call
from services.common.errors import Unavailable

_log = logs.get(__name__)

#: Where an entrypoint keeps the :class:`Call` in a worker's context.
CALL_KEY = "masaha.call"
#: Where an entrypoint keeps the span of a worker, which its container ends.
SPAN_KEY = "masaha.span"
#: Where the runtime keeps the settings in the container's configuration.
SETTINGS_KEY = "MASAHA_SETTINGS"

_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 5.0

T = TypeVar("T")


class CallProvider(DependencyProvider):  # type: ignore[misc]
    """``call = CallProvider()``: the :class:`~services.common.context.Call` of this worker.

    In an RPC method it is what the caller's context header says; in a subscriber, the system, in
    the trace of the event.
    """

    def get_dependency(self, worker_ctx: Any) -> Call:
        call = worker_ctx.data.get(CALL_KEY)
        return call if isinstance(call, Call) else Call(caller=SYSTEM)

    if TYPE_CHECKING:

        @overload
        def __get__(self, instance: None, owner: type) -> CallProvider: ...
        @overload
        def __get__(self, instance: object, owner: type) -> Call: ...
        def __get__(self, instance: object | None, owner: type) -> Any: ...


class AppProvider(DependencyProvider, Generic[T]):  # type: ignore[misc]
    """``app = AppProvider(build)``: what ``build(settings)`` returns, made once per process.

    ``build`` runs when the container is set up: after the monkey-patching and after any fork. While
    it raises :class:`~services.common.errors.Unavailable` or an ``OSError`` (no database yet), it
    is tried again with a pause; any other error is a defect and ends the process. What it returns
    is closed, if it has a ``close``, after the last worker has finished.
    """

    def __init__(self, build: Callable[[config.Settings], T]) -> None:
        self.build = build
        self.app: T | None = None

    def setup(self) -> None:
        settings = self.container.config.get(SETTINGS_KEY) or config.load()
        pause = _FIRST_PAUSE_SECONDS
        while True:
            try:
                self.app = self.build(settings)
                return
            except (Unavailable, OSError) as exc:
                _log.warning("app.waits", error=str(exc), retry_in=pause)
            eventlet.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)

    def stop(self) -> None:
        close = getattr(self.app, "close", None)
        if close is not None:
            close()

    def get_dependency(self, worker_ctx: Any) -> T | None:
        return self.app

    if TYPE_CHECKING:

        @overload
        def __get__(self, instance: None, owner: type) -> AppProvider[T]: ...
        @overload
        def __get__(self, instance: object, owner: type) -> T: ...
        def __get__(self, instance: object | None, owner: type) -> Any: ...
