"""Waiting for what another branch decides, as long as the client has the patience."""

from __future__ import annotations

import time
from collections.abc import Callable

from gateway.web.endpoint import Answer, Incoming

_SECONDS_BETWEEN = 0.25


def wait_until(
    incoming: Incoming,
    answer: Answer,
    read: Callable[[], Answer],
    is_settled: Callable[[Answer], bool],
) -> Answer:
    """The answer, read again every 250 ms until it is settled or the client waits no longer.

    It says with ``Preference-Applied`` how long the client was ready to wait.

    Args:
        answer: the first one.
        read: gives the newest one.
    """
    if incoming.patience is None:
        return answer
    ends = time.monotonic() + incoming.patience
    while not is_settled(answer) and time.monotonic() < ends:
        time.sleep(_SECONDS_BETWEEN)
        answer = read()
    answer.headers["Preference-Applied"] = f"wait={incoming.patience}"
    return answer
