"""A request that the broker delivers again may have been done: its refusal is no definite answer.

A service that dies between its commit and its acknowledgement leaves the request with the broker,
which gives it to the next process. That one finds the change made, by the request itself, and
would refuse it: "stale", "not allowed now", "no such thing". The caller would take a change that
was made for one that was refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from gateway.remote.rpc import RpcClient
from services.common import errors
from services.common.context import Call
from tests.support.awaiting import until
from tests.support.echoing import Wire, echo
from tests.support.stack import Server

QUEUE = "rpc-echo"


@pytest.fixture
def wire(broker: Server, tmp_path: Path) -> Iterator[Wire]:
    """A caller; the service has been there, and is not now."""
    with echo(tmp_path, broker.uri):
        pass
    connection = Wire(broker.uri)
    connection.purge(QUEUE)
    yield connection
    connection.close()


def deliver_once_in_vain(wire: Wire) -> None:
    """Take the request from the queue and give it back, as a connection does that breaks."""

    def taken() -> Any:
        return wire.channel.basic_get(QUEUE)

    message = until(taken, "the request in the queue")
    wire.channel.basic_reject(message.delivery_tag, requeue=True)


@pytest.mark.parametrize("how", ["conflict", "stale", "not_found"])
def test_a_refusal_of_a_request_that_was_delivered_before_is_not_told_as_one(
    wire: Wire, broker: Server, tmp_path: Path, how: str
) -> None:
    key = wire.request("fail", {"how": how})
    deliver_once_in_vain(wire)
    with echo(tmp_path, broker.uri):
        error = errors.from_wire(wire.reply(key)["error"])
        assert isinstance(error, errors.Unavailable)
        assert error.extra["retry_after"] >= 1
        again = errors.from_wire(wire.call("fail", {"how": how})["error"])
        assert again.kind == how  # Asked again, it gets the true answer.


@pytest.mark.parametrize("how", ["invalid", "forbidden"])
def test_what_no_first_delivery_can_have_caused_is_told(
    wire: Wire, broker: Server, tmp_path: Path, how: str
) -> None:
    key = wire.request("fail", {"how": how})
    deliver_once_in_vain(wire)
    with echo(tmp_path, broker.uri):
        assert errors.from_wire(wire.reply(key)["error"]).kind == how


def test_a_result_of_a_request_that_was_delivered_before_is_told(
    wire: Wire, broker: Server, tmp_path: Path
) -> None:
    key = wire.request("echo", {"a": 1})
    deliver_once_in_vain(wire)
    with echo(tmp_path, broker.uri):
        assert wire.reply(key)["result"] == {"a": 1}


@pytest.mark.parametrize(("key", "kind"), [("of this request", "conflict"), (None, "unavailable")])
def test_the_gateway_sends_a_request_with_a_key_again_and_tells_the_truth(
    wire: Wire, broker: Server, tmp_path: Path, key: str | None, kind: str
) -> None:
    client = RpcClient(broker.uri, timeout=30)
    try:
        with ThreadPoolExecutor(1) as elsewhere:
            told = elsewhere.submit(
                client.call, "echo", "fail", {"how": "conflict"}, Call(idempotency_key=key)
            )
            deliver_once_in_vain(wire)
            with echo(tmp_path, broker.uri), pytest.raises(errors.MasahaError) as refused:
                told.result()
    finally:
        client.close()
    assert refused.value.kind == kind
    assert errors.DELIVERED_TWICE not in refused.value.extra
