"""The gateway stops in a moment: idle connections are closed, started requests are answered."""

from __future__ import annotations

import http.client
import runpy
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.local.settings import ROOT
from tests.support.awaiting import until
from tests.support.ports import free_port

SOON = 6.0


class Server:
    """A server process with the gateway's own way of serving, and an application that is slow."""

    def __init__(self, log: Path, worker: str | None = None) -> None:
        self._log = log
        configured = runpy.run_path(str(ROOT / "gateway" / "gunicorn.conf.py"))
        self.port = free_port()
        options = {
            "--worker-class": worker or configured["worker_class"],
            "--keep-alive": configured["keepalive"],
            "--graceful-timeout": configured["graceful_timeout"],
            "--bind": f"127.0.0.1:{self.port}",
        }
        words = [str(word) for option in options.items() for word in option]
        with log.open("wb") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", *words, "tests.support.slow:app"],
                cwd=ROOT,
                stdout=file,
                stderr=file,
            )
        until(self._answers, "an answer", 20)

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)

    def stop(self) -> float:
        """Stop it; seconds until it has ended, cleanly."""
        begun = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(60) == 0
        return time.monotonic() - begun

    def log(self) -> str:
        return self._log.read_text()

    def await_begun(self, path: str) -> None:
        """Until the application has such a request, and reads its body."""
        line = f"begun {path}\n"
        until(self.log, f"the request {path}", 10, enough=lambda log: line in log)

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


@contextmanager
def serving(log: Path, worker: str | None = None) -> Iterator[Server]:
    started = Server(log, worker)
    yield started
    if started.process.poll() is None:
        started.process.kill()
        started.process.wait(10)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with serving(tmp_path / "log") as started:
        yield started


def test_a_connection_that_waits_for_its_next_request_holds_up_no_stop(server: Server) -> None:
    phone = server.connect()
    assert ask(phone, "/0") == (200, b"done\n")
    assert server.stop() < SOON


def test_a_connection_that_never_sent_anything_holds_up_no_stop(server: Server) -> None:
    phone = server.connect()
    phone.connect()
    assert server.stop() < SOON
    assert "Traceback" not in server.log()


def test_a_request_that_was_started_is_answered_and_then_its_connection_let_go(
    server: Server,
) -> None:
    phone = server.connect()
    assert ask(phone, "/0") == (200, b"done\n")
    with ThreadPoolExecutor(1) as elsewhere:
        answer = elsewhere.submit(ask, phone, "/1.5")
        server.await_begun("/1.5")
        assert server.stop() < SOON
        assert answer.result() == (200, b"done\n")


def test_under_load_every_request_that_was_sent_is_answered(server: Server) -> None:
    stopped = threading.Event()
    answered: set[int] = set()
    unanswered: list[str] = []

    def phone(number: int) -> None:
        connection = server.connect()
        while not stopped.is_set():
            try:
                connection.connect()
            except OSError:
                return  # nobody listens any more, so nothing was taken
            try:
                for _ in range(5):
                    ask(connection, "/0.02")
                    answered.add(number)
                    if connection.sock is None:
                        break  # the server has said that this was the last
            except OSError as error:
                unanswered.append(repr(error))
            connection.close()

    phones = [threading.Thread(target=phone, args=(number,)) for number in range(12)]
    for each in phones:
        each.start()
    # All of them are in the middle of it.
    until(lambda: answered, "an answer to each", 10, enough=lambda so_far: len(so_far) == 12)
    assert server.stop() < SOON
    stopped.set()
    for each in phones:
        each.join()
    assert unanswered == []


def test_a_body_that_stops_in_the_middle_holds_up_the_stop_no_longer_than_a_call(
    server: Server,
) -> None:
    with half_a_body(server):
        assert server.stop() < 2 * SOON + SOON / 2


def test_a_body_that_was_not_wanted_and_does_not_come_holds_up_no_stop(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as phone:
        phone.sendall(b"PUT /0 HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")
        assert phone.recv(65536).startswith(b"HTTP/1.1 200 ")
        assert server.stop() < SOON


def test_a_body_that_stops_in_the_middle_is_given_up(tmp_path: Path) -> None:
    with (
        serving(tmp_path / "log", "tests.support.slow.Impatient") as server,
        half_a_body(server) as phone,
    ):
        begun = time.monotonic()
        assert phone.recv(1000) == b""
        assert time.monotonic() - begun < SOON


@pytest.mark.parametrize("sent", [b"", b"GET /0 HTTP/1.1\r\nHost: x\r\n"])
def test_a_connection_that_brings_no_whole_request_is_given_up(tmp_path: Path, sent: bytes) -> None:
    with serving(tmp_path / "log", "tests.support.slow.Impatient") as server:
        used = server.connect()
        assert ask(used, "/0") == (200, b"done\n")
        with socket.create_connection(("127.0.0.1", server.port), timeout=20) as phone:
            phone.sendall(sent)
            begun = time.monotonic()
            assert phone.recv(1000) == b""
            assert time.monotonic() - begun < SOON
        # A connection that has brought one may wait much longer for the next.
        assert used.sock is not None
        assert ask(used, "/0") == (200, b"done\n")
        assert "Traceback" not in server.log()


def test_who_stops_reading_an_answer_is_given_up_without_ado(tmp_path: Path) -> None:
    with serving(tmp_path / "log", "tests.support.slow.Impatient") as server:
        with socket.create_connection(("127.0.0.1", server.port), timeout=20) as phone:
            phone.sendall(b"GET /0?9000000 HTTP/1.1\r\nHost: x\r\n\r\n")
            until(lambda: "connection.lost" in server.log(), "its line", SOON)
        assert ask(server.connect(), "/0") == (200, b"done\n")
        assert "Traceback" not in server.log()


@contextmanager
def half_a_body(server: Server) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as phone:
        phone.sendall(b"POST /0.0 HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")
        server.await_begun("/0.0")
        yield phone
