"""What the door answers to bytes that no HTTP library would send, and what its log says of them.

The gateway is served as it always is; broker and database are away, and nothing here needs them.
"""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from deploy.local.settings import ROOT
from tests.support.awaiting import until
from tests.support.ports import free_port

SECRET = "SECRETTOKEN0123456789"
ARABIC = re.compile(r"[\u0600-\u06ff]")
SIGN_IN = (
    b"POST /v1/auth/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    b"Accept-Language: en\r\nTransfer-Encoding: chunked\r\n\r\n"
)
FORM = (
    b"POST /invitations/%b HTTP/1.1\r\nHost: x\r\nAccept-Language: en\r\n" % (b"a" * 64)
    + b"Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n"
)


class Live:
    """A gateway process."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._log = folder / "log"
        told = {
            "GATEWAY_BIND": f"127.0.0.1:{self.port}",
            "PUBLIC_URL": "https://door.example",
            "JWT_KEYS_DIR": str(folder / "keys"),
            "CURSOR_SECRET": "of this test",
            "AMQP_URI": "amqp://127.0.0.1:1//",
            "MONGO_URI": "mongodb://127.0.0.1:1/?replicaSet=none",
            "LOG_FORMAT": "json",
            "RATE_LIMIT": "0",
            "SIGN_IN_LIMIT": "0",
        }
        with self._log.open("wb") as file:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "gunicorn", "-c", "gateway/gunicorn.conf.py"),
                    "gateway.wsgi:app",
                ],
                cwd=ROOT,
                env={**os.environ, **told},
                stderr=file,
            )
        until(self._answers, "an answer", 20)

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=40)

    def send(self, sent: bytes) -> Answer:
        """Send bytes and nothing more; the first answer."""
        with closing(self.connect()) as client:
            client.sendall(sent)
            client.shutdown(socket.SHUT_WR)
            return Answer(b"".join(iter(lambda: client.recv(65536), b"")))

    def log(self) -> str:
        return self._log.read_text()

    def _answers(self) -> bool:
        assert self.process.poll() is None, self.log()
        try:
            return self.send(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").status > 0
        except OSError:
            return False


class Answer:
    """An answer as it came."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        head, _, rest = raw.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        self.status = int(first.split()[1])
        pairs = (line.partition(":") for line in lines)
        self.headers = {name.lower(): value.strip() for name, _, value in pairs}
        self.body = rest[: int(self.headers.get("content-length", "0"))]

    def problem(self) -> dict[str, Any]:
        assert self.headers["content-type"] == "application/problem+json", self.raw
        found: dict[str, Any] = json.loads(self.body)
        assert found["status"] == self.status
        assert found["type"] == f"https://door.example/problems/{found['code']}"
        assert found["trace_id"]
        return found


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    started = Live(tmp_path_factory.mktemp("live"))
    yield started
    started.process.terminate()
    started.process.wait(20)


# -- bodies in chunks --------------------------------------------------------------------------


BROKEN = [
    b"ZZ\r\n",
    b"\r\n{}",
    b"2;\r\r\n{}\r\n0\r\n\r\n",
    b"2; =\r\n{}\r\n0\r\n\r\n",
    b"2\r\n{}XX0\r\n\r\n",
    b"2\r\n{}\r\n0\r\nbad trailer\r\n\r\n",
    b"5\r\n{}",
    b"",
]


@pytest.mark.parametrize(
    ("version", "status"), [(b"HTTP/1.1", 400), (b"HTTP/1.0", 200)], ids=["1.1", "1.0"]
)
def test_from_http_1_1_on_a_request_names_its_host(live: Live, version: bytes, status: int) -> None:
    answer = live.send(b"GET /healthz %b\r\nAccept-Language: en\r\n\r\n" % version)
    assert answer.status == status
    if status == 400:
        assert answer.problem()["code"] == "malformed"
        assert answer.headers["content-language"] == "en"


@pytest.mark.parametrize("chunks", BROKEN)
def test_a_body_in_broken_chunks_cannot_be_read(live: Live, chunks: bytes) -> None:
    answer = live.send(SIGN_IN + chunks)
    assert (answer.status, answer.problem()["code"]) == (400, "malformed")
    assert answer.headers["content-language"] == "en"
    assert "Traceback" not in live.log()


@pytest.mark.parametrize("chunks", BROKEN)
def test_a_form_in_broken_chunks_is_told_on_the_page(live: Live, chunks: bytes) -> None:
    answer = live.send(FORM + chunks)
    assert (answer.status, answer.headers["content-language"]) == (400, "en")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "Traceback" not in live.log()


def test_a_body_that_ends_before_its_length_cannot_be_read(live: Live) -> None:
    body = b'{"grant_type": "refresh_token", "refresh_token": "x"}'
    sent = POST + b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" + body
    answer = live.send(sent % (len(body) + 1))
    assert (answer.status, answer.problem()["code"]) == (400, "malformed")


def chunked(body: bytes) -> bytes:
    pieces = [body[start : start + 8192] for start in range(0, len(body), 8192)]
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def test_a_body_in_chunks_has_the_same_limit_as_any_other(live: Live) -> None:
    limit = 64 * 1024
    longest = b"{}" + b" " * (limit - 2)
    assert live.send(SIGN_IN + chunked(longest)).problem()["code"] == "invalid"
    for size in (limit + 1, 4 * limit):
        answer = live.send(SIGN_IN + chunked(b"{}" + b" " * (size - 2)))
        assert (answer.status, answer.problem()["code"]) == (413, "body_too_large")


def test_whoever_sends_without_end_is_hung_up_on_and_holds_up_nobody(live: Live) -> None:
    """Faster than it is read: then reading never waits, and nobody else has a turn."""
    for head in (
        b"POST /nope HTTP/1.1\r\nHost: x\r\nContent-Length: 4000000000\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 4000000000\r\n\r\n",
        SIGN_IN.replace(b"Transfer-Encoding: chunked", b"Content-Length: 4000000000"),
    ):
        with closing(live.connect()) as client:
            client.sendall(head)
            ended = threading.Event()
            sender = threading.Thread(target=send_until_it_breaks, args=(client, ended))
            sender.start()
            began = time.monotonic()
            assert live.send(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").status == 200
            assert time.monotonic() - began < 2
            # One second for the answer to arrive, and no more.
            assert ended.wait(10)
            sender.join()


def send_until_it_breaks(client: socket.socket, ended: threading.Event) -> None:
    with suppress(OSError):
        while True:
            client.sendall(bytes(1024 * 1024))
    ended.set()


def test_what_is_left_of_a_refused_body_is_no_request(live: Live) -> None:
    body = GET + b"\r\n"
    refused = b"POST /nope HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body)
    answers = live.send(refused + body + GET + b"\r\n").raw
    assert answers.count(b"HTTP/1.1 ") == 2


@pytest.mark.parametrize("coding", [b"gzip, chunked", b"compress, chunked", b"br"])
def test_a_body_that_was_coded_before_it_was_cut_is_refused(live: Live, coding: bytes) -> None:
    answer = live.send(SIGN_IN.replace(b": chunked", b": " + coding) + b"2\r\n{}\r\n0\r\n\r\n")
    assert (answer.status, answer.problem()["code"]) == (501, "transfer_coding_unknown")


def test_a_head_that_is_refused_is_answered_with_a_head(live: Live) -> None:
    repeated = b"Authorization: a\r\nAuthorization: b\r\n\r\n"
    answer = live.send(b"HEAD /v1/me HTTP/1.1\r\nHost: x\r\n" + repeated)
    assert answer.status == 400
    assert answer.raw.endswith(b"\r\n\r\n")


# -- addresses ---------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [b"/v1//bookings", b"/v1/centres//", b"/v1//centres"])
def test_nobody_is_sent_to_the_host_that_a_request_names(live: Live, path: bytes) -> None:
    answer = live.send(b"GET %b HTTP/1.1\r\nHost: evil.example\r\n\r\n" % path)
    assert (answer.status, answer.problem()["code"]) == (404, "not_found")
    assert b"evil.example" not in answer.raw


@pytest.mark.parametrize("header", [b"SCRIPT_NAME", b"PATH_INFO"])
@pytest.mark.parametrize("value", [b"/elsewhere", b"/healthz"])
def test_no_header_says_where_the_application_is(live: Live, header: bytes, value: bytes) -> None:
    answer = live.send(b"GET /healthz HTTP/1.1\r\nHost: x\r\n%b: %b\r\n\r\n" % (header, value))
    assert answer.status == 200
    assert "Traceback" not in live.log()


# -- the log -----------------------------------------------------------------------------------


@pytest.mark.parametrize("link", ["invitations/%s", "calendars/%s.ics", "invitations/%s/reply"])
@pytest.mark.parametrize(
    "request_of",
    [
        "GET /v1/{} HTTP/1.1\r\nHost: x\r\n",
        "GET /v1/{}?token=%s HTTP/1.1\r\nHost: x\r\n",
        "GET /v1/{}/more HTTP/1.1\r\nHost: x\r\n",
        "GET //v1//{}/ HTTP/1.1\r\nHost: x\r\n",
        "GET /%76%31/{} HTTP/1.1\r\nHost: x\r\n",
        "DELETE /v1/{} HTTP/1.1\r\nHost: x\r\n",
        "GET /v1/{}?\xff HTTP/1.1\r\nHost: x\r\n",
        "GET /v1/{}\xff HTTP/1.1\r\nHost: x\r\n",
        "GET /v1/{} HTTP/1.1 more\r\nHost: x\r\n",
        "GET /v1/{} HTTP/9.1\r\nHost: x\r\n",
        "get;/v1/{} HTTP/1.1\r\nHost: x\r\n",
        "/v1/{}\r\nHost: x\r\n",
        "POST /v1/{} HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n",
        "POST /v1/{} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: /v1/{}\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nReferer /v1/{}\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nExpect: /v1/{}\r\n",
    ],
)
def test_no_secret_link_is_logged(live: Live, request_of: str, link: str) -> None:
    sent = request_of.replace("{}", link).replace("%s", SECRET) + "\r\n"
    before = live.log()
    assert live.send(sent.encode("latin-1")).status >= 400
    until(live.log, "a line", 5, enough=lambda log: len(log) > len(before))
    assert SECRET not in live.log().removeprefix(before)


# -- what gunicorn itself refuses --------------------------------------------------------------

HOST = b"Host: x\r\n"
GET = b"GET / HTTP/1.1\r\n" + HOST
POST = b"POST /v1/auth/token HTTP/1.1\r\n" + HOST


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        (b"MARK\r\n\r\n", 400, "malformed"),
        (b"GET /MARK\xff HTTP/1.1\r\n" + HOST + b"\r\n", 400, "malformed"),
        (b"GET / HTTP/9.MARK\r\n\r\n", 400, "malformed"),
        (b"<MARK> / HTTP/1.1\r\n\r\n", 400, "malformed"),
        (b"\x16\x03\x01MARK\r\n\r\n", 400, "malformed"),
        (GET + b"MARK\r\n\r\n", 400, "malformed"),
        (GET + b"M(ARK: MARK\r\n\r\n", 400, "malformed"),
        (GET + b"A: b\r\n MARK\r\n\r\n", 400, "malformed"),
        (POST + b"Content-Length: MARK\r\n\r\n", 400, "malformed"),
        (POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}", 400, "malformed"),
        (b"GET /" + b"MARK" * 3000 + b" HTTP/1.1\r\n\r\n", 414, "uri_too_long"),
        (GET + b"host: MARK\r\n\r\n", 400, "malformed"),
        (POST + b"If-Match: MARK\r\nif-match: MARK\r\n\r\n", 400, "header_repeated"),
        (POST + b"Authorization: Bearer MARK\r\n" * 2 + b"\r\n", 400, "header_repeated"),
        (POST + b"Idempotency-Key: MARK\r\n" * 2 + b"\r\n", 400, "header_repeated"),
        (GET + b"Expect: MARK\r\n\r\n", 417, "expectation_failed"),
        (GET + b"MARK: 1\r\n" * 100 + b"\r\n", 431, "headers_too_large"),
        (GET + b"A: " + b"MARK" * 30000 + b"\r\n\r\n", 431, "headers_too_large"),
        (POST + b"Transfer-Encoding: MARK\r\n\r\n", 501, "transfer_coding_unknown"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_problem_document(
    live: Live, sent: bytes, status: int, code: str
) -> None:
    before = live.log()
    answer = live.send(sent)
    problem = answer.problem()
    assert (answer.status, problem["code"]) == (status, code)
    assert answer.headers["connection"] == "close"
    assert answer.headers["content-language"] == "ar"
    assert ARABIC.search(problem["title"])
    assert ARABIC.search(problem["detail"])
    assert b"MARK" not in answer.raw
    until(live.log, "its line", 5, enough=lambda log: problem["trace_id"] in log)
    line = live.log().removeprefix(before)
    assert "MARK" not in line
    assert "Traceback" not in line


ENGLISH = b"accept-language: en\r\n"


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (POST + ENGLISH + b"Content-Length: -5\r\n\r\n", 400),
        (b"GET / HTTP/9.1\r\n" + ENGLISH + b"\r\n", 400),
        (b"<GET> / HTTP/1.1\r\n" + ENGLISH + b"\r\n", 400),
        (GET + b"broken\r\n" + ENGLISH + b"\r\n", 400),
        (GET + ENGLISH + b"broken\r\n\r\n", 400),
        (b"GET /" + b"a" * 12000 + b" HTTP/1.1\r\n" + ENGLISH + b"\r\n", 414),
        (GET + ENGLISH + b"Expect: more\r\n\r\n", 417),
        (GET + ENGLISH + b"A: 1\r\n" * 100 + b"\r\n", 431),
        (GET + b"A: 1\r\n" * 100 + ENGLISH + b"\r\n", 431),
        (GET + ENGLISH + b"A: " + b"a" * 30000 + b"\r\n\r\n", 431),
        (POST + ENGLISH + b"Transfer-Encoding: other\r\n\r\n", 501),
    ],
)
def test_a_refusal_is_in_the_language_of_the_caller_where_that_could_be_read(
    live: Live, sent: bytes, status: int
) -> None:
    answer = live.send(sent)
    assert (answer.status, answer.headers["content-language"]) == (status, "en")
    assert not ARABIC.search(answer.problem()["title"])
