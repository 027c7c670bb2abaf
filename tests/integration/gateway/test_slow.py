"""Clients that send or read slowly hold up nobody else."""

from __future__ import annotations

import os
import select
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path

import pytest

from deploy.local.settings import ROOT
from deploy.local.supervision import raise_file_limit
from gateway.server.draining_worker import DrainingWorker
from tests.support.awaiting import until
from tests.support.ports import free_port

HEAD = b"POST /0 HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n"
GET = b"GET /0 HTTP/1.1\r\nHost: x\r\n\r\n"


class Server:
    """The gateway's own way of serving, around an application that is slow."""

    def __init__(self, log: Path, worker: str, **told: str) -> None:
        self.port = free_port()
        self.log = log
        words = ("-c", "gateway/gunicorn.conf.py", "--worker-class", worker)
        with log.open("wb") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", *words, "tests.support.slow:app"],
                cwd=ROOT,
                env={
                    **os.environ,
                    "AMQP_URI": "amqp://127.0.0.1:1//",
                    "MONGO_URI": "mongodb://127.0.0.1:1/",
                    "JWT_KEYS_DIR": str(log.parent),
                    "CURSOR_SECRET": "of this test",
                    "GATEWAY_BIND": f"127.0.0.1:{self.port}",
                    **told,
                },
                stdout=file,
                stderr=file,
            )
        until(self.answers, "an answer", 20)

    def connect(self, source: str = "127.0.0.1") -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), 20, (source, 0))

    def answers(self, source: str = "127.0.0.1") -> bool:
        assert self.process.poll() is None
        try:
            with self.connect(source) as phone:
                return asked(phone, GET).startswith(b"HTTP/1.1 200 ")
        except OSError:
            return False

    def await_begun(self, number: int) -> None:
        """Until so many requests were begun by the application."""
        until(lambda: self.log.read_text().count("begun") >= number, f"{number} requests", 30)


def asked(phone: socket.socket, request: bytes) -> bytes:
    phone.sendall(request)
    return phone.recv(65536)


def ended(phones: list[socket.socket]) -> int:
    """How many connections the server has closed."""
    watch = select.poll()
    for phone in phones:
        watch.register(phone, select.POLLIN)
    return len(watch.poll(0))


@contextmanager
def serving(folder: Path, worker: str = "Impatient", **told: str) -> Iterator[Server]:
    classes = {"Impatient": "tests.support.slow.Impatient"}
    server = Server(folder / "log", classes.get(worker, worker), **told)
    try:
        yield server
    finally:
        server.process.kill()
        server.process.wait(10)


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with the gateway's own bounds."""
    with serving(
        tmp_path_factory.mktemp("patient"), "gateway.server.draining_worker.DrainingWorker"
    ) as server:
        yield server


@pytest.mark.parametrize("sent", [b"", HEAD[:30], HEAD, HEAD + b"1"])
@pytest.mark.parametrize("addresses", [1, 250])
def test_a_thousand_slow_clients_hold_up_nobody(
    patient: Server, sent: bytes, addresses: int
) -> None:
    raise_file_limit()
    with ExitStack() as held:
        phones = []
        for number in range(1100):
            phone = held.enter_context(patient.connect(f"127.0.1.{number % addresses + 1}"))
            phone.sendall(sent)
            phones.append(phone)
        for source in ("127.0.0.1", "127.0.1.1"):
            begun = time.monotonic()
            assert patient.answers(source)
            # Long before any of them is given up for its slowness, even on a busy machine.
            assert time.monotonic() - begun < DrainingWorker.patience / 2
        if addresses == 1:
            until(lambda: ended(phones) >= 900, "the bound of one address", 10)


def test_the_address_with_most_connections_makes_room_first(patient: Server) -> None:
    raise_file_limit()
    with ExitStack() as held:
        quiet = [held.enter_context(patient.connect("127.0.2.1")) for _ in range(5)]
        assert all(asked(phone, GET).startswith(b"HTTP/1.1 200 ") for phone in quiet)
        for number in range(1100):
            held.enter_context(patient.connect(f"127.0.1.{number % 8 + 1}"))
        assert all(asked(phone, GET).startswith(b"HTTP/1.1 200 ") for phone in quiet)


def test_a_body_that_comes_byte_by_byte_is_given_up(tmp_path: Path) -> None:
    with serving(tmp_path) as server, server.connect() as phone:
        phone.sendall(HEAD)
        begun = time.monotonic()
        for _ in count():
            if select.select([phone], [], [], 0.3)[0]:
                break
            phone.sendall(b"x")
        assert time.monotonic() - begun < 4
        assert server.answers()
        assert "Traceback" not in server.log.read_text()


def test_who_reads_an_answer_bit_by_bit_is_given_up(tmp_path: Path) -> None:
    with serving(tmp_path) as server, server.connect() as phone:
        phone.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        phone.sendall(b"GET /0?9000000 HTTP/1.1\r\nHost: x\r\n\r\n")
        begun = time.monotonic()
        until(
            lambda: phone.recv(2000) and "connection.lost" in server.log.read_text(),
            "the end of the patience",
            10,
        )
        assert time.monotonic() - begun < 8


def test_an_address_whose_requests_are_all_at_work_gets_no_more_at_once(tmp_path: Path) -> None:
    with (
        serving(tmp_path, CONNECTIONS_PER_ADDRESS="2") as server,
        server.connect() as one,
        server.connect() as two,
        server.connect() as three,
        server.connect("127.0.0.2") as other,
    ):
        slow = b"GET /3 HTTP/1.1\r\nHost: x\r\n\r\n"
        one.sendall(slow)
        two.sendall(slow)
        server.await_begun(3)
        refused = asked(three, GET)
        assert refused.startswith(b"HTTP/1.1 429 ")
        assert b"\r\nRetry-After: 1\r\n" in refused
        assert b"too_many_connections" in refused
        assert asked(other, GET).startswith(b"HTTP/1.1 200 ")
        assert one.recv(1000).startswith(b"HTTP/1.1 200 ")


def test_behind_a_trusted_proxy_the_requests_of_an_address_are_counted(tmp_path: Path) -> None:
    def of(address: str, path: str) -> bytes:
        forwarded = f"spoofed, {address}"
        return f"GET {path} HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: {forwarded}\r\n\r\n".encode()

    with (
        serving(tmp_path, CONNECTIONS_PER_ADDRESS="2", TRUSTED_PROXIES="1") as server,
        ExitStack() as held,
    ):
        proxy = [held.enter_context(server.connect()) for _ in range(6)]
        for phone in proxy[:2]:
            phone.sendall(of("192.0.2.1", "/3"))
        server.await_begun(3)
        assert asked(proxy[2], of("192.0.2.1", "/0")).startswith(b"HTTP/1.1 429 ")
        assert asked(proxy[3], of("192.0.2.2", "/0")).startswith(b"HTTP/1.1 200 ")
        assert asked(proxy[3], of("192.0.2.3", "/0")).startswith(b"HTTP/1.1 200 ")
        assert proxy[0].recv(1000).startswith(b"HTTP/1.1 200 ")
        assert asked(proxy[0], of("192.0.2.1", "/0")).startswith(b"HTTP/1.1 200 ")
