"""Identifiers: UUID version 7 (RFC 9562), which sort by the time they were made.

Ordered ids keep index writes at one end of the tree. Their order is *not* commit order, so nothing
may be polled by ``id > last`` (see ``docs/adr/0002-outbox-is-moved-not-marked.md``).
"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable

NewId = Callable[[], str]


def new_id() -> str:
    """A fresh UUIDv7 in its usual text form (36 characters, lower case)."""
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big")
    value = (
        (milliseconds & 0xFFFF_FFFF_FFFF) << 80
        | 0x7 << 76
        | (random >> 68 & 0xFFF) << 64
        | 0b10 << 62
        | random & 0x3FFF_FFFF_FFFF_FFFF
    )
    return str(uuid.UUID(int=value))


def random_id() -> str:
    """A fresh UUIDv4: it says nothing, not even when it was made."""
    return str(uuid.uuid4())
