"""Await what is to happen: look again and again, for so long at most."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TypeVar

T = TypeVar("T")

# Of a log, the end says most.
_SHOWN_CHARACTERS = 2000


def tries(seconds: float, every: float = 0.02) -> Iterator[None]:
    """Go on for so many seconds at most, and once at the least, with a pause of `every` seconds."""
    end = time.monotonic() + seconds
    while True:
        yield
        if time.monotonic() >= end:
            return
        # The interval between two looks: the one place of the tests that waits for no event.
        time.sleep(every)


def until(
    look: Callable[[], T | None],
    what: str,
    seconds: float = 15,
    *,
    enough: Callable[[T], object] = bool,
    hurt_by: tuple[type[Exception], ...] = (),
    every: float = 0.02,
) -> T:
    """Look until there is enough to see; returns what was seen.

    Args:
        look: describes the present state; None is never enough.
        what: what is awaited, for the message.
        seconds: how long it may take.
        enough: says whether what was seen is it.
        hurt_by: what looking may raise for a while, as when what is looked at comes up again.
        every: seconds between two looks.

    Raises:
        AssertionError: it did not come; with what was awaited and what was seen last.
    """
    seen: object = None
    for _ in tries(seconds, every):
        try:
            seen = found = look()
        except hurt_by as error:
            seen = error
            continue
        if found is not None and enough(found):
            return found
    shown = seen if isinstance(seen, str) else repr(seen)
    raise AssertionError(
        f"{what} did not come within {seconds:g} s; last seen: {shown[-_SHOWN_CHARACTERS:]}"
    )
