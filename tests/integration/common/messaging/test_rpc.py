"""RPC as its callers see it: results, errors, poison, deadlines, stock nameko clients."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from nameko.exceptions import IncorrectSignature, MethodNotFound, RemoteError
from nameko.standalone.rpc import ClusterRpcProxy

from services.common import errors
from services.common.context import Call, Caller
from tests.support.echoing import Echo, Wire, echo, parking
from tests.support.gateway import MEMBER, a_door
from tests.support.stack import Server

PARKED = "rpc-echo.parked"


@pytest.fixture(scope="module")
def service(broker: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Echo]:
    with echo(tmp_path_factory.mktemp("echo"), broker.uri) as running:
        yield running


@pytest.fixture
def wire(broker: Server, service: Echo) -> Iterator[Wire]:
    connection = Wire(broker.uri)
    connection.purge(PARKED)
    yield connection
    connection.close()


def test_a_result_comes_back_by_direct_reply(wire: Wire) -> None:
    assert wire.call("echo", {"name": "مساحة"}) == {"result": {"name": "مساحة"}, "error": None}


def test_many_large_replies_at_once_come_whole(wire: Wire, service: Echo) -> None:
    # Larger than what a socket takes at once: each is written in parts, one after the other.
    large = "ب" * 1_000_000
    keys = [wire.request("echo", {"number": number, "large": large}) for number in range(24)]
    replies = [wire.reply(key)["result"] for key in keys]
    assert [reply["number"] for reply in replies] == list(range(24))
    assert all(reply["large"] == large for reply in replies)
    assert "settle.failed" not in service.log()
    assert wire.depth("rpc-echo") == 0


def test_a_stock_nameko_client_can_call(service: Echo, broker: Server) -> None:
    with ClusterRpcProxy({"AMQP_URI": broker.uri}, timeout=10) as services:
        assert services.echo.echo({"a": 1}) == {"a": 1}
        assert services.echo.who({})["caller"] == "visitor"
        with pytest.raises(RemoteError, match=r"Conflict echo\.taken"):
            services.echo.fail({"how": "conflict"})
        with pytest.raises(MethodNotFound):
            services.echo.no_such_method({})
        with pytest.raises(IncorrectSignature):
            services.echo.echo(1, 2)


def test_the_call_arrives_with_its_caller_and_language(wire: Wire) -> None:
    call = Call(caller=Caller(id="p-1", roles=frozenset({"manager"})), language="en")
    reply = wire.call("who", headers={"nameko.call": call.to_header()})
    assert reply["result"] == {"caller": "p-1", "language": "en"}


def test_a_told_error_keeps_its_code_and_data(wire: Wire) -> None:
    error = errors.from_wire(wire.call("fail", {"how": "conflict"})["error"])
    assert isinstance(error, errors.Conflict)
    assert (error.code, error.extra) == ("echo.taken", {"alternatives": [1, 2]})


def test_a_broken_schema_is_told_field_by_field(wire: Wire) -> None:
    request = {"when": {"day": "x"}, "other/one": 1}
    error = errors.from_wire(wire.call("greet", request)["error"])
    assert isinstance(error, errors.Invalid)
    assert {(e.pointer, e.code) for e in error.errors} == {
        ("/name", "required"),
        ("/when/day", "type"),
        ("/other~1one", "unknown"),
    }


@pytest.mark.parametrize(
    "changed",
    [
        {"people": "ten"},
        {"people": 0},
        {"people": 10**30},
        {"title": 5},
        {"title": "x" * 5000},
        {"title": "a\u202eb"},
        {"title": None},
        {"starts_at": "tomorrow"},
        {"purpose": "x"},
        {"equipment": {"laptop": 1}},
        {"equipment": [{"equipment_id": "a b", "quantity": "1"}]},
        {"x" * 300: 1, "a/b~": 1},
        {},
    ],
    ids=str,
)
def test_a_fault_has_one_code_over_rpc_and_over_http(
    changed: dict[str, Any], wire: Wire, tmp_path: Path
) -> None:
    body = {"space_id": "hall", "organisation_id": "hope", "purpose": "meeting"} | changed
    error = errors.from_wire(wire.call("book", body)["error"])
    with a_door(tmp_path) as door:
        problem = door("POST", "/v1/bookings", MEMBER, json=body, key="k").json
    assert isinstance(error, errors.Invalid)
    assert problem["code"] == error.code
    assert {(each["pointer"], each["code"]) for each in problem["errors"]} == {
        (each.pointer, each.code) for each in error.errors
    }
    assert all(each.code != "invalid" for each in error.errors)


def test_a_defect_tells_nothing_of_its_inside_and_is_logged(wire: Wire, service: Echo) -> None:
    error = wire.call("fail", {"how": "defect"})["error"]
    assert errors.from_wire(error).code == "internal"
    assert "secret" not in json.dumps(error)
    assert "the secret inside" in service.log()


def test_a_told_error_is_logged_in_one_line_without_a_traceback(wire: Wire, service: Echo) -> None:
    wire.call("fail", {"how": "conflict"})
    lines = [json.loads(line) for line in service.log().splitlines() if "rpc.refused" in line]
    assert lines[-1]["level"] == "info"
    assert lines[-1]["code"] == "echo.taken"
    assert lines[-1]["method"] == "fail"
    assert "exception" not in lines[-1]


@pytest.mark.parametrize("how", ["timeout", "exit"])
def test_what_is_no_exception_ends_a_call_but_not_the_service(wire: Wire, how: str) -> None:
    # More often than there are workers: each one that leaked would stall the queue for good.
    for _ in range(12):
        assert errors.from_wire(wire.call("fail", {"how": how})["error"]).code == "internal"
    assert wire.call("echo", {"still": "here"})["result"] == {"still": "here"}


def test_a_result_that_is_no_json_is_a_defect(wire: Wire) -> None:
    assert errors.from_wire(wire.call("fail", {"how": "not_json"})["error"]).code == "internal"


@pytest.mark.parametrize(
    "poison",
    [
        {"reply": False},
        {"content_type": "application/x-python-serialize"},
        {"body": b"{not json"},
        {"body": b'{"args": 1}'},
        {"body": b"[]"},
        {"headers": {"nameko.call": "{not json"}},
        {"headers": {"nameko.deadline": "soon"}},
        {"headers": {"nameko.deadline": "nan"}},
    ],
    ids=[
        "no reply_to",
        "content type",
        "not json",
        "no kwargs",
        "list",
        "context",
        "deadline",
        "no number",
    ],
)
def test_poison_is_parked_its_caller_told_and_the_service_lives(
    wire: Wire, service: Echo, poison: dict[str, object]
) -> None:
    key = wire.request("echo", {}, **poison)  # type: ignore[arg-type]
    wire.await_depth(PARKED, 1)
    if poison.get("reply", True):
        assert errors.from_wire(wire.reply(key)["error"]).code == "malformed"
    assert wire.call("echo", {"still": "here"})["result"] == {"still": "here"}
    assert service.process.poll() is None
    assert wire.depth("rpc-echo") == 0


@pytest.mark.parametrize(
    "properties",
    [
        {"correlation_id": b"\xff"},
        {"message_id": b"a\xc3"},
        {"content_type": b"\x80"},
        {"type": b"\xff", "app_id": b"\xff"},
    ],
    ids=" ".join,
)
def test_properties_that_cannot_be_read_are_poison_and_end_nothing(
    wire: Wire, service: Echo, properties: dict[str, object]
) -> None:
    wire.request("echo", {}, properties=properties)
    wire.await_depth(PARKED, 1)
    assert wire.call("echo", {"still": "here"})["result"] == {"still": "here"}
    assert service.process.poll() is None
    assert "broker.away" not in service.log()
    assert wire.depth("rpc-echo") == 0


def test_headers_that_are_no_text_are_nobodys_business(wire: Wire) -> None:
    odd = {b"\xff": 1, "a": b"\xff"}
    assert wire.call("echo", {"still": "here"}, headers=odd)["result"] == {"still": "here"}


def test_a_routing_key_that_is_no_text_names_no_method(wire: Wire, service: Echo) -> None:
    key = wire.request(b"\xff\xfe", {})
    assert wire.reply(key)["error"]["exc_type"] == "MethodNotFound"
    assert wire.call("echo", {"still": "here"})["result"] == {"still": "here"}
    assert service.process.poll() is None


def test_parked_poison_says_why_and_what_method_it_called(wire: Wire, broker: Server) -> None:
    wire.request("echo", {}, reply=False)
    wire.await_depth(PARKED, 1)
    listed = parking(broker.uri, "list", "rpc-echo")
    assert "1 parked" in listed.stdout
    assert "echo.echo  poison" in listed.stdout
    assert "MalformedRequest: no reply_to" in listed.stdout


def test_a_request_past_its_deadline_is_not_run(wire: Wire, service: Echo) -> None:
    before = service.metric("masaha_rpc_calls_total", method="work", outcome="expired")
    late = {"nameko.deadline": str(time.time() - 1)}
    wire.request("work", {"key": "ghost"}, headers=late)
    service.await_metric("masaha_rpc_calls_total", before + 1, method="work", outcome="expired")
    assert wire.call("work", {"key": "live"}, headers={"nameko.deadline": str(time.time() + 9)})
    assert not service.journal("started", key="ghost")


def test_calls_are_counted_and_timed_by_method_and_outcome(wire: Wire, service: Echo) -> None:
    name = "masaha_rpc_calls_total"
    ok = service.metric(name, method="echo", outcome="ok")
    wire.call("echo", {})
    assert service.metric(name, method="echo", outcome="ok") == ok + 1
    assert service.metric("masaha_rpc_seconds_count", method="echo") >= ok + 1
