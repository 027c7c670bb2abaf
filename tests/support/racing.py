"""Do several things at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from services.common.errors import MasahaError

T = TypeVar("T")

_START_SECONDS = 30.0


def together(*works: Callable[[], T]) -> list[T]:
    """All at once, each in a thread of its own; what each gave, in their order.

    Raises what one of them raised, when all have ended.
    """
    start = threading.Barrier(len(works), timeout=_START_SECONDS)

    def run(work: Callable[[], T]) -> T:
        start.wait()
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        running = [pool.submit(run, work) for work in works]
    return [each.result() for each in running]


def contend(*works: Callable[[], T]) -> list[T | MasahaError]:
    """All at once, where not all can have their way; what each gave, or how it was refused."""
    return together(*[partial(_or_refusal, work) for work in works])


def _or_refusal(work: Callable[[], T]) -> T | MasahaError:
    try:
        return work()
    except MasahaError as refusal:
        return refusal
