"""A fault is answered with a stable code, in the caller's language, and changes nothing."""

from __future__ import annotations

import base64
import json
import re
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest

from tests.e2e.conftest import SignIn
from tests.support.client import wire
from tests.support.stack import Stack

ARABIC = re.compile(r"[\u0600-\u06ff]")


def next_workday(hour: int, minute: int = 0) -> datetime:
    """A time on a Monday some weeks ahead, wall clock of Damascus (UTC+3)."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    monday = today + timedelta(days=28 - today.weekday())
    return monday + timedelta(hours=hour - 3, minutes=minute)


def a_booking(**values: Any) -> dict[str, Any]:
    return {
        "space_id": "tabqa-meeting-room",
        "organisation_id": "euphrates-development",
        "starts_at": wire(next_workday(10)),
        "ends_at": wire(next_workday(11)),
        "title": "Planning",
        "purpose": "meeting",
        **values,
    }


def send(
    client: httpx.Client, body: Any, language: str = "en", **headers: str | None
) -> httpx.Response:
    told: dict[str, str | None] = {
        "Idempotency-Key": str(uuid4()),
        "Content-Type": "application/json",
        "Accept-Language": language,
    }
    told |= {name.replace("_", "-"): value for name, value in headers.items()}
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.post(
        "/v1/bookings", content=content, headers={k: v for k, v in told.items() if v is not None}
    )


def is_problem(answer: httpx.Response, status: int, code: str, language: str = "en") -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Content-Language"] == language
    problem = answer.json()
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["trace_id"]
    assert bool(ARABIC.search(problem["title"])) == (language == "ar")
    assert bool(ARABIC.search(problem["detail"])) == (language == "ar")


@pytest.fixture
def member(signed_in: SignIn) -> Iterator[httpx.Client]:
    """A member; afterwards their organisation has exactly the bookings it had before."""
    client = signed_in("representative")

    def bookings() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        url: str | None = "/v1/bookings?limit=200"
        while url:
            page = client.get(url).raise_for_status()
            found += page.json()["items"]
            url = page.links.get("next", {}).get("url")
        return found

    before = bookings()
    yield client
    assert bookings() == before


@pytest.mark.parametrize("language", ["ar", "en"])
@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "malformed"),
        (b"{", 400, "malformed"),
        (b"\xff\xfe", 400, "malformed"),
        (b'{"a": NaN}', 400, "malformed"),
        (b"[]", 422, "invalid"),
        (b'"text"', 422, "invalid"),
        (b"{}", 422, "invalid"),
        (a_booking(surprise=1), 422, "invalid"),
        (a_booking(title=""), 422, "invalid"),
        (a_booking(title="   "), 422, "invalid"),
        (a_booking(title="x" * 121), 422, "invalid"),
        (a_booking(title=7), 422, "invalid"),
        (a_booking(title="a\x00b"), 422, "invalid"),
        (a_booking(people="12"), 422, "invalid"),
        (a_booking(people=0), 422, "invalid"),
        (a_booking(people=1.5), 422, "invalid"),
        (a_booking(people=2**70), 422, "invalid"),
        (a_booking(purpose="party"), 422, "invalid"),
        (a_booking(space_id={"$ne": None}), 422, "invalid"),
        (a_booking(space_id="$where"), 422, "invalid"),
        (a_booking(starts_at="tomorrow"), 422, "invalid"),
        (a_booking(starts_at=1795600000), 422, "invalid"),
        (a_booking(starts_at="2026-13-45T10:00:00Z"), 422, "invalid"),
        (a_booking(starts_at="2026-12-01T10:00:00"), 422, "invalid"),
        (a_booking(space_id="nowhere"), 422, "bookings.unknown_space"),
        (a_booking(starts_at=wire(next_workday(10, 7))), 422, "bookings.off_raster"),
        (a_booking(ends_at=wire(next_workday(9))), 422, "bookings.end_before_start"),
        (a_booking(ends_at=wire(next_workday(10))), 422, "bookings.end_before_start"),
        (a_booking(starts_at=wire(next_workday(7))), 409, "bookings.outside_hours"),
        (
            a_booking(starts_at="2020-01-06T08:00:00Z", ends_at="2020-01-06T09:00:00Z"),
            409,
            "bookings.in_the_past",
        ),
        (a_booking(people=999), 409, "bookings.too_many_people"),
        (a_booking(organisation_id="raqqa-women"), 403, "bookings.not_of_organisation"),
    ],
)
def test_a_wrong_body_is_refused(
    member: httpx.Client, body: Any, status: int, code: str, language: str
) -> None:
    is_problem(send(member, body, language), status, code, language)


def test_each_wrong_field_is_named(member: httpx.Client) -> None:
    answer = send(member, a_booking(title="", purpose="party", surprise=1))
    pointers = {error["pointer"] for error in answer.json()["errors"]}
    assert pointers == {"/title", "/purpose", "/surprise"}


def test_headers_are_held_to_their_rules(member: httpx.Client) -> None:
    missing = send(member, a_booking(), Idempotency_Key=None)
    is_problem(missing, 400, "idempotency.key_missing")
    too_long = send(member, a_booking(), Idempotency_Key="x" * 200)
    is_problem(too_long, 400, "idempotency.key_invalid")
    text = send(member, a_booking(), Content_Type="text/plain")
    assert text.status_code == 415
    large = send(member, a_booking(title="x" * 100_000))
    assert large.status_code == 413
    unknown = member.get("/v1/bookings?colour=red", headers={"Accept-Language": "en"})
    is_problem(unknown, 400, "malformed")
    cursor = member.get("/v1/bookings?cursor=abc", headers={"Accept-Language": "en"})
    is_problem(cursor, 400, "cursor.invalid")


@pytest.mark.parametrize(
    "header",
    ["Content-Length: 6", "Content-Length: -5", "Host: other", "Content-Type: text/plain"],
)
def test_a_request_that_can_be_read_in_two_ways_is_no_defect_of_ours(
    stack: Stack, header: str
) -> None:
    door = urlsplit(stack.gateway_url)
    lines = ["POST /v1/bookings HTTP/1.1", "Host: one", "Content-Type: application/json"]
    lines += [header] if header.endswith("-5") else ["Content-Length: 2", header]
    with socket.create_connection((door.hostname, door.port), timeout=5) as client:
        client.sendall("\r\n".join([*lines, "", "{}"]).encode())
        assert client.makefile("rb").readline().split()[1] == b"400"


@pytest.mark.parametrize(
    "token",
    [
        None,
        "nonsense",
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiJtYW5hZ2VyIiwia2luZCI6InBlcnNvbiJ9.",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJtYW5hZ2VyIn0.c2lnbmF0dXJl",
    ],
)
def test_without_a_token_that_holds_nobody_books(stack: Stack, token: str | None) -> None:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=stack.gateway_url, headers=headers) as client:
        answer = send(client, a_booking())
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_token_with_a_changed_claim_is_forged(stack: Stack, signed_in: SignIn) -> None:
    token = signed_in("member").headers["Authorization"].removeprefix("Bearer ")
    head, body, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    claims["roles"] = ["manager"]
    forged = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    headers = {"Authorization": f"Bearer {head}.{forged}.{signature}", "Accept-Language": "en"}
    answer = httpx.get(f"{stack.gateway_url}/v1/bookings", headers=headers)
    is_problem(answer, 401, "auth.token_invalid")


class TestAnotherVersionOrSomebodyElse:
    @pytest.fixture
    def booked(self, signed_in: SignIn) -> Iterator[httpx.Response]:
        client = signed_in("representative")
        answer = send(
            client, a_booking(starts_at=wire(next_workday(13)), ends_at=wire(next_workday(14)))
        )
        assert answer.status_code == 201, answer.text
        yield answer
        path = f"/v1/bookings/{answer.json()['id']}"
        now = client.get(path)
        assert now.json() == answer.json()
        client.post(f"{path}/cancel", headers={"If-Match": now.headers["ETag"]}).raise_for_status()

    def test_a_change_needs_the_version_it_changes(
        self, booked: httpx.Response, signed_in: SignIn
    ) -> None:
        client, path = signed_in("representative"), f"/v1/bookings/{booked.json()['id']}"
        english = {"Accept-Language": "en"}
        change = {"title": "Other"}
        is_problem(client.patch(path, json=change, headers=english), 428, "precondition_required")
        stale = client.patch(path, json=change, headers={**english, "If-Match": '"99"'})
        is_problem(stale, 412, "stale")
        weak = client.patch(path, json=change, headers={**english, "If-Match": "nonsense"})
        assert weak.status_code == 400
        cancel = client.post(f"{path}/cancel", headers={**english, "If-Match": '"99"'})
        is_problem(cancel, 412, "stale")

    def test_a_key_with_another_body_is_refused(
        self, booked: httpx.Response, signed_in: SignIn
    ) -> None:
        client = signed_in("representative")
        key = booked.request.headers["Idempotency-Key"]
        again = send(client, json.loads(booked.request.content), Idempotency_Key=key)
        assert (again.status_code, again.json()) == (201, booked.json())
        other = send(client, a_booking(title="Other"), Idempotency_Key=key)
        is_problem(other, 422, "idempotency.key_reused")

    def test_another_organisation_may_not_know_of_it(
        self, booked: httpx.Response, signed_in: SignIn
    ) -> None:
        stranger, path = signed_in("member-other"), f"/v1/bookings/{booked.json()['id']}"
        tag = {"If-Match": booked.headers["ETag"], "Accept-Language": "en"}
        nothing = stranger.get("/v1/bookings/none", headers=tag).json()
        for answer in (
            stranger.get(path, headers=tag),
            stranger.patch(path, json={"title": "Mine"}, headers=tag),
            stranger.post(f"{path}/cancel", headers=tag),
        ):
            is_problem(answer, 404, "not_found")
            same = {**answer.json(), "trace_id": nothing["trace_id"]}
            same["instance"] = nothing.get("instance")
            assert {k: v for k, v in same.items() if v} == {k: v for k, v in nothing.items() if v}

    def test_the_same_time_is_refused_with_a_way_on(
        self, booked: httpx.Response, signed_in: SignIn
    ) -> None:
        stranger = signed_in("member-other")
        body = json.loads(booked.request.content) | {"organisation_id": "raqqa-women"}
        refused = send(stranger, body, "ar")
        is_problem(refused, 409, "bookings.space_taken", "ar")
        offered = refused.json()["alternatives"]
        assert {each["kind"] for each in offered} >= {"other_time", "other_space", "other_centre"}
