"""The probe: /healthz, /readyz and /metrics of one process, from a real thread.

Under eventlet a server on the hub would fall silent exactly when it has something to say. This one
has a thread and sockets of its own; what must run on the hub (a ping of the database, reading the
metrics, whose locks are the application's) is handed over and waited for, with a bound.

==========  =====================================================================================
/healthz    200, or 503 with the reason: a loop of this process hangs. Restart it.
/readyz     200, or 503 with the reason: it lives, but lacks the broker or the database. Wait.
/metrics    Prometheus's text format.
==========  =====================================================================================
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from typing import Any

from prometheus_client import REGISTRY
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from services.common import logs
from services.common.runtime import native
from services.common.runtime.health import Health

_log = logs.get(__name__)

_HAND_OVER_SECONDS = 3.0
_REQUEST_SECONDS = 5.0
_REQUEST_BYTES = 8192

Answer = tuple[int, str, bytes]


class Jobs:
    """Work that the probe's thread hands to the application's own thread.

    The application calls :meth:`run_pending` often; ``spawn`` says how it runs a job aside, so that
    a slow one does not hold up the caller.
    """

    def __init__(self, spawn: Callable[[Callable[[], None]], Any]) -> None:
        self._spawn = spawn
        self._pending: deque[Callable[[], None]] = deque()
        self._threading: Any = native.module("threading")

    def run_pending(self) -> None:
        """Start every job that is waiting."""
        while self._pending:
            self._spawn(self._pending.popleft())

    def ask(self, question: Callable[[], Any]) -> Any:
        """From the probe's thread: the answer to ``question``.

        Raises:
            TimeoutError: if the application does not answer in time.
        """
        done = self._threading.Event()
        box: list[Any] = []

        def job() -> None:
            try:
                box.append(question())
            except Exception as exc:  # noqa: BLE001 - raised again on the asker's side
                box.append(exc)
            done.set()

        self._pending.append(job)
        if not done.wait(_HAND_OVER_SECONDS):
            raise TimeoutError(f"the application did not answer within {_HAND_OVER_SECONDS} s")
        if isinstance(box[0], Exception):
            raise box[0]
        return box[0]


class Probe:
    """The server.

    Args:
        health: what to report.
        jobs: the way to the application's thread.
        host, port: where to listen; port 0 takes a free one (see :attr:`port`).
    """

    def __init__(self, health: Health, jobs: Jobs, host: str, port: int) -> None:
        self._health = health
        self._jobs = jobs
        self._socket: Any = native.module("socket")
        self._threading: Any = native.module("threading")
        self._listener = self._socket.socket(self._socket.AF_INET, self._socket.SOCK_STREAM)
        self._listener.setsockopt(self._socket.SOL_SOCKET, self._socket.SO_REUSEADDR, 1)
        self._listener.bind((host, port))
        self._listener.listen(16)
        self.port: int = self._listener.getsockname()[1]

    def start(self) -> None:
        """Serve from a daemon thread."""
        self._threading.Thread(target=self._serve, name="probe", daemon=True).start()
        _log.info("probe.listens", port=self.port)

    def answer(self, path: str) -> Answer:
        """Status, content type and body for a path."""
        if path == "/healthz":
            return _verdict(self._health.stale())
        if path == "/readyz":
            return _verdict(self._ask(self._health.missing))
        if path == "/metrics":
            try:
                body: bytes = self._jobs.ask(lambda: generate_latest(REGISTRY))
            except Exception as exc:  # noqa: BLE001 - every error is the answer
                return _verdict(f"no metrics: {exc}")
            return 200, CONTENT_TYPE_LATEST, body
        return 404, "application/json", b'{"status": "no such path"}\n'

    def _ask(self, question: Callable[[], str | None]) -> str | None:
        try:
            answer: str | None = self._jobs.ask(question)
            return answer
        except Exception as exc:  # noqa: BLE001 - every error is the answer
            return f"{type(exc).__name__}: {exc}"

    def _serve(self) -> None:
        while True:
            client, _address = self._listener.accept()
            self._threading.Thread(target=self._one, args=(client,), daemon=True).start()

    def _one(self, client: Any) -> None:
        with client:
            client.settimeout(_REQUEST_SECONDS)
            try:
                request = b""
                while b"\r\n\r\n" not in request and len(request) < _REQUEST_BYTES:
                    received = client.recv(2048)
                    if not received:
                        return
                    request += received
                method, _, rest = request.partition(b" ")
                path = rest.partition(b" ")[0].partition(b"?")[0].decode("ascii", "replace")
                status, content_type, body = (
                    self.answer(path)
                    if method in (b"GET", b"HEAD")
                    else (405, "application/json", b'{"status": "GET only"}\n')
                )
                head = (
                    f"HTTP/1.1 {status} {_PHRASES[status]}\r\nContent-Type: {content_type}\r\n"
                    f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
                ).encode()
                client.sendall(head + (b"" if method == b"HEAD" else body))
            except OSError:
                # The asker has gone; the next one will ask again.
                return


_PHRASES = {200: "OK", 404: "Not Found", 405: "Method Not Allowed", 503: "Service Unavailable"}


def _verdict(problem: str | None) -> Answer:
    status, text = (200, "ok") if problem is None else (503, problem)
    return status, "application/json", json.dumps({"status": text}).encode() + b"\n"
