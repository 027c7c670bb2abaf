"""W3C Trace Context: one trace id from the HTTP request to the message in a person's inbox.

Only the identifiers travel; what is done with them (a log search, a tracing back end) is the
operator's choice. Format: https://www.w3.org/TR/trace-context/#traceparent-header
"""

from __future__ import annotations

import os
import re
from contextvars import ContextVar

_FORMAT = re.compile(r"\A[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})\Z")

current: ContextVar[str | None] = ContextVar("traceparent", default=None)


def new() -> str:
    """A traceparent that starts a trace (sampled)."""
    return f"00-{os.urandom(16).hex()}-{os.urandom(8).hex()}-01"


def continued(traceparent: str | None) -> str:
    """A new span in the given trace, or a new trace where there is none or it is malformed."""
    match = _FORMAT.match(traceparent or "")
    if match is None or match[1] == "0" * 32:
        return new()
    return f"00-{match[1]}-{os.urandom(8).hex()}-{match[3]}"


def trace_id(traceparent: str | None) -> str | None:
    """The 32 hexadecimal digits that all parts of one request share."""
    match = _FORMAT.match(traceparent or "")
    return match[1] if match else None


def parts(traceparent: str | None) -> tuple[int, int, int] | None:
    """The trace's and the span's identifier and the flags, as numbers; None if malformed."""
    match = _FORMAT.match(traceparent or "")
    return (int(match[1], 16), int(match[2], 16), int(match[3], 16)) if match else None


def unsampled(traceparent: str) -> str:
    """The same identifiers, of a trace whose spans are not recorded."""
    return f"{traceparent[:-2]}00"
