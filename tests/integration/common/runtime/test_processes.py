"""The commands of a deployable: workers and their loops, starting without a database, usage."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.awaiting import until
from tests.support.echoing import Running
from tests.support.stack import Server

CHORES, WAITING = "tests.support.chores", "tests.support.waiting"


@contextmanager
def running(folder: Path, package: str, command: str, uri: str, **env: str) -> Iterator[Running]:
    process = Running(folder, uri, package, command, **env)
    try:
        yield process
    finally:
        process.close()


def run(package: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-m", package, *arguments],
        env={"AMQP_URI": "amqp://127.0.0.1:1/", "MONGO_URI": "mongodb://127.0.0.1:1/"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


@pytest.mark.parametrize("arguments", [(), ("dance",), ("seed",), ("worker", "now")])
def test_an_unknown_command_says_what_there_is(arguments: tuple[str, ...]) -> None:
    ended = run(CHORES, *arguments)
    assert ended.returncode == 2
    assert "python -m tests.support.chores service" in ended.stderr


def test_seed_hands_the_path_to_the_deployable() -> None:
    assert run(CHORES, "seed", "deploy/seed").stdout == "seeded from seed\n"


def test_a_worker_stops_cleanly_on_sigterm(tmp_path: Path) -> None:
    with running(tmp_path, CHORES, "worker", "amqp://x/", CHORES="steady") as worker:
        worker.await_ready()
        assert worker.probe("/healthz")[0] == 200
        worker.terminate()
        assert worker.wait(5) == 0
        assert "closed" in worker.log()


def test_a_worker_waits_for_what_it_needs_and_then_starts(tmp_path: Path) -> None:
    there = tmp_path / "database"
    with running(
        tmp_path, CHORES, "worker", "amqp://x/", CHORES="steady", WAITS_FOR=str(there)
    ) as worker:
        worker.await_log("worker.waits")
        assert worker.probe("/readyz") == (503, '{"status": "starting"}\n')
        there.touch()
        worker.await_ready()


def test_a_loop_that_fails_is_logged_counted_and_restarted_beside_the_others(
    tmp_path: Path,
) -> None:
    with running(tmp_path, CHORES, "worker", "amqp://x/", CHORES="failing,steady") as worker:
        name = "masaha_worker_loop_failures_total"
        worker.await_metric(name, 2, loop="failing")
        failures = [json.loads(line) for line in worker.log().splitlines() if "failed" in line]
        assert failures[0]["loop"] == "failing"
        assert "this loop fails" in failures[0]["exception"]
        assert worker.probe("/readyz") == (503, '{"status": "not today"}\n')
        assert worker.metric(name, loop="steady") == 0


def test_a_loop_that_hangs_is_reported_and_then_ends_the_process(tmp_path: Path) -> None:
    with running(tmp_path, CHORES, "worker", "amqp://x/", CHORES="hanging") as worker:
        assert "worker loop hanging has not moved" in worker.await_probe("/healthz", 503)
        assert worker.wait(20) == 70
        assert "worker loop hanging has not moved" in worker.log()


def test_a_second_sigterm_does_not_wait_for_a_loop_that_hangs(tmp_path: Path) -> None:
    with running(tmp_path, CHORES, "worker", "amqp://x/", CHORES="hanging,steady") as worker:
        worker.await_ready()
        worker.terminate()
        until(lambda: worker.probe("/readyz"), "stopping", enough=lambda answer: answer[0] != 200)
        worker.process.send_signal(signal.SIGTERM)
        assert worker.wait(5) == 1


def test_a_service_waits_for_its_database_and_then_starts(broker: Server, tmp_path: Path) -> None:
    there = tmp_path / "database"
    with running(tmp_path, WAITING, "service", broker.uri, WAITS_FOR=str(there)) as service:
        service.await_log("app.waits")
        status, reason = service.probe("/readyz")
        assert (status, "starting" in reason) == (503, True)
        there.touch()
        service.await_ready()
        there.unlink()
        status, reason = service.probe("/readyz")
        assert (status, "the database does not answer" in reason) == (503, True)
        assert service.probe("/healthz")[0] == 200


def test_a_service_told_to_stop_while_it_waits_stops(broker: Server, tmp_path: Path) -> None:
    with running(
        tmp_path, WAITING, "service", broker.uri, WAITS_FOR=str(tmp_path / "never")
    ) as service:
        service.await_log("app.waits")
        service.terminate()
        assert service.wait(5) == 0


@pytest.mark.parametrize("bomb", ["die", "hang"])
def test_a_container_that_dies_ends_the_process_even_if_killing_hangs(
    broker: Server, tmp_path: Path, bomb: str
) -> None:
    with running(tmp_path, "tests.support.echo", "service", broker.uri, ECHO_BOMB=bomb) as service:
        assert service.wait(15) == 1
        assert "a managed thread died" in service.log()


def test_a_stop_that_fails_says_so_and_ends_the_process(broker: Server, tmp_path: Path) -> None:
    with running(
        tmp_path, "tests.support.echo", "service", broker.uri, ECHO_BOMB="stop"
    ) as service:
        service.await_ready()
        service.terminate()
        # Well before DRAIN_SECONDS, after which it would end without a word of the failure.
        assert service.wait(15) == 1
        assert "a dependency failed to stop" in service.log()


def test_a_defect_in_building_the_application_ends_the_process(
    broker: Server, tmp_path: Path
) -> None:
    with running(tmp_path, WAITING, "service", broker.uri, WAITS_FOR="never: a defect") as service:
        assert service.wait(15) == 1
        assert "a defect in the composition root" in service.log()
