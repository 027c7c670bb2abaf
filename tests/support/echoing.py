"""Drive the echo service: start it, call it, send it events, and await what it did."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from amqp import Message
from amqp.exceptions import NotFound
from kombu import Connection

from services.common.events.envelope import CONTENT_TYPE, CloudEvent
from tests.support.awaiting import until
from tests.support.ports import free_port
from tests.support.stack import Server

SINGLE, BATCH = "echo-single.events.v1", "echo-batch.events.v1"
SEALED = "echo.sealed.events.v1"
#: Of a process's log, beside a failure.
LOG_SHOWN_CHARACTERS = 4_000


class Running:
    """One process of a deployable, and what it says of itself."""

    def __init__(
        self, folder: Path, uri: str, package: str, command: str, **environment: str
    ) -> None:
        self.log_path = folder / f"{command}-{uuid.uuid4().hex[:6]}.log"
        self.probe_port = free_port()
        self._log = self.log_path.open("wb")
        self.process = subprocess.Popen(
            [sys.executable, "-m", package, command],
            stdout=self._log,
            stderr=self._log,
            env={
                **os.environ,
                "AMQP_URI": uri,
                "MONGO_URI": "mongodb://127.0.0.1:1/",
                "PROBE_PORT": str(self.probe_port),
                "AMQP_HEARTBEAT": "4",
                "PYTHONWARNINGS": "ignore",
                **environment,
            },
        )

    def probe(self, path: str) -> tuple[int, str]:
        """Status and body of the probe; status 0 while nothing listens."""
        try:
            url = f"http://127.0.0.1:{self.probe_port}{path}"
            with urllib.request.urlopen(url, timeout=6) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError as error:
            return 0, str(error)

    def await_ready(self, seconds: float = 20) -> Self:
        def ready() -> bool:
            assert self.process.poll() is None, self.log()
            return self.probe("/readyz")[0] == 200

        until(ready, "readiness", seconds)
        return self

    def await_probe(self, path: str, status: int, seconds: float = 15) -> str:
        """Until the probe answers with this status; returns its body."""
        return until(
            lambda: self.probe(path),
            f"{status} at {path}",
            seconds,
            enough=lambda answer: answer[0] == status,
        )[1]

    def metric(self, name: str, **labels: str) -> float:
        """The value of one sample; 0 where there is none."""
        for line in self.probe("/metrics")[1].splitlines():
            head, _, value = line.rpartition(" ")
            if head.partition("{")[0] == name and all(
                f'{key}="{wanted}"' in head for key, wanted in labels.items()
            ):
                return float(value)
        return 0.0

    def await_metric(self, name: str, least: float = 1, seconds: float = 15, **labels: str) -> None:
        """Until a sample has reached a value."""
        try:
            until(
                lambda: self.metric(name, **labels),
                f"{least:g} of {name} {labels}",
                seconds,
                enough=lambda value: value >= least,
            )
        except AssertionError as error:
            # Says what the process did instead, or that it does not answer.
            samples = [each for each in self.probe("/metrics")[1].splitlines() if name in each]
            error.add_note("\n".join((*samples, self.log()[-LOG_SHOWN_CHARACTERS:])))
            raise

    def log(self) -> str:
        return self.log_path.read_text(errors="replace")

    def await_log(self, *texts: str, seconds: float = 15) -> None:
        """Until one of these is in the log; a process that has ended writes it no more."""

        def said(log: str) -> bool:
            return any(text in log for text in texts)

        def log() -> str:
            lives = self.process.poll() is None
            written = self.log()
            assert lives or said(written), written
            return written

        until(log, f"{' or '.join(texts)} in the log", seconds, enough=said)

    def terminate(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def wait(self, seconds: float = 30) -> int:
        return self.process.wait(seconds)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
            self.process.wait(10)
        self._log.close()


class Echo(Running):
    """One process of the echo service, and what it wrote down."""

    def __init__(self, folder: Path, uri: str, **environment: str) -> None:
        self.journal_path = folder / "journal"
        super().__init__(
            folder,
            uri,
            "tests.support.echo",
            "service",
            ECHO_JOURNAL=str(self.journal_path),
            **environment,
        )

    def journal(self, what: str | None = None, **values: Any) -> list[dict[str, Any]]:
        """What the service wrote down, the matching lines."""
        if not self.journal_path.exists():
            return []
        lines = map(json.loads, self.journal_path.read_text().splitlines())
        return [
            line
            for line in lines
            if what in (None, line["what"]) and values.items() <= line.items()
        ]

    def await_journal(
        self, what: str, seconds: float = 15, count: int = 1, **values: Any
    ) -> list[dict[str, Any]]:
        return until(
            lambda: self.journal(what, **values),
            f"{count} x {what} {values}",
            seconds,
            enough=lambda found: len(found) >= count,
        )


@contextmanager
def echo(folder: Path, uri: str, **environment: str) -> Iterator[Echo]:
    """A running, ready echo service."""
    process = Echo(folder, uri, **environment)
    try:
        yield process.await_ready()
    finally:
        process.close()


class Wire:
    """A connection that speaks AMQP as a caller, a publisher and a spectator."""

    def __init__(self, uri: str) -> None:
        self.connection = Connection(uri, connect_timeout=5)
        self.connection.connect()
        self.channel = self.connection.channel()
        self.channel.auto_decode = False
        self.publishing = self.connection.channel()
        self.replies: dict[str, dict[str, Any]] = {}
        self.channel.basic_consume("amq.rabbitmq.reply-to", no_ack=True, callback=self._on_reply)

    def _on_reply(self, message: Any) -> None:
        self.replies[message.properties["correlation_id"]] = json.loads(message.body)

    def request(
        self,
        method: str | bytes,
        request: Any = None,
        *,
        body: bytes | None = None,
        content_type: str = "application/json",
        reply: bool = True,
        headers: dict[str, Any] | None = None,
        properties: dict[str, Any] | None = None,
    ) -> str:
        """Send a request; returns its correlation id.

        Args:
            properties: in place of its own; bytes are sent as they are.
        """
        key = uuid.uuid4().hex
        if body is None:
            body = json.dumps(
                {"args": [request if request is not None else {}], "kwargs": {}}
            ).encode()
        message = Message(
            body,
            **{
                "content_type": content_type,
                "content_encoding": "utf-8",
                "correlation_id": key,
                "delivery_mode": 1,
                "application_headers": headers or {},
                **({"reply_to": "amq.rabbitmq.reply-to"} if reply else {}),
                **(properties or {}),
            },
        )
        name = method.encode() if isinstance(method, str) else method
        self.channel.basic_publish(message, exchange="nameko-rpc", routing_key=b"echo." + name)
        return key

    def reply(self, key: str, seconds: float = 10) -> dict[str, Any]:
        end = time.monotonic() + seconds
        while key not in self.replies:
            left = end - time.monotonic()
            assert left > 0, f"no reply within {seconds} s"
            self.connection.drain_events(timeout=left)
        return self.replies.pop(key)

    def call(self, method: str, request: Any = None, **more: Any) -> dict[str, Any]:
        return self.reply(self.request(method, request, **more))

    def publish(
        self,
        key: str,
        body: bytes,
        content_type: str = CONTENT_TYPE,
        exchange: str = "masaha.events",
        **properties: Any,
    ) -> None:
        """Publish a message, confirmed.

        Args:
            properties: in place of its own, as in :meth:`request`.
        """
        message = {"content_type": content_type, "content_encoding": "utf-8", "delivery_mode": 2}
        self.publishing.basic_publish_confirm(
            Message(body, **{**message, **properties}), exchange=exchange, routing_key=key
        )

    def take(self, queue: str) -> Any:
        """Take a message off a queue, as raw as it is."""
        raw = self.channel.basic_get(queue, no_ack=True)
        assert raw is not None, f"{queue} is empty"
        return raw

    def event(self, kind: str = "test.single.done", **data: Any) -> str:
        """Publish an event, confirmed; returns its id."""
        event = an_event(kind, **data)
        self.publish(kind, event.encode())
        return event.id

    def depth(self, queue: str) -> int:
        """Ready messages in a queue; -1 if there is none."""
        channel = self.connection.channel()
        try:
            declared = channel.queue_declare(queue, passive=True)
            return int(declared.message_count)
        except NotFound:
            return -1
        finally:
            if channel.connection is not None:
                channel.close()

    def await_depth(self, queue: str, count: int, seconds: float = 15) -> None:
        """Until so many messages are ready in a queue."""
        until(
            lambda: self.depth(queue),
            f"a depth of {count} in {queue}",
            seconds,
            enough=lambda depth: depth == count,
        )

    def consumers(self, queue: str) -> int:
        """How many consume from a queue; 0 if there is none."""
        channel = self.connection.channel()
        try:
            return int(channel.queue_declare(queue, passive=True).consumer_count)
        except NotFound:
            return 0
        finally:
            if channel.connection is not None:
                channel.close()

    def await_no_consumers(self, queue: str) -> None:
        """Until the broker has noticed the end of all that consumed from a queue."""
        until(
            lambda: self.consumers(queue),
            f"the end of the consumers of {queue}",
            enough=lambda count: count == 0,
        )

    def purge(self, *queues: str) -> None:
        """Empty queues whose consumers have ended, however lately.

        What a consumer had in hand when it was killed is in nobody's queue until the broker has
        noticed its end. Purged before that, it would come back, to the next consumer.
        """
        for queue in queues:
            self.await_no_consumers(queue)
            if self.depth(queue) > 0:
                self.channel.queue_purge(queue)

    @contextmanager
    def emptied(self, *queues: str) -> Iterator[None]:
        """Queues without what other tests on this broker left; emptied again at the end.

        A queue fills from the moment that a service has declared it, also when none consumes: what
        the tests of one branch publish waits for the next process of another.
        """
        self.purge(*queues)
        yield
        self.purge(*queues)

    def close(self) -> None:
        self.connection.collect()


def an_event(kind: str = "test.single.done", **data: Any) -> CloudEvent:
    return CloudEvent(
        id=str(uuid.uuid4()),
        source="/masaha/test",
        type=kind,
        subject="thing-1",
        time=datetime.now(UTC),
        dataschema=f"/schemas/{kind}/1",
        data=data,
        aggregate_version=1,
        actor_kind="system",
        sequence=1,
    )


def parking(uri: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the parking command."""
    return subprocess.run(
        [sys.executable, "-m", "services.common.messaging.parking", *arguments],
        env={**os.environ, "AMQP_URI": uri, "PYTHONWARNINGS": "ignore"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


@contextmanager
def frozen(server: Server) -> Iterator[None]:
    """The server takes connections and bytes, and does nothing, inside the block."""
    pid = server.stack.kill(server.name, signal.SIGSTOP)
    try:
        # The signal is on its way when it is sent: on a busy machine the server answers for a
        # while, 0.4 s once, because its threads stop only when one of them has had a turn.
        until(lambda: stands_still(pid), f"the standstill of {server.name}")
        yield
    finally:
        server.stack.kill(server.name, signal.SIGCONT)


def stands_still(pid: int) -> bool:
    """Whether every thread of a process is stopped (``T`` of proc(5))."""
    try:
        threads = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/stat")]
    except OSError:  # One that ends while it is looked at was not stopped.
        return False
    return all(thread.rpartition(")")[2].split()[0] == "T" for thread in threads)
