"""The deployables' own workers start, and wait, when neither database nor broker is there yet."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.echoing import Running

NOWHERE = "mongodb://127.0.0.1:1/?replicaSet=none"
# Each process of a deployable checks all its settings, also those that another process reads.
OF_THE_DOOR = {"JWT_KEYS_DIR": "/nowhere", "CURSOR_SECRET": "a secret of a test"}


@pytest.mark.parametrize("package", ["gateway", "services.bookings", "services.notifications"])
def test_a_worker_without_database_and_broker_waits_and_says_so(
    tmp_path: Path, package: str
) -> None:
    own = OF_THE_DOOR if package == "gateway" else {}
    worker = Running(
        tmp_path, "amqp://127.0.0.1:1/", package, "worker", **{"MONGO_URI": NOWHERE, **own}
    )
    try:
        worker.await_log("worker.waits", "loop.failed", seconds=20)
        assert worker.probe("/healthz")[0] == 200
        assert worker.probe("/readyz")[0] == 503
        worker.terminate()
        assert worker.wait(10) == 0
    finally:
        worker.close()
