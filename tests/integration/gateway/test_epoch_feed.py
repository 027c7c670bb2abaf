"""The gateway's feed of lost rights, whatever comes over it."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from pymongo.errors import OperationFailure

from deploy.local import rabbitmq
from gateway.app import build
from gateway.web.parts import Gateway
from services.common.clock import SystemClock
from services.common.context import Caller
from services.common.contracts.identity.events import ACCESS_REVOKED
from tests.support.awaiting import until
from tests.support.echoing import Wire, an_event
from tests.support.gateway import settings
from tests.support.stack import Server


@pytest.fixture
def stopped(broker: Server, database: Server, tmp_path: Path) -> Iterator[Gateway]:
    built = build(settings(tmp_path, database.uri, amqp_uri=broker.uri))
    yield built
    built.close()


@pytest.fixture
def gateway(stopped: Gateway) -> Gateway:
    stopped.epoch_feed.start()
    return stopped


@pytest.mark.parametrize(
    ("body", "properties"),
    [
        (b"zz", {"application_headers": {"compression": "application/x-gzip"}}),
        (zlib.compress(b"0" * 400_000_000), {"application_headers": {"compression": "gzip"}}),
        (b"x" * 200_000, {"content_encoding": "punycode"}),
        (b"[]", {}),
        (b"{}", {"correlation_id": b"\xff"}),
    ],
    ids=["not gzip", "bomb", "punycode", "no event", "no text"],
)
def test_what_cannot_be_read_holds_up_no_news_of_a_lost_right(
    gateway: Gateway, broker: Server, body: bytes, properties: dict[str, Any]
) -> None:
    feed = gateway.epoch_feed
    wire, user = Wire(broker.uri), urlsplit(broker.uri).username
    # Nobody of the store: only an event can bring it.
    lost = replace(an_event(ACCESS_REVOKED.name), subject="nobody", aggregate_version=7)

    def tell() -> bool:
        wire.publish(ACCESS_REVOKED.name, body, user_id=user, **properties)
        wire.publish(ACCESS_REVOKED.name, lost.encode(), user_id=user)
        return not feed._epochs.accepts(Caller(id="nobody", epoch=6))

    until(tell, "the news", every=0.2)
    (listener,) = (each for each in feed._threads if each.name == "epoch-feed")
    assert listener.is_alive()
    wire.close()


@pytest.mark.parametrize("named", [True, False], ids=["of another service", "without a name"])
def test_news_of_another_user_of_the_broker_locks_nobody_out(
    broker: Server, database: Server, tmp_path: Path, named: bool
) -> None:
    service_uri = rabbitmq.uri(broker.stack.settings, "gateway")
    built = build(settings(tmp_path, database.uri, amqp_uri=service_uri))
    forged = replace(an_event(ACCESS_REVOKED.name), subject="rana", aggregate_version=10**12)
    true = replace(forged, subject="nobody", aggregate_version=7)
    other = {"user_id": urlsplit(broker.uri).username} if named else {}
    try:
        built.epoch_feed.start()
        wire, own = Wire(broker.uri), Wire(service_uri)

        def tell() -> bool:
            wire.publish(ACCESS_REVOKED.name, forged.encode(), **other)
            own.publish(ACCESS_REVOKED.name, true.encode(), user_id="gateway")
            return not built.epoch_feed._epochs.accepts(Caller(id="nobody", epoch=6))

        until(tell, "the gateway's own news", every=0.2)
        assert built.epoch_feed._epochs.accepts(Caller(id="rana", epoch=6))
        wire.close()
        own.close()
    finally:
        built.close()


def test_a_question_that_fails_in_an_unforeseen_way_is_asked_again(
    stopped: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed, store = stopped.epoch_feed, stopped.epoch_feed._store
    ask, failed = store.raised_since, []

    def raised_since(since: datetime) -> dict[str, int]:
        if not failed:
            failed.append(since)
            raise OperationFailure("a fault that is no outage")
        return ask(since)

    monkeypatch.setattr(store, "raised_since", raised_since)
    monkeypatch.setattr(feed, "_listen", lambda: None)
    lost = Caller(id="somebody", epoch=0)
    stopped.database.transact(lambda s: store.raise_epochs(s, [lost.id], SystemClock().now()))
    feed.start()
    until(lambda: not feed._epochs.accepts(lost), "the lost right", every=0.1)
    assert failed
