"""What a client prefers (RFC 7240): for how long it waits for an answer."""

from __future__ import annotations

import re

MOST_SECONDS = 5
_WAIT = re.compile(r'\s*wait\s*=\s*(?:"(\d{1,9})"|(\d{1,9}))\s*(?:;.*)?', re.IGNORECASE)


def read_patience(header: str | None) -> int | None:
    """The seconds of ``wait=…``, at most :data:`MOST_SECONDS`; ``None`` where it is not said.
    What cannot be read is ignored, as the standard has it; of several the first holds.
    """
    for preference in (header or "").split(","):
        found = _WAIT.fullmatch(preference)
        if found:
            return min(int(found[1] or found[2]), MOST_SECONDS)
    return None
