"""The load: a process of its own, with greenlets and a parser in C, so that it takes little CPU.

Reads one plan as JSON from standard input, runs it, and writes what it measured as JSON.

A closed loop keeps `connections` requests in flight; with a `rate`, requests start by the clock
(an open loop), so that waiting is part of what is measured.
"""

from __future__ import annotations

from gevent import monkey

monkey.patch_all()

import json  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402
from typing import Any  # noqa: E402
from urllib.parse import urlsplit  # noqa: E402

import gevent  # noqa: E402
from geventhttpclient import HTTPClient  # noqa: E402


class Run:
    """One plan under way."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self.plan = plan
        self.todo = iter(plan["requests"])
        self.seconds: list[float] = []
        self.statuses: dict[int, int] = {}
        self.created: list[tuple[str, float]] = []
        self.started = time.time()
        self.number = 0

    def worker(self) -> None:
        address = urlsplit(self.plan["url"])
        client = HTTPClient(
            str(address.hostname), int(address.port or 80), concurrency=1, network_timeout=30
        )
        headers = {"Authorization": f"Bearer {self.plan['token']}"}
        for method, path, body, key in self.todo:
            due = self._due()
            if due is not None:
                # The load's pace: a request leaves at its time, not when the last was answered.
                gevent.sleep(max(0.0, due - time.time()))
            if time.time() - self.started > self.plan["seconds"]:
                break
            began = due if due is not None else time.time()
            sent = {**headers}
            if body is not None:
                sent |= {"Content-Type": "application/json", "Idempotency-Key": key}
            answer = client.request(method, path, body=body or b"", headers=sent)
            text = answer.read()
            now = time.time()
            self.seconds.append(now - began)
            self.statuses[answer.status_code] = self.statuses.get(answer.status_code, 0) + 1
            if answer.status_code == 201:
                self.created.append((json.loads(text)["id"], now))
        client.close()

    def _due(self) -> float | None:
        rate = self.plan.get("rate")
        if not rate:
            return None
        self.number += 1
        return float(self.started + self.number / rate)

    def result(self) -> dict[str, Any]:
        gevent.joinall(
            [gevent.spawn(self.worker) for _ in range(self.plan["connections"])], raise_error=True
        )
        return {
            "elapsed": time.time() - self.started,
            "seconds": self.seconds,
            "statuses": self.statuses,
            "created": self.created,
        }


if __name__ == "__main__":
    json.dump(Run(json.load(sys.stdin)).result(), sys.stdout)
