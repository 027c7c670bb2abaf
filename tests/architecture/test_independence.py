"""A service is independent: with the common library alone, in an empty folder, it works.

Copied are ``services/__init__.py``, ``services/common`` and the one service. There it is started as
in production, answers a call over RabbitMQ, and stops cleanly.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from kombu import Connection, Consumer, Exchange, Queue

from services.common import errors
from services.common.context import Call, Caller
from services.common.ids import new_id
from tests.architecture.project import ROOT, SERVICES, Deployable
from tests.support.awaiting import until
from tests.support.mongo import drop_databases
from tests.support.stack import Server, free_port_base

START_SECONDS = 40.0
STOP_SECONDS = 30.0

MANAGER = Caller(id="manager", roles=frozenset({"manager"}))
QUESTIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "services.bookings": ("list_centres", {}),
    "services.trainings": ("list_topics", {}),
    "services.consultations": ("list_kinds", {}),
    "services.notifications": ("list_inbox", {}),
}
# A method that is asked for something that is not there.
UNKNOWN = {
    "services.bookings": "get_booking",
    "services.trainings": "get_course",
    "services.consultations": "get_case",
    "services.notifications": "get_notification",
}


@pytest.fixture
def prefix(database: Server) -> Iterator[str]:
    """A name for databases of this test's own, dropped afterwards."""
    name = f"t{new_id()[-12:]}"
    yield name
    drop_databases(database.uri, name)


@pytest.fixture
def start(broker: Server, database: Server, prefix: str, tmp_path: Path) -> Callable[..., Any]:
    """Starts a command of a service in an empty folder: ``with start(service, "worker"): …``."""

    @contextmanager
    def started(service: Deployable, command: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
        alone = tmp_path / "alone"
        if not alone.exists():
            copy_alone(service, alone)
        port = free_port_base()
        environment = {
            "PATH": os.environ["PATH"],
            "AMQP_URI": broker.uri,
            "MONGO_URI": database.uri,
            "DATABASE_PREFIX": prefix,
            "LINK_SECRET": "links of this test",
            "CERTIFICATE_KEYS_DIR": str(tmp_path / "certificate-keys"),
            "PROBE_PORT": str(port),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        log = (tmp_path / f"{command}.log").open("wb")
        process = subprocess.Popen(
            [sys.executable, "-m", service.package, command],
            cwd=alone,
            env=environment,
            stdout=log,
            stderr=log,
        )
        try:
            await_ready(process, port, tmp_path / f"{command}.log")
            yield process, port
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()
            log.close()

    return started


def copy_alone(service: Deployable, folder: Path) -> None:
    """The library and one service, and nothing else of the project."""
    (folder / "services").mkdir(parents=True)
    shutil.copy(ROOT / "services" / "__init__.py", folder / "services")
    for name in ("common", service.folder.name):
        shutil.copytree(
            ROOT / "services" / name,
            folder / "services" / name,
            ignore=shutil.ignore_patterns("__pycache__"),
        )


def await_ready(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    def lacks() -> str:
        written = log.read_text()[-1500:]
        assert process.poll() is None, f"it ended with {process.returncode}:\n{written}"
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
                return ""
        except urllib.error.HTTPError as error:
            return f"{error.read().decode()}\n{written}"
        except OSError as error:
            return f"{error}\n{written}"

    until(lacks, "readiness", START_SECONDS, enough=lambda what: not what, every=0.1)


def ask(uri: str, service: str, method: str, request: dict[str, Any]) -> dict[str, Any]:
    """One RPC call as any AMQP client makes it; the reply as it came."""
    with Connection(uri) as connection:
        channel = connection.channel()
        replies: list[dict[str, Any]] = []
        reply_to = new_id()
        answers = Queue(
            f"replies-{reply_to}", Exchange("nameko-rpc", "topic"), reply_to, exclusive=True
        )

        def take(_body: Any, message: Any) -> None:
            replies.append(json.loads(message.body))
            message.ack()

        with Consumer(channel, [answers], callbacks=[take], accept=["json"]):
            connection.Producer(channel).publish(
                {"args": [request], "kwargs": {}},
                exchange="nameko-rpc",
                routing_key=f"{service}.{method}",
                reply_to=reply_to,
                correlation_id=new_id(),
                serializer="json",
                headers={"nameko.call": Call(caller=MANAGER).to_header()},
            )
            connection.drain_events(timeout=10)
        return replies[0]


def stop(process: subprocess.Popen[bytes]) -> int:
    process.send_signal(signal.SIGTERM)
    return process.wait(STOP_SECONDS)


def test_every_service_has_a_question_to_answer() -> None:
    assert set(QUESTIONS) == set(UNKNOWN) == {service.package for service in SERVICES}, (
        "add methods of the new service to QUESTIONS and UNKNOWN"
    )


@pytest.mark.parametrize("service", SERVICES, ids=str)
def test_a_service_alone_answers_and_stops(
    service: Deployable, start: Callable[..., Any], broker: Server
) -> None:
    method, request = QUESTIONS[service.package]
    name = service.folder.name
    with start(service, "service") as (process, _port):
        reply = ask(broker.uri, name, method, request)
        assert reply["error"] is None
        assert reply["result"]["items"] == []
        refused = ask(broker.uri, name, UNKNOWN[service.package], {"id": "nobody-knows-it"})
        assert errors.from_wire(refused["error"]).kind == "not_found"
        assert stop(process) == 0


@pytest.mark.parametrize("service", SERVICES, ids=str)
def test_a_worker_alone_is_ready_and_stops(service: Deployable, start: Callable[..., Any]) -> None:
    with start(service, "worker") as (process, port):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
            assert b"masaha_" in answer.read()
        assert stop(process) == 0


@pytest.mark.parametrize("service", SERVICES, ids=str)
def test_it_really_is_alone(service: Deployable, tmp_path: Path) -> None:
    """In the empty folder no other deployable can be imported, so nothing leans on one unseen."""
    copy_alone(service, tmp_path / "alone")
    others = [other.package for other in SERVICES if other != service] + ["gateway", "deploy"]
    code = (
        "import importlib.util\n"
        f"found = [name for name in {others!r} if importlib.util.find_spec(name)]\n"
        "assert not found, found\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path / "alone", check=True, timeout=60)
