"""Subscribers: retried with delays, then parked, never lost; alone and in batches."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.common.events.envelope import CloudEvent
from tests.support.awaiting import until
from tests.support.echo.service import DELAYS
from tests.support.echoing import BATCH, SEALED, SINGLE, Echo, Wire, an_event, echo, parking
from tests.support.stack import Server


@pytest.fixture(scope="module")
def service(broker: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Echo]:
    with echo(tmp_path_factory.mktemp("echo"), broker.uri) as running:
        yield running


@pytest.fixture
def wire(broker: Server, service: Echo) -> Iterator[Wire]:
    connection = Wire(broker.uri)
    connection.purge(f"{SINGLE}.parked", f"{BATCH}.parked")
    yield connection
    connection.close()


def test_an_event_is_handled_once(wire: Wire, service: Echo) -> None:
    event = wire.event()
    service.await_journal("event-done", id=event)
    assert len(service.journal("event", id=event)) == 1
    service.await_metric("masaha_event_lag_seconds_count", consumer="echo-single")


def test_a_failing_event_waits_each_delay_in_turn_and_is_then_parked(
    wire: Wire, service: Echo
) -> None:
    event = wire.event(do="fail")
    wire.await_depth(f"{SINGLE}.parked", 1)
    attempts = [line["at"] for line in service.journal("event", id=event)]
    assert len(attempts) == 1 + len(DELAYS)
    waits = [later - earlier for earlier, later in itertools.pairwise(attempts)]
    for wait, delay in zip(waits, DELAYS, strict=True):
        assert wait >= delay.seconds
    assert wire.depth(SINGLE) == 0


def test_an_outage_parks_nothing_however_long_it_lasts(
    wire: Wire, service: Echo, tmp_path: Path
) -> None:
    outage = tmp_path / "outage"
    outage.touch()
    event = wire.event(do="outage-while", path=str(outage))
    # More attempts than there are delays: an event that fails by itself would be parked by now.
    service.await_journal("event", id=event, count=len(DELAYS) + 3)
    outage.unlink()
    service.await_journal("event-done", id=event)
    assert wire.depth(f"{SINGLE}.parked") == 0


def test_a_batch_that_meets_an_outage_is_not_done_again_one_by_one(
    wire: Wire, service: Echo, tmp_path: Path
) -> None:
    def delayed() -> float:
        name = "masaha_events_consumed_total"
        return service.metric(name, consumer="echo-batch", outcome="delayed")

    def attempts(what: str) -> int:
        return sum(len(sent & {*line["ids"]}) for line in service.journal(what))

    outage = tmp_path / "outage"
    outage.touch()
    before = delayed()
    sent = {wire.event("test.batch.done", path=str(outage)) for _ in range(5)}
    until(delayed, "waiting", enough=lambda n: n - before >= 3 * len(sent))
    outage.unlink()
    until(lambda: attempts("batch-done"), "the end of the outage", enough=lambda n: n == len(sent))
    # Each attempt ended in one delay: had it been tried alone as well, there would be more.
    assert attempts("batch") == delayed() - before + len(sent)
    assert wire.depth(f"{BATCH}.parked") == 0


def test_a_parked_event_says_why_and_can_be_shown_and_replayed(
    wire: Wire, service: Echo, broker: Server, tmp_path: Path
) -> None:
    obstacle = tmp_path / "obstacle"
    obstacle.touch()
    event = wire.event(do="fail-while", path=str(obstacle))
    wire.await_depth(f"{SINGLE}.parked", 1)

    listed = parking(broker.uri, "list", SINGLE).stdout
    assert event in listed
    assert "attempts exhausted  after 4 attempts" in listed
    assert "RuntimeError: told to fail while the file is there" in listed
    shown = parking(broker.uri, "show", SINGLE, "--id", event)
    assert shown.returncode == 0
    assert '"type": "test.single.done"' in shown.stdout

    obstacle.unlink()
    replayed = parking(broker.uri, "replay", SINGLE, "--id", event)
    assert (replayed.returncode, replayed.stderr) == (0, "")
    service.await_journal("event-done", id=event)
    assert wire.depth(f"{SINGLE}.parked") == 0


def test_a_replayed_event_has_all_its_attempts_again(
    wire: Wire, service: Echo, broker: Server
) -> None:
    event = wire.event(do="fail")
    wire.await_depth(f"{SINGLE}.parked", 1)
    parking(broker.uri, "replay", SINGLE, "--all")
    service.await_journal("event", count=2 * (1 + len(DELAYS)), id=event)
    wire.await_depth(f"{SINGLE}.parked", 1)


def test_only_the_chosen_message_is_discarded(wire: Wire, broker: Server) -> None:
    kept, gone = wire.event(do="permanent"), wire.event(do="permanent")
    wire.await_depth(f"{SINGLE}.parked", 2)
    assert parking(broker.uri, "discard", SINGLE, "--id", gone).returncode == 0
    assert kept in parking(broker.uri, "list", SINGLE).stdout
    assert parking(broker.uri, "discard", SINGLE, "--id", gone).returncode == 1


def test_parking_command_says_what_is_wrong(broker: Server) -> None:
    assert "no queue nobody.parked" in parking(broker.uri, "list", "nobody").stderr
    assert parking(broker.uri, "replay", SINGLE).returncode == 2
    assert parking("amqp://127.0.0.1:1/", "list", SINGLE).returncode == 1


def test_a_permanent_failure_is_parked_at_once(wire: Wire, service: Echo) -> None:
    event = wire.event(do="permanent")
    wire.await_depth(f"{SINGLE}.parked", 1)
    assert len(service.journal("event", id=event)) == 1


def test_a_timeout_of_eventlet_is_a_failure_like_any_other(wire: Wire, service: Echo) -> None:
    event = wire.event(do="timeout")
    service.await_journal("event", count=2, id=event)


@pytest.mark.parametrize(
    ("do", "queue"), [("fail", "echo.sealed.delay.5s"), ("permanent", f"{SEALED}.parked")]
)
def test_of_sealed_news_that_fails_only_the_class_of_the_exception_is_noted(
    wire: Wire, service: Echo, do: str, queue: str
) -> None:
    event = an_event("test.sealed.done", do=do)
    wire.publish(event.type, event.encode(), exchange="masaha.sealed")
    wire.await_depth(queue, 1)
    message = wire.take(queue)
    assert CloudEvent.decode(message.body).id == event.id
    headers = message.headers
    assert headers["x-masaha-exception"].endswith(("RuntimeError", "Permanent"))
    assert headers["x-masaha-message"] == ""
    lines = [line for line in service.log().splitlines() if event.id in line]
    assert lines
    assert not [line for line in lines if "told to fail" in line or "no retry" in line]


def test_sealed_news_is_taken_from_an_exchange_of_its_own(wire: Wire, service: Echo) -> None:
    event = an_event("test.sealed.done")
    wire.publish(event.type, event.encode(), exchange="masaha.sealed")
    service.await_journal("event-done", id=event.id)
    assert wire.depth(SEALED) == 0


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"{not json", "application/cloudevents+json"),
        (b'{"specversion": "1.0"}', "application/cloudevents+json"),
        (b"[1, 2]", "application/cloudevents+json"),
        (b"\xff\xfe", "application/cloudevents+json"),
        (an_event().encode(), "application/x-python-serialize"),
    ],
    ids=["not json", "no event", "list", "not utf-8", "content type"],
)
@pytest.mark.parametrize("queue", [SINGLE, BATCH])
def test_what_is_no_event_is_parked_unchanged(
    wire: Wire, service: Echo, broker: Server, queue: str, body: bytes, content_type: str
) -> None:
    wire.publish("test.single.x" if queue == SINGLE else "test.batch.x", body, content_type)
    wire.await_depth(f"{queue}.parked", 1)
    raw = wire.channel.basic_get(f"{queue}.parked")
    assert (raw.body.encode() if isinstance(raw.body, str) else raw.body) == body
    assert raw.properties["application_headers"]["x-masaha-reason"] == "undecodable"
    wire.channel.basic_ack(raw.delivery_tag)
    event = wire.event()
    service.await_journal("event-done", id=event)


def test_a_failure_holds_up_no_other_event(wire: Wire, service: Echo) -> None:
    wire.event(do="fail")
    events = [wire.event() for _ in range(50)]
    for event in events:
        service.await_journal("event-done", id=event, seconds=5)


def test_a_batch_keeps_the_order_of_arrival(wire: Wire, service: Echo) -> None:
    sent = [wire.event("test.batch.done") for _ in range(100)]

    def done() -> list[str]:
        return [i for b in service.journal("batch-done") for i in b["ids"] if i in sent]

    until(done, "the batches", enough=lambda ids: len(ids) >= 100)
    batches = service.journal("batch-done")
    assert done() == sent
    assert max(len(batch["ids"]) for batch in batches) > 1


def test_what_waits_in_a_batch_is_no_error_and_the_others_are_done_at_once(
    wire: Wire, service: Echo, tmp_path: Path
) -> None:
    missing = tmp_path / "missing"
    missing.touch()

    def batches(event: str, what: str = "batch") -> list[Any]:
        return [line for line in service.journal(what) if event in line["ids"]]

    kinds = [{}, {"do": "wait-while", "file": str(missing)}, {}, {"do": "leave"}, {}]
    first, waits, second, left, third = (wire.event("test.batch.done", **k) for k in kinds)
    for event in (first, second, third):
        until(lambda event=event: batches(event, "batch-done"), "the others")
        assert len(batches(event)) == 1, "the batch was done again"
    wire.await_depth(f"{BATCH}.parked", 1)
    until(lambda: batches(waits), "the delay", enough=lambda seen: len(seen) >= 2)
    missing.unlink()
    until(lambda: batches(waits, "batch-done"), "what has waited")
    assert len(batches(left)) == 1
    lines = [line for line in service.log().splitlines() if waits in line]
    assert any("event.waits" in line for line in lines)
    assert not any("Traceback" in line or "event.delayed" in line for line in lines)


def test_a_failed_batch_delays_only_its_poison(wire: Wire, service: Echo) -> None:
    before = [wire.event("test.batch.done") for _ in range(5)]
    poison = wire.event("test.batch.done", do="fail")
    after = [wire.event("test.batch.done") for _ in range(5)]
    wire.await_depth(f"{BATCH}.parked", 1)
    done = [i for batch in service.journal("batch-done") for i in batch["ids"]]
    assert [i for i in done if i in before + after] == before + after
    assert poison not in done
