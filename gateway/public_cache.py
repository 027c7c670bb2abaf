"""The last answers of the public catalogue, for the time when its branch is away.

Fresh answers always win: the cache is asked only when the branch does not answer. While it holds an
answer, the branch is given less time to come up with a newer one.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

import orjson

from gateway import metrics
from gateway.rpc import RpcClient
from services.common.context import Call
from services.common.errors import Unavailable

MOST_ANSWERS = 500
LONGEST_SECONDS = 24 * 3600
PATIENCE_SECONDS = 1.5


class PublicCache:
    """Public answers with their age.

    Args:
        rpc: asks the branches.
        now: a monotonic clock in seconds.
    """

    def __init__(self, rpc: RpcClient, *, now: Callable[[], float] = time.monotonic) -> None:
        self._rpc = rpc
        self._now = now
        self._lock = threading.Lock()
        self._answers: OrderedDict[bytes, tuple[float, Any]] = OrderedDict()

    def get(
        self, branch: str, method: str, request: Mapping[str, Any], call: Call
    ) -> tuple[Any, int | None]:
        """The branch's answer and None, or the last known one and its age in seconds.

        Only for methods whose answer is the same for everybody.

        Raises:
            errors.Unavailable: if the branch is away and nothing is known.
            errors.MasahaError: whatever the branch tells.
        """
        key = orjson.dumps([branch, method, request], option=orjson.OPT_SORT_KEYS)
        known = self._answers.get(key)
        if known is not None and self._now() - known[0] > LONGEST_SECONDS:
            known = None
        try:
            timeout = PATIENCE_SECONDS if known is not None else None
            answer = self._rpc.call(branch, method, request, call, timeout)
        except Unavailable:
            if known is None:
                raise
            metrics.SERVED_FROM_CACHE.labels(method).inc()
            return known[1], int(self._now() - known[0])
        with self._lock:
            self._answers[key] = (self._now(), answer)
            self._answers.move_to_end(key)
            while len(self._answers) > MOST_ANSWERS:
                self._answers.popitem(last=False)
        return answer, None
