"""Spans of OpenTelemetry: one trace from the door to the mail, with nothing of persons or cases."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest

from deploy.local import people
from tests.e2e.test_trace import ORGANISATION, SPACE, the_slot
from tests.support.awaiting import until
from tests.support.spans import Collector, Span
from tests.support.stack import Stack

TITLE = "Known to those who meet"
LAST = "publish notifications.delivery.sent"
_KEYS = {
    "error.type",
    "http.request.method",
    "http.response.status_code",
    "http.route",
    "masaha.channel",
    "masaha.event.type",
    "messaging.destination.name",
    "messaging.operation.name",
    "messaging.system",
    "rpc.method",
    "rpc.service",
    "rpc.system",
}


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with Collector() as running:
        yield running


@pytest.fixture(scope="module")
def traced(collector: Collector, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A system that sends its spans to the collector."""
    whole = Stack(tmp_path_factory.mktemp("traced"), environ=collector.settings)
    whole.up()
    yield whole
    whole.down()


@pytest.fixture(scope="module")
def member(traced: Stack) -> Iterator[httpx.Client]:
    person = people.person("member")
    grant = {"grant_type": "password", "email": person.email, "password": person.password}
    token = httpx.post(f"{traced.gateway_url}/v1/auth/token", json=grant).json()["access_token"]
    with httpx.Client(
        base_url=traced.gateway_url, headers={"Authorization": f"Bearer {token}"}, timeout=20
    ) as client:
        yield client


def given() -> tuple[str, str, dict[str, str]]:
    """A trace that a client began: its id, the client's span, the headers."""
    trace_id, span_id = secrets.token_hex(16), secrets.token_hex(8)
    headers = {"traceparent": f"00-{trace_id}-{span_id}-01", "Idempotency-Key": str(uuid4())}
    return trace_id, span_id, headers


def book(member: httpx.Client, hour: int, headers: dict[str, str]) -> httpx.Response:
    starts_at, ends_at = the_slot(hour)
    booking = {
        "space_id": SPACE,
        "organisation_id": ORGANISATION,
        "starts_at": starts_at,
        "ends_at": ends_at,
        "title": TITLE,
        "purpose": "meeting",
        "people": 4,
    }
    return member.post("/v1/bookings", json=booking, headers=headers)


def await_trace(collector: Collector, trace_id: str, last: str) -> list[Span]:
    return until(
        lambda: collector.of_trace(trace_id),
        f"{last} in the trace",
        40,
        enough=lambda spans: any(each.name == last for each in spans),
    )


def test_one_trace_leads_from_the_door_to_the_mail(
    collector: Collector, member: httpx.Client
) -> None:
    trace_id, client_span, headers = given()
    answer = book(member, 8, headers)
    assert answer.status_code == 201, answer.text
    spans = await_trace(collector, trace_id, LAST)

    def one(service: str, name: str) -> Span:
        return next(each for each in spans if (each.service, each.name) == (service, name))

    door = one("gateway", "POST /v1/bookings")
    assert (door.kind, door.parent_id) == ("SERVER", client_span)
    assert door.attributes["http.response.status_code"] == "201"
    assert answer.headers["traceparent"] == f"00-{trace_id}-{door.span_id}-01"
    asked = one("gateway", "bookings/create_booking")
    assert (asked.kind, asked.parent_id) == ("CLIENT", door.span_id)
    done = one("bookings-service", "bookings/create_booking")
    assert (done.kind, done.parent_id) == ("SERVER", asked.span_id)
    published = next(each for each in spans if each.service == "bookings-worker")
    assert (published.kind, published.parent_id) == ("PRODUCER", done.span_id)
    event_type = published.attributes["masaha.event.type"]
    assert published.name == f"publish {event_type}"
    taken = one("notifications-service", f"take {event_type}")
    assert (taken.kind, taken.parent_id) == ("CONSUMER", done.span_id)
    mailed = [each for each in spans if each.name == "deliver email"]
    assert {each.service for each in mailed} == {"notifications-worker"}
    assert {each.parent_id for each in mailed} == {taken.span_id}
    told = next(each for each in spans if each.name == LAST)
    assert told.service == "notifications-worker"
    assert told.parent_id in {each.span_id for each in mailed}
    assert not any(each.failed for each in spans)


def test_a_refusal_is_named_by_its_code(collector: Collector, member: httpx.Client) -> None:
    book(member, 8, given()[2])
    trace_id, _, headers = given()
    assert book(member, 8, headers).status_code == 409
    spans = await_trace(collector, trace_id, "POST /v1/bookings")
    refused = {each.service: each for each in spans if each.name == "bookings/create_booking"}
    assert {each.attributes["error.type"] for each in refused.values()} == {"bookings.space_taken"}


def test_no_trace_that_is_not_sampled_has_spans(collector: Collector, member: httpx.Client) -> None:
    trace_id, _, headers = given()
    headers["traceparent"] = headers["traceparent"][:-2] + "00"
    assert member.get("/v1/inbox", headers=headers).status_code == 200
    assert_nothing_of(collector, member, trace_id, hour=10)


def test_nothing_is_recorded_of_a_request_about_a_case(
    collector: Collector, member: httpx.Client
) -> None:
    trace_id, _, headers = given()
    request = {
        "kind_id": "legal",
        "organisation_id": ORGANISATION,
        "centre_id": "raqqa",
        "title": TITLE,
        "description": TITLE,
        "form": {"edition": 1, "answers": {"urgent": "days"}},
    }
    made = member.post("/v1/cases", json=request, headers=headers)
    assert made.status_code == 201, made.text
    assert member.get(made.headers["Location"], headers=headers).status_code == 200
    assert_nothing_of(collector, member, trace_id, hour=6)
    # Its news too has been delivered by then, or is known to nobody.
    assert not [each for each in collector.spans if "consultations.news" in str(each)]


def test_attributes_hold_names_of_the_system_and_nothing_else(
    collector: Collector, traced: Stack, member: httpx.Client
) -> None:
    sent = b"".join(collector.bodies)
    secrets_of_all = [TITLE, "@", SPACE, ORGANISATION, "Bearer", "password", traced.mongo_uri]
    assert collector.spans
    for text in (*secrets_of_all, *(each.id for each in people.everyone())):
        attributes = [each for each in collector.spans if text in each.attributes.values()]
        assert not attributes, text
    for text in (TITLE, ORGANISATION, "Bearer", "example.org"):
        assert text.encode() not in sent
    assert {key for each in collector.spans for key in each.attributes} <= _KEYS


def assert_nothing_of(collector: Collector, member: httpx.Client, trace_id: str, hour: int) -> None:
    """Spans leave in order: when those of a later booking are there, these would be."""
    later, _, headers = given()
    assert book(member, hour, headers).status_code == 201
    await_trace(collector, later, LAST)
    assert collector.of_trace(trace_id) == []
