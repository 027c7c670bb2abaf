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
from gateway.remote.rpc import RpcClient
from services.common.context import Call
from services.common.errors import Unavailable

MOST_ANSWERS = 500
LONGEST_SECONDS = 24 * 3600
PATIENCE_SECONDS = 1.5

#: For the method that answers one thing, the method whose lists hold it.
_LIST_OF = {
    "get_centre": "list_centres",
    "get_space": "list_spaces",
    "get_equipment": "list_equipment",
    "get_course": "list_courses",
    "get_cohort": "list_cohorts",
}

#: Branch, method, and the request as sorted JSON.
_Key = tuple[str, str, bytes]


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
        self._answers: OrderedDict[_Key, tuple[float, Any]] = OrderedDict()

    def get(
        self, branch: str, method: str, request: Mapping[str, Any], call: Call
    ) -> tuple[Any, int | None]:
        """The branch's answer and None, or the last known one and its age in seconds.

        Only for methods whose answer is the same for everybody.

        Raises:
            errors.Unavailable: if the branch is away and nothing is known.
            errors.MasahaError: every error of the branch.
        """
        key = (branch, method, orjson.dumps(request, option=orjson.OPT_SORT_KEYS))
        known = self._answers.get(key)
        if known is not None and self._now() - known[0] > LONGEST_SECONDS:
            known = None
        try:
            timeout = PATIENCE_SECONDS if known is not None else None
            answer = self._rpc.call(branch, method, request, call, timeout)
        except Unavailable:
            known = known or self._listed(branch, method, request)
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

    def _listed(
        self, branch: str, method: str, request: Mapping[str, Any]
    ) -> tuple[float, Any] | None:
        """The newest item of this id in the lists that are known."""
        lists = _LIST_OF.get(method)
        if lists is None or set(request) != {"id"}:
            return None
        found = [
            (at, item)
            for key, (at, answer) in list(self._answers.items())
            if key[:2] == (branch, lists) and self._now() - at <= LONGEST_SECONDS
            for item in answer["items"]
            if item["id"] == request["id"]
        ]
        return max(found, key=lambda each: each[0], default=None)
