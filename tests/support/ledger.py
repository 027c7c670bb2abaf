"""The ledger of a fault test: what was asked and what was answered, on disk before it is done.

A request is written down before it is sent and again when its outcome is known. A line that says
"sent" with no outcome after it is a request whose outcome is not known.
"""

from __future__ import annotations

import json
import os
import threading
from collections import Counter
from dataclasses import asdict, dataclass, replace
from pathlib import Path

OK, REFUSED, UNKNOWN = "ok", "refused", "unknown"
CREATE, CHANGE, CANCEL = "create", "change", "cancel"
NOMINATE, WITHDRAW = "nominate", "withdraw"


@dataclass(frozen=True, slots=True)
class Request:
    """One thing that a client wants done, however often it has to ask.

    Attributes:
        mark: a text of this request alone, stored with its effect (title or reason): the checker
            finds by it what a request did, whatever the answers were.
        operation: `create`, `change` or `cancel` of a booking; `nominate` or `withdraw` of an
            application.
        key: the Idempotency-Key of what creates something.
        booking_id: what a change or a cancel is about; of a create, what the answer said. Of an
            application, its id.
        version: what a change expects (If-Match); with outcome `ok`, what the answer said.
        outcome: `ok` (acknowledged), `refused` (a definite no) or `unknown`.
        wanted: space and time that it asks for.
        code: of a refusal.
        attempts, lost: how often it was sent, and how many of those got no answer.
    """

    mark: str
    operation: str
    organisation_id: str
    key: str | None = None
    booking_id: str | None = None
    version: int | None = None
    wanted: str | None = None
    outcome: str = UNKNOWN
    code: str | None = None
    attempts: int = 0
    lost: int = 0


class Ledger:
    """An append-only file of requests; safe to share between threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("a", encoding="utf-8")
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()

    def sent(self, request: Request) -> None:
        """Write a request down; call it before the first byte leaves."""
        self._write("sent", request)

    def settled(self, request: Request) -> None:
        """Write down what became of it."""
        self._write("settled", request)
        with self._lock:
            self._counts[request.outcome] += 1

    def count(self, outcome: str | None = None) -> int:
        """How many requests have come to this outcome, or to any."""
        with self._lock:
            return self._counts.total() if outcome is None else self._counts[outcome]

    def close(self) -> None:
        self._file.close()

    def _write(self, what: str, request: Request) -> None:
        line = json.dumps({"what": what, **asdict(request)}, ensure_ascii=False)
        with self._lock:
            self._file.write(line + "\n")
            self._file.flush()
            os.fsync(self._file.fileno())


def read(path: Path) -> list[Request]:
    """Every request of a ledger with its last known outcome, in the order of sending."""
    requests: dict[str, Request] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        what = entry.pop("what")
        request = Request(**entry)
        if what == "sent":
            request = replace(request, outcome=UNKNOWN)
        requests[request.mark] = request
    return list(requests.values())
