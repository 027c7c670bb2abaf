"""Messages that cannot be read, on every kind of queue: parked once, unchanged, and in bounds."""

from __future__ import annotations

import bz2
import hashlib
import lzma
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from services.common import errors
from services.common.events.envelope import CONTENT_TYPE
from services.common.messaging.lenient_decoding import LARGEST_BODY
from tests.support.awaiting import until
from tests.support.echoing import BATCH, SINGLE, Echo, Wire, an_event, echo, parking
from tests.support.stack import Server

RPC = "rpc-echo"
QUEUES = (RPC, SINGLE, BATCH)
CALL = orjson.dumps({"args": [{}], "kwargs": {}})
# More than half of this is for the broker and for what Python does not give back.
MOST_KILOBYTES = 700_000


@pytest.fixture(scope="module")
def service(broker: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Echo]:
    with echo(tmp_path_factory.mktemp("echo"), broker.uri) as running:
        yield running


@pytest.fixture
def wire(broker: Server, service: Echo) -> Iterator[Wire]:
    connection = Wire(broker.uri)
    for queue in QUEUES:
        connection.channel.queue_purge(f"{queue}.parked")
    yield connection
    connection.close()


def kind(queue: str) -> str:
    return "test.single.x" if queue == SINGLE else "test.batch.x"


def put(wire: Wire, queue: str, body: bytes, **properties: Any) -> str | None:
    """Send a message to a queue in the way of its kind; returns a call's correlation id."""
    if queue == RPC:
        content_type = properties.pop("content_type", "application/json")
        return wire.request("echo", body=body, content_type=content_type, properties=properties)
    wire.publish(kind(queue), body, properties.pop("content_type", CONTENT_TYPE), **properties)
    return None


def sound(queue: str) -> bytes:
    return CALL if queue == RPC else an_event(kind(queue)).encode()


def parked(wire: Wire, service: Echo, queue: str) -> Any:
    """The one message that was parked, and nothing else happened."""
    wire.await_depth(f"{queue}.parked", 1)
    raw = wire.take(f"{queue}.parked")
    assert wire.call("echo", {"still": "here"})["result"] == {"still": "here"}
    event = wire.event("test.batch.done" if queue == BATCH else "test.single.done")
    if queue == BATCH:
        until(
            lambda: [i for line in service.journal("batch-done") for i in line["ids"]],
            "the next event",
            enough=lambda done: event in done,
        )
    else:
        service.await_journal("event-done", id=event)
    assert service.process.poll() is None
    assert wire.depth(queue) == 0
    assert wire.depth(f"{queue}.parked") == 0
    assert "broker.away" not in service.log()
    return raw


def body_of(raw: Any) -> bytes:
    return raw.body.encode() if isinstance(raw.body, str) else bytes(raw.body)


@pytest.mark.parametrize("queue", QUEUES)
@pytest.mark.parametrize(
    ("body", "compression"),
    [
        (b"zz", "application/x-gzip"),
        (b"zz", "application/x-bz2"),
        (b"zz", "xz"),
        (b"zz", "application/zstd"),
        (b"zz", "no such thing"),
        (b"", "gzip"),
        (zlib.compress(CALL)[:-3], "gzip"),
        (CALL, 7),
        (CALL, {"a": ["b"]}),
        (CALL, b"\xff"),
        (zlib.compress(b"0" * 400_000_000), "gzip"),
        (bz2.compress(b"0" * 100_000_000), "bzip2"),
        (lzma.compress(b"0" * 100_000_000), "lzma"),
    ],
    ids=[
        "not gzip",
        "not bz2",
        "not xz",
        "zstd",
        "unknown",
        "empty",
        "broken off",
        "number",
        "table",
        "no text",
        "bomb",
        "bz2 bomb",
        "xz bomb",
    ],
)
def test_what_does_not_unpack_is_parked_as_it_came(
    wire: Wire, service: Echo, queue: str, body: bytes, compression: Any
) -> None:
    put(wire, queue, body, application_headers={"compression": compression, "mine": "kept"})
    raw = parked(wire, service, queue)
    assert body_of(raw) == body
    assert raw.headers["compression"] in (compression, "\\xff")
    assert raw.headers["mine"] == "kept"
    assert peak_kilobytes(service) < MOST_KILOBYTES


def peak_kilobytes(service: Echo) -> int:
    status = Path(f"/proc/{service.process.pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])


@pytest.mark.parametrize(
    ("pack", "name"),
    [(zlib.compress, "application/x-gzip"), (bz2.compress, "bzip2"), (lzma.compress, "xz")],
)
def test_what_unpacks_within_bounds_is_read(
    wire: Wire, service: Echo, pack: Any, name: str
) -> None:
    key = put(wire, RPC, pack(CALL), application_headers={"compression": name})
    assert key is not None
    assert wire.reply(key)["result"] == {}
    event = an_event("test.single.done")
    put(wire, SINGLE, pack(event.encode()), application_headers={"compression": name})
    service.await_journal("event-done", id=event.id)


@pytest.mark.parametrize("queue", QUEUES)
@pytest.mark.parametrize(
    "properties",
    [
        {"content_encoding": "no such charset"},
        {"content_encoding": "punycode"},
        {"content_encoding": "zlib"},
        {"content_encoding": "utf-16"},
        {"content_type": "text/plain"},
        {"content_type": ""},
        {"correlation_id": b"\xed\xa0\x80"},
        {"application_headers": {"x-masaha-attempt": "many"}, "content_type": "a/b"},
    ],
    ids=str,
)
def test_odd_properties_are_parked_with_the_body_as_it_came(
    wire: Wire, service: Echo, queue: str, properties: dict[str, Any]
) -> None:
    body = sound(queue)
    put(wire, queue, body, **properties)
    assert body_of(parked(wire, service, queue)) == body


@pytest.mark.parametrize("queue", QUEUES)
def test_an_empty_body_of_an_unknown_charset_is_parked(
    wire: Wire, service: Echo, queue: str
) -> None:
    put(wire, queue, b"", content_encoding="no such charset")
    assert body_of(parked(wire, service, queue)) == b""


@pytest.mark.parametrize("queue", QUEUES)
def test_headers_that_fill_their_frame_are_named_where_they_cannot_be_kept(
    wire: Wire, service: Echo, queue: str
) -> None:
    put(wire, queue, b"{", application_headers={"huge": "x" * 130_000})
    raw = parked(wire, service, queue)
    assert body_of(raw) == b"{"
    assert "huge" not in raw.headers
    assert raw.headers["x-masaha-headers-dropped"].endswith(" bytes")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("nameko.call_id_stack", 5),
        ("nameko.call_id_stack", [1]),
        ("nameko.call", '{"caller": {"id": "a"}, "traceparent": {}}'),
        ("nameko.call", '{"caller": {"id": "a"}, "idempotency_key": [1]}'),
        ("nameko.call", b"\xff"),
        ("nameko.call", [1]),
        ("nameko.deadline", {"a": 1}),
    ],
)
def test_a_call_whose_context_is_odd_is_poison(
    wire: Wire, service: Echo, name: str, value: Any
) -> None:
    key = wire.request("echo", {}, headers={name: value})
    assert errors.from_wire(wire.reply(key)["error"]).code == "malformed"
    parked(wire, service, RPC)


@pytest.mark.parametrize("queue", [SINGLE, BATCH])
@pytest.mark.parametrize(
    "odd",
    [
        {"id": "x" * 256},
        {"id": "م" * 128},
        {"traceparent": {"a": 1}},
        {"traceparent": 7},
        {"aggregateversion": "many"},
        {"data": [[1]]},
    ],
    ids=lambda odd: next(iter(odd)),
)
def test_an_envelope_that_cannot_be_used_is_parked(
    wire: Wire, service: Echo, queue: str, odd: dict[str, Any]
) -> None:
    body = orjson.dumps({**an_event(kind(queue)).to_wire(), **odd})
    put(wire, queue, body)
    assert body_of(parked(wire, service, queue)) == body


@pytest.mark.parametrize("queue", QUEUES)
def test_of_a_body_that_is_too_large_size_and_hash_are_parked(
    wire: Wire, service: Echo, broker: Server, queue: str
) -> None:
    body = b"0" * (70 * 1024 * 1024)
    put(wire, queue, body, application_headers={"mine": "kept"})
    wire.await_depth(f"{queue}.parked", 1, seconds=30)
    listed = parking(broker.uri, "list", queue).stdout
    assert "the body is too large: 73400320 bytes" in listed
    replayed = parking(broker.uri, "replay", queue, "--all")
    assert replayed.returncode == 1
    assert "cannot be replayed" in replayed.stderr
    raw = parked(wire, service, queue)
    assert body_of(raw) == b""
    assert raw.headers["x-masaha-body-size"] == len(body)
    assert raw.headers["x-masaha-body-sha256"] == hashlib.sha256(body).hexdigest()
    assert raw.headers["mine"] == "kept"
    assert peak_kilobytes(service) < MOST_KILOBYTES


def test_many_large_messages_are_parked_one_after_the_other(wire: Wire, service: Echo) -> None:
    body = b"0" * (LARGEST_BODY - 1)
    for _ in range(6):
        put(wire, RPC, body, content_type="a/b")
    wire.await_depth(f"{RPC}.parked", 6, seconds=60)
    assert {len(wire.take(f"{RPC}.parked").body) for _ in range(6)} == {len(body)}
    assert "broker.lost" not in service.log()


def test_parked_messages_are_shown_and_replayed_as_they_came(
    wire: Wire, service: Echo, broker: Server
) -> None:
    odd = {b"\xff": 1, "a": b"\xff", "compression": "gzip"}
    put(wire, SINGLE, b"zz", application_headers=odd, message_id="odd-one")
    wire.await_depth(f"{SINGLE}.parked", 1)
    shown = parking(broker.uri, "show", SINGLE, "--id", "odd-one")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "'zz'" in shown.stdout
    replayed = parking(broker.uri, "replay", SINGLE, "--id", "odd-one")
    assert (replayed.returncode, replayed.stderr) == (0, "")
    assert body_of(parked(wire, service, SINGLE)) == b"zz"
