"""Entrypoints that succeed, fail, hang or wait, as their request says.

What they do is written, one JSON line each, to the file that ``ECHO_JOURNAL`` names, so that a test
can await it and count it.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from typing import Any

import eventlet
from marshmallow import Schema, fields
from nameko.extensions import DependencyProvider

from services.common import errors
from services.common.contracts.bookings.rpc import CreateBooking
from services.common.events.envelope import CloudEvent
from services.common.messaging.providers import AppProvider, CallProvider
from services.common.messaging.rpc import rpc
from services.common.messaging.subscriber import subscribe
from services.common.messaging.topology import Delay, Topology

DELAYS = tuple(Delay(f"test.delay.{n}", n / 1000) for n in (100, 300, 600))
TOPOLOGY = Topology(delays=DELAYS)


class App:
    def __init__(self) -> None:
        self.closed = False

    def ping(self) -> None:
        """The database, were there one."""

    def close(self) -> None:
        journal("closed")


def build(_settings: Any) -> App:
    return App()


def journal(what: str, **values: Any) -> None:
    path = os.environ.get("ECHO_JOURNAL")
    if path:
        line = json.dumps({"what": what, "at": time.time(), "pid": os.getpid(), **values}) + "\n"
        with open(path, "a", encoding="utf-8") as file:  # noqa: PTH123
            file.write(line)


class Bomb(DependencyProvider):  # type: ignore[misc]
    """Ends the container from inside when ``ECHO_BOMB`` is set; with ``hang`` killing hangs too.

    With ``stop`` it lets it run, and fails when it is stopped.
    """

    def start(self) -> None:
        if os.environ.get("ECHO_BOMB") in ("die", "hang"):
            self.container.spawn_managed_thread(self._explode)

    def _explode(self) -> None:
        eventlet.sleep(1)  # Dies at work, not while it starts.
        raise RuntimeError("a managed thread died")

    def stop(self) -> None:
        if os.environ.get("ECHO_BOMB") == "stop":
            raise RuntimeError("a dependency failed to stop")

    def kill(self) -> None:
        if os.environ.get("ECHO_BOMB") == "hang":
            eventlet.sleep(3600)  # Hangs for as long as anybody could wait.


class Greeting(Schema):
    name = fields.String(required=True)
    when = fields.Nested(Schema.from_dict({"day": fields.Integer(required=True)}))


class Echo:
    name = "echo"

    app = AppProvider(build)
    call = CallProvider()
    bomb = Bomb()

    @rpc
    def echo(self, request: dict[str, Any]) -> dict[str, Any]:
        return request

    @rpc
    def who(self, _request: dict[str, Any]) -> dict[str, Any]:
        return {"caller": self.call.caller.id, "language": self.call.language}

    @rpc
    def greet(self, request: dict[str, Any]) -> dict[str, Any]:
        return {"hello": Greeting().load(request)["name"]}

    @rpc
    def book(self, request: dict[str, Any]) -> dict[str, Any]:
        return {"title": CreateBooking().load(request)["title"]}

    @rpc
    def fail(self, request: dict[str, Any]) -> None:
        match request["how"]:
            case "conflict":
                raise errors.Conflict("echo.taken", "it is taken", extra={"alternatives": [1, 2]})
            case "stale" | "not_found" | "invalid" | "forbidden" as kind:
                raise errors.KINDS[kind]()
            case "defect":
                raise RuntimeError("the secret inside")
            case "timeout":
                raise eventlet.Timeout(1)
            case "exit":
                raise SystemExit(3)
            case "not_json":
                return object()  # type: ignore[return-value]

    @rpc
    def work(self, request: dict[str, Any]) -> dict[str, Any]:
        journal("started", key=request["key"])
        eventlet.sleep(request.get("seconds", 0))  # Work that takes as long as the request says.
        journal("finished", key=request["key"])
        return {"done": request["key"]}

    @rpc
    def burn(self, request: dict[str, Any]) -> dict[str, Any]:
        """Hold the hub: no greenlet of this process turns."""
        journal("burning")
        end = time.monotonic() + request["seconds"]
        while time.monotonic() < end:
            pass
        return {"burnt": request["seconds"]}

    @subscribe(["test.single.#"], consumer="echo-single", topology=TOPOLOGY)
    def on_single(self, event: CloudEvent) -> None:
        _obey(event)

    @subscribe(["test.batch.#"], consumer="echo-batch", batch=20, linger_ms=50, topology=TOPOLOGY)
    def on_batch(self, events: Sequence[CloudEvent]) -> dict[str, Exception]:
        journal("batch", ids=[event.id for event in events])
        if any(event.data.get("do") == "fail" for event in events):
            raise RuntimeError("poison in the batch")
        if any(os.path.exists(event.data.get("path", "")) for event in events):  # noqa: PTH110
            raise errors.Unavailable(detail="the database, were there one")
        untaken = {event.id: reason for event in events if (reason := _left(event)) is not None}
        journal("batch-done", ids=[event.id for event in events if event.id not in untaken])
        return untaken

    @subscribe(["test.sealed.#"], consumer="echo", sealed=True)
    def on_sealed(self, event: CloudEvent) -> None:
        _obey(event)


def _left(event: CloudEvent) -> Exception | None:
    match event.data.get("do"):
        case "wait-while" if os.path.exists(event.data["file"]):  # noqa: PTH110
            return errors.NotYet("waits while the file is there")
        case "leave":
            return errors.Permanent("of no use to anybody")
    return None


def _obey(event: CloudEvent) -> None:
    journal("event", id=event.id, do=event.data.get("do"))
    match event.data.get("do"):
        case "fail":
            raise RuntimeError("told to fail")
        case "fail-while":
            if os.path.exists(event.data["path"]):  # noqa: PTH110
                raise RuntimeError("told to fail while the file is there")
        case "outage-while":
            if os.path.exists(event.data["path"]):  # noqa: PTH110
                raise errors.Unavailable(detail="the database, were there one")
        case "permanent":
            raise errors.Permanent("no retry can cure this")
        case "timeout":
            raise eventlet.Timeout(1)
        case "wait":
            eventlet.sleep(event.data["seconds"])  # Work that takes as long as the request says.
    journal("event-done", id=event.id)


SERVICE = Echo
