"""The gateway stops in a moment: idle connections are let go, started requests are answered."""

from __future__ import annotations

import http.client
import runpy
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from deploy.local.settings import ROOT
from tests.support.echoing import free_port, until

SOON = 6.0


class Server:
    """A server process with the gateway's own way of serving, and an application that is slow."""

    def __init__(self) -> None:
        configured = runpy.run_path(str(ROOT / "gateway" / "gunicorn.conf.py"))
        self.port = free_port()
        options = {
            "--worker-class": configured["worker_class"],
            "--keep-alive": configured["keepalive"],
            "--graceful-timeout": configured["graceful_timeout"],
            "--bind": f"127.0.0.1:{self.port}",
        }
        words = [str(word) for option in options.items() for word in option]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", *words, "tests.support.slow:app"], cwd=ROOT
        )
        until(self._answers, 20, "an answer")

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)

    def stop(self) -> float:
        """Tell it to stop; seconds until it has ended, cleanly."""
        begun = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(60) == 0
        return time.monotonic() - begun

    def _answers(self) -> bool:
        assert self.process.poll() is None
        try:
            return ask(self.connect(), "/0", close=True) == (200, b"done\n")
        except OSError:
            return False


def ask(
    connection: http.client.HTTPConnection, path: str, close: bool = False
) -> tuple[int, bytes]:
    connection.request("GET", path, headers={"Connection": "close"} if close else {})
    answer = connection.getresponse()
    return answer.status, answer.read()


@pytest.fixture
def server() -> Iterator[Server]:
    started = Server()
    yield started
    if started.process.poll() is None:
        started.process.kill()
        started.process.wait(10)


def test_a_connection_that_waits_for_its_next_request_holds_up_no_stop(server: Server) -> None:
    phone = server.connect()
    assert ask(phone, "/0") == (200, b"done\n")
    assert server.stop() < SOON


def test_a_connection_that_never_sent_anything_holds_up_no_stop(server: Server) -> None:
    phone = server.connect()
    phone.connect()
    assert server.stop() < SOON


def test_a_request_that_was_started_is_answered_and_then_its_connection_let_go(
    server: Server,
) -> None:
    phone = server.connect()
    assert ask(phone, "/0") == (200, b"done\n")
    with ThreadPoolExecutor(1) as elsewhere:
        answer = elsewhere.submit(ask, phone, "/1.5")
        time.sleep(0.5)  # The request is at work: nothing outside of it could be awaited.
        assert server.stop() < SOON
        assert answer.result() == (200, b"done\n")
