"""The container that runs a nameko service: nameko's, with its worker's inside made quiet and safe.

nameko's worker logs six debug lines and builds a call id and a call stack per call, logs expected
errors with a traceback, kills the whole container when a dependency fails, and lets a
``BaseException`` such as ``eventlet.Timeout`` pass, after which the message is never settled.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from eventlet.greenpool import GreenPool
from eventlet.support.greenlets import GreenletExit
from nameko.containers import ServiceContainer

from services.common import logs, spans
from services.common.messaging.providers import SPAN_KEY
from services.common.storage.mongo import time_limit

_log = logs.get(__name__)


class HandlerAborted(Exception):
    """A handler ended with something that is no ``Exception``, such as ``eventlet.Timeout``."""


class MasahaContainer(ServiceContainer):  # type: ignore[misc]
    """Runs the entrypoints of one service class.

    Args:
        on_kill: called first when the container is being killed, so that the process can make sure
            of its own end even when killing hangs.
    """

    def __init__(
        self, service_cls: type, config: dict[str, Any], on_kill: Callable[[], None] | None = None
    ) -> None:
        super().__init__(service_cls, config)
        self._on_kill = on_kill
        # Each consumed queue has its own prefetch of ``max_workers``; with room for all of them a
        # delivered message never waits for a worker, and one queue cannot starve another.
        queues = {id(getattr(e, "rpc_consumer", e)) for e in self.entrypoints} or {0}
        self._worker_pool = GreenPool(size=self.max_workers * len(queues))

    @property
    def free_workers(self) -> int:
        """How many calls could start at once."""
        return int(self._worker_pool.free())

    @property
    def running_workers(self) -> int:
        """How many calls are being worked on."""
        return int(self._worker_pool.running())

    def kill(self, exc_info: Any = None) -> None:
        """End at once. See :meth:`nameko.containers.ServiceContainer.kill`."""
        if self._on_kill is not None:
            self._on_kill()
        super().kill(exc_info)

    def _run_worker(self, worker_ctx: Any, handle_result: Any) -> None:
        entrypoint = worker_ctx.entrypoint
        result: Any = None
        exc_info: Any = None
        try:
            begin = getattr(entrypoint, "begin", None)
            if begin is not None:
                begin(worker_ctx)
            self._inject_dependencies(worker_ctx)
            self._worker_setup(worker_ctx)
            method = getattr(worker_ctx.service, entrypoint.method_name)
            # A worker that waits for a frozen database beyond its use is one that others lack.
            allowed = getattr(entrypoint, "allowed_seconds", None)
            with time_limit(allowed(worker_ctx)) if allowed else nullcontext():
                result = method(*worker_ctx.args, **worker_ctx.kwargs)
        except Exception:  # noqa: BLE001 - the entrypoint answers for it in handle_result
            exc_info = sys.exc_info()
        except (GreenletExit, KeyboardInterrupt):
            raise
        except BaseException as exc:  # noqa: BLE001 - or the message is never settled
            aborted = HandlerAborted(f"{type(exc).__name__}: {exc}")
            aborted.__cause__ = exc
            exc_info = (HandlerAborted, aborted, exc.__traceback__)
        if (recorded := worker_ctx.data.pop(SPAN_KEY, None)) is not None:
            recorded.end(None if exc_info is None else spans.error_name(exc_info[1]))
        if handle_result is not None:
            result, exc_info = handle_result(worker_ctx, result, exc_info)
        elif exc_info is not None:
            _log.error("worker.failed", method=entrypoint.method_name, exc_info=exc_info)
        self._worker_result(worker_ctx, result, exc_info)
        # Breaking the cycle through the traceback frees it now, not at the next collection.
        del exc_info
        self._worker_teardown(worker_ctx)
