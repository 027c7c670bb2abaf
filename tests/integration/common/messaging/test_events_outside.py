"""A subscriber that knows docs/subscribing.md and docs/asyncapi.json, and not our code."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator
from kombu import Connection

from services.common.clock import SystemClock
from services.common.context import SYSTEM
from services.common.contracts.bookings.events import CENTRE_HOURS_CHANGED
from services.common.events.event_log import EventLog
from services.common.events.outbox import Outbox
from services.common.ids import new_id
from services.common.messaging.publisher import ConfirmingPublisher
from services.common.messaging.relay import Relay
from services.common.messaging.topology import EVENTS
from services.common.storage.mongo import Database
from tests.architecture.project import ROOT
from tests.support.mongo import empty_database
from tests.support.stack import Server

DOCS = ROOT / "docs"
PAGE = (DOCS / "subscribing.md").read_text("utf-8")
DOCUMENT: dict[str, Any] = json.loads((DOCS / "asyncapi.json").read_text("utf-8"))
FIRST = "0" * 64
# What a careless writer of JSON gets wrong: escapes, order, characters beyond the first plane.
NAMES = ["Asia/Damascus", 'قاعة "أ"', "\u0001\b\t\n\u007f\\/", "💥\u202e\u2028", ""]


def canonical(event: dict[str, Any]) -> bytes:
    return json.dumps(event, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def chain(bodies: list[bytes]) -> list[str]:
    hashes = [FIRST]
    for body in bodies:
        hashes.append(hashlib.sha256(hashes[-1].encode() + body).hexdigest())
    return hashes[1:]


@pytest.fixture
def store(database: Server) -> Iterator[Database]:
    yield from empty_database(database.uri)


def tell(store: Database) -> None:
    outbox = Outbox(store, SystemClock(), new_id)
    for version, name in enumerate(NAMES, 1):
        data = {"centre_id": "raqqa", "version": version, "time_zone": name, "weekly_hours": {}}
        store.transact(
            lambda session, data=data: outbox.record(
                session,
                CENTRE_HOURS_CHANGED,
                subject="raqqa",
                version=data["version"],
                data=data,
                caller=SYSTEM,
            )
        )


def test_an_outsider_reads_checks_and_chains_what_is_told(store: Database, broker: Server) -> None:
    name = CENTRE_HOURS_CHANGED.name
    channel_of = DOCUMENT["channels"][name]
    exchange = channel_of["bindings"]["amqp"]["exchange"]
    publisher = ConfirmingPublisher(broker.uri, declare=[EVENTS])
    relay = Relay("bookings", store, publisher, holder="r")
    arrived: list[Any] = []
    with Connection(broker.uri) as connection:
        assert publisher.ensure_connected()
        channel = connection.channel()
        queue = channel.queue_declare(exclusive=True).queue
        channel.queue_bind(queue, exchange["name"], channel_of["address"])
        tell(store)
        assert relay.acquire_lease()
        assert relay.step() == len(NAMES)
        channel.basic_consume(queue, callback=arrived.append, no_ack=True)
        while len(arrived) < len(NAMES):
            connection.drain_events(timeout=10)
    relay.close()

    payload = DOCUMENT["components"]["messages"][name]["payload"]
    schema = Draft202012Validator(
        {**payload, "components": DOCUMENT["components"]}, validate_formats=True
    )
    events = [json.loads(message.body) for message in arrived]
    for message, event in zip(arrived, events, strict=True):
        assert message.properties["content_type"] == DOCUMENT["defaultContentType"]
        assert message.properties["message_id"] == event["id"]
        assert message.properties["delivery_mode"] == 2
        assert message.delivery_info["routing_key"] == event["type"] == name
        schema.validate(event)
        assert canonical(event) == _bytes(message)
    assert [event["sequence"] for event in events] == ["1", "2", "3", "4", "5"]
    assert [event["aggregateversion"] for event in events] == [1, 2, 3, 4, 5]
    last = chain([_bytes(message) for message in arrived])[-1]
    assert EventLog(store).verify() == (len(NAMES), last)


def _bytes(message: Any) -> bytes:
    body = message.body
    return body.encode() if isinstance(body, str) else bytes(body)


def test_the_hashes_that_the_page_shows_are_those_of_its_events() -> None:
    shown = re.findall(r"```(?:json|text)\n(.*?)\n```", PAGE, re.S)
    events, hashes = (block.split("\n") for block in shown)
    assert [canonical(json.loads(event)).decode() for event in events] == events
    assert chain([event.encode() for event in events]) == hashes
