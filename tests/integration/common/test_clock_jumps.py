"""A worker whose machine's clock jumps: what it has to send leaves in order, and once.

libfaketime stands between the process and its clock. Where Debian's package is missing and may not
be installed, the test is skipped and says so.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deploy.local import packages
from deploy.local.problems import StackError
from services.bookings.app import App, build
from services.bookings.operations import spaces
from services.bookings.schemas.spaces import AddSpace
from services.common.clock import to_wire
from services.common.config import Settings
from services.common.ids import new_id
from tests.support.awaiting import until
from tests.support.bookings import MANAGER, call, raqqa, space
from tests.support.echoing import Running
from tests.support.mongo import drop_databases
from tests.support.stack import Server

# Moves between an hour ahead, two hours back, and right again.
JUMPS = ("+1h", "-1h", "+0")


def library() -> Path:
    """The library that is loaded before all others.

    Raises StackError if it is missing and may not be installed.
    """
    folder = Path("/usr/lib")
    found = sorted(folder.glob("*/faketime/libfaketimeMT.so.1"))
    if not found:
        packages.install(["libfaketime"], "libfaketime is missing")
        found = sorted(folder.glob("*/faketime/libfaketimeMT.so.1"))
    return found[0]


@pytest.fixture
def app(database: Server) -> Iterator[App]:
    prefix = f"t{new_id()[-12:]}"
    found = build(Settings("amqp://unused", database.uri, database_prefix=prefix))
    found.centres.seed([raqqa()], [space()])
    yield found
    found.close()
    drop_databases(database.uri, prefix)


def test_what_is_to_be_sent_leaves_whatever_the_clock_says(
    app: App, broker: Server, database: Server, tmp_path: Path
) -> None:
    try:
        preloaded = library()
    except StackError as missing:
        pytest.skip(missing.sentence)
    clock = tmp_path / "clock"
    clock.write_text("+0", "utf-8")
    log = app.database.collection("event_log")
    sent = 0

    def publish() -> None:
        nonlocal sent
        name = {"ar": f"حديقة {sent}", "en": f"Garden {sent}"}
        spaces.add(app, call(MANAGER), AddSpace(centre_id="raqqa", name=name, capacity=8))
        sent += 1
        until(
            lambda: log.count_documents({"pending": {"$exists": False}}),
            f"event {sent} with the broker, under a clock of {clock.read_text('utf-8')}",
            30,
            enough=lambda count: count == sent,
        )

    with ExitStack() as stack:
        worker = Running(
            tmp_path,
            broker.uri,
            "services.bookings",
            "worker",
            MONGO_URI=database.uri,
            DATABASE_PREFIX=app.database.collection("x").database.name.removesuffix("_bookings"),
            LD_PRELOAD=str(preloaded),
            FAKETIME_TIMESTAMP_FILE=str(clock),
            FAKETIME_NO_CACHE="1",
            # A machine's clock is set; how much time has passed is not.
            FAKETIME_DONT_FAKE_MONOTONIC="1",
        )
        stack.callback(worker.close)
        worker.await_ready(60)
        publish()
        for jump in JUMPS:
            clock.write_text(jump, "utf-8")
            publish()
        assert worker.probe("/healthz")[0] == 200
        clock.write_text("+10d", "utf-8")
        worker.terminate()
        assert worker.wait() == 0
    assert app.event_log.verify()[0] == sent
    # It was under that clock indeed: it dates its lines by it.
    written = [
        json.loads(line)["timestamp"] for line in worker.log().splitlines() if line[:1] == "{"
    ]
    assert min(written) < written[-1] and written[-1] > to_wire(
        datetime.now(UTC) + timedelta(days=9)
    )
