"""What a client of the gateway writes and reads, in a word each."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

import httpx


def wire(instant: datetime) -> str:
    """An instant in UTC as it is written to the gateway."""
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


def key() -> dict[str, str]:
    """The header of a creating request that was never sent before."""
    return {"Idempotency-Key": str(uuid4())}


def tag(answer: httpx.Response) -> dict[str, str]:
    """The header of a change of what was answered."""
    return {"If-Match": answer.headers["ETag"]}


def code_of(answer: httpx.Response) -> tuple[int, str]:
    """The status, and the code of the refusal; empty if it was none."""
    return answer.status_code, answer.json().get("code", "")
