"""For whom the front door books: organisations from registration to suspension, by real events."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

import httpx
import pytest
from pymongo import MongoClient

from deploy.local import people
from deploy.local.settings import ROOT
from tests.architecture.test_runbook import ORGANISATIONS
from tests.e2e.conftest import SignIn
from tests.support.awaiting import until
from tests.support.client import code_of
from tests.support.stack import Stack

# A Wednesday so far ahead that no other test of the run books it.
WEEKS_AHEAD = 12
UNKNOWN = (422, "bookings.unknown_organisation")
NOT_APPROVED = (409, "bookings.organisation_not_approved")
_QUARTERS = count()


def quarter() -> dict[str, str]:
    """A quarter of an hour of that day that nobody has asked for yet."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    day = today + timedelta(days=7 * WEEKS_AHEAD + 2 - today.weekday(), hours=6)
    start = day + timedelta(minutes=15 * next(_QUARTERS))
    wire = [f"{each:%Y-%m-%dT%H:%M:%SZ}" for each in (start, start + timedelta(minutes=15))]
    return {"starts_at": wire[0], "ends_at": wire[1]}


def post(client: httpx.Client, path: str, language: str = "en", **body: Any) -> httpx.Response:
    headers = {"Idempotency-Key": str(uuid4()), "Accept-Language": language}
    return client.post(path, json=body, headers=headers)


def book(client: httpx.Client, organisation_id: str, language: str = "en") -> httpx.Response:
    return post(
        client,
        "/v1/bookings",
        language,
        space_id="raqqa-workspace",
        organisation_id=organisation_id,
        title="Planning",
        purpose="meeting",
        **quarter(),
    )


def decide(manager: httpx.Client, organisation_id: str, what: str) -> None:
    address = f"/v1/organisations/{organisation_id}"
    tag = manager.get(address).raise_for_status().headers["ETag"]
    manager.post(f"{address}/{what}", json={}, headers={"If-Match": tag}).raise_for_status()


def until_it_is(ask: Callable[[], httpx.Response], status: int) -> httpx.Response:
    """Ask until the news has arrived."""
    return until(ask, f"the answer {status}", enough=lambda answer: answer.status_code == status)


@pytest.fixture
def manager(signed_in: SignIn) -> httpx.Client:
    return signed_in("manager")


@pytest.fixture
def registered(signed_in: SignIn) -> str:
    """An organisation that a person without one has just registered."""
    answer = post(
        signed_in("trainer"),
        "/v1/organisations",
        name={"ar": f"رابطة {uuid4().hex[:6]}", "en": "Reading Circle"},
    )
    return str(answer.raise_for_status().json()["id"])


@contextmanager
def its_own(stack: Stack) -> Iterator[httpx.Client]:
    """The representative, signed in now: the token names what is approved by now."""
    person = people.person("trainer")
    with httpx.Client(base_url=stack.gateway_url, timeout=20) as client:
        asked = {"grant_type": "password", "email": person.email, "password": person.password}
        token = client.post("/v1/auth/token", json=asked).raise_for_status().json()
        client.headers["Authorization"] = f"Bearer {token['access_token']}"
        yield client


def test_from_registration_to_suspension(
    stack: Stack, manager: httpx.Client, registered: str
) -> None:
    until_it_is(lambda: book(manager, registered), 409)
    assert code_of(book(manager, registered)) == NOT_APPROVED
    decide(manager, registered, "approve")
    with its_own(stack) as representative:
        # At once, whether the news has reached the branch or not.
        assert book(representative, registered).status_code == 201
        until_it_is(lambda: book(manager, registered), 201)
        decide(manager, registered, "suspend")
        until_it_is(lambda: book(manager, registered), 409)
        # What the token says is true no more, so it ends at once.
        assert code_of(book(representative, registered)) == (401, "auth.token_revoked")
    with its_own(stack) as representative:
        texts = set()
        for who in (manager, representative):
            for language, arabic in (("ar", True), ("en", False)):
                refused = book(who, registered, language)
                assert code_of(refused) == NOT_APPROVED
                problem = refused.json()
                assert refused.headers["Content-Language"] == language
                assert (problem["title"][0] > "\u0600") is arabic
                assert problem["errors"][0]["pointer"] == "/organisation_id"
                texts.add((problem["title"], problem["detail"]))
        assert len(texts) == 2


def test_every_way_to_give_something_to_nobody_is_refused(manager: httpx.Client) -> None:
    times = quarter()
    thing = {
        "space_id": "raqqa-workspace",
        "organisation_id": "nobody",
        "title": "Planning",
        "purpose": "meeting",
    }
    window = {"window_from": times["starts_at"], "window_to": times["ends_at"]}
    meeting = post(
        manager,
        "/v1/bookings",
        **{**thing, "organisation_id": "euphrates-development", "purpose": "joint_meeting"},
        **times,
    ).raise_for_status()
    series = {**thing, **quarter(), "rrule": "FREQ=WEEKLY;COUNT=2"}
    grant = {"week": "2031-W10", "hours": 1, "reason": "Conference"}
    asked = [
        book(manager, "nobody"),
        post(manager, "/v1/booking-series", **series),
        post(manager, "/v1/waitlist-entries", **thing, **window, duration_minutes=15),
        post(manager, f"/v1/bookings/{meeting.json()['id']}/invitations", organisation_id="nobody"),
        post(manager, "/v1/budgets/nobody/grants", **grant),
    ]
    for answer in asked:
        assert code_of(answer) == UNKNOWN, answer.request.url
        [fault] = answer.json()["errors"]
        assert (fault["pointer"], fault["code"]) == ("/organisation_id", UNKNOWN[1])
    arabic = book(manager, "nobody", "ar").json()
    assert "منظمة" in arabic["title"]
    assert "المعرّف" in arabic["detail"]


def test_a_branch_that_knows_nobody_is_filled_from_the_log(
    stack: Stack, manager: httpx.Client
) -> None:
    """As after an upgrade from a version without the projection; the commands are the runbook's."""
    assert book(manager, "euphrates-development").status_code == 201
    with MongoClient[dict[str, Any]](stack.mongo_uri) as client:
        branch = client["masaha_bookings"]
        branch["organisations"].delete_many({})
        branch["inbox_events"].delete_many({})
        assert code_of(book(manager, "euphrates-development")) == UNKNOWN
        environment = {"MONGO_URI": stack.mongo_uri, "PATH": ""}
        told = subprocess.run(
            [sys.executable, "-c", ORGANISATIONS],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        assert int(told.stdout) >= 4
        stack.restart("gateway-worker")
        until_it_is(lambda: book(manager, "euphrates-development"), 201)
        until(lambda: branch["organisations"].count_documents({}) >= 4, "all of them")
