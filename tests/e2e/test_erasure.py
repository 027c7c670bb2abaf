"""A person is erased through the real door; then everything is searched for them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import orjson
import pymongo
import pytest
from kombu import Connection

from services.common.events.event_log import EventLog
from services.common.messaging.topology import (
    DELAYS,
    UNROUTABLE,
    event_queue_name,
    parked_name,
    rpc_queue_name,
)
from services.common.storage.mongo import Database
from tests.e2e.conftest import SignIn
from tests.support.awaiting import until
from tests.support.client import key, wire
from tests.support.stack import Stack

ORGANISATION = "euphrates-development"
SPACE = "raqqa-meeting-room"
NAME = "ياسمين المحذوفة"
LATIN = "Yasmin Erasable"
TRACES = ("yasmin", "ياسمين")
PASSWORD = "a password of this test"
BRANCHES = ("gateway", "bookings", "trainings", "consultations", "notifications")
TAKE_PART = ("gateway", "bookings", "notifications")
"""The branches that the person of the test has something in."""


@pytest.fixture
def yasmin(stack: Stack, tmp_path: Path, signed_in: SignIn) -> Iterator[httpx.Client]:
    """A member of her own, who is signed in."""
    signed_in("member")
    person = {
        "id": f"person-{uuid4().hex[:8]}",
        "email": f"yasmin-{uuid4().hex[:8]}@masaha.example",
        "password": PASSWORD,
        "language": "en",
        "name": {"ar": NAME, "en": LATIN},
        "memberships": [{"organisation_id": ORGANISATION, "role": "member"}],
    }
    (tmp_path / "people.json").write_text(json.dumps({"people": [person]}), "utf-8")
    run(stack, "seed", str(tmp_path))
    answer = httpx.post(f"{stack.gateway_url}/v1/auth/token", json=sign_in(person["email"]))
    token = answer.raise_for_status().json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=stack.gateway_url, headers=headers, timeout=20) as client:
        yield client


def sign_in(email: object) -> dict[str, object]:
    return {"grant_type": "password", "email": email, "password": PASSWORD}


def run(stack: Stack, *arguments: str) -> str:
    """One of the gateway's commands, as an operator gives it."""
    done = subprocess.run(
        [sys.executable, "-m", "gateway", *arguments],
        env=stack.environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return done.stdout


def meet(client: httpx.Client, days: int) -> dict[str, Any]:
    today = datetime.now(UTC).replace(hour=7, minute=0, second=0, microsecond=0)
    tuesday = today + timedelta(days=days + (1 - today.weekday()) % 7)
    body = {
        "space_id": SPACE,
        "organisation_id": ORGANISATION,
        "starts_at": wire(tuesday),
        "ends_at": wire(tuesday + timedelta(hours=1)),
        "title": "لقاء التنسيق",
        "purpose": "joint_meeting",
        "people": 4,
    }
    answer = client.post("/v1/bookings", json=body, headers=key())
    found: dict[str, Any] = answer.raise_for_status().json()
    return found


def test_nothing_is_left_of_a_person_who_is_erased_but_what_the_documents_list(
    stack: Stack, yasmin: httpx.Client, signed_in: SignIn
) -> None:
    me = yasmin.get("/v1/me").json()
    colleague = signed_in("member-english")
    held = meet(yasmin, 84)
    calendar = yasmin.post("/v1/calendars", json={"kind": "person"}, headers=key()).json()
    hosted = meet(colleague, 91)
    invited = {"guest": {"name": NAME, "email": me["email"].upper(), "language": "ar"}}
    path = f"/v1/bookings/{hosted['id']}/invitations"
    colleague.post(path, json=invited, headers=key()).raise_for_status()

    with pymongo.MongoClient[dict[str, Any]](stack.mongo_uri) as client:
        inbox = client["masaha_notifications"]["notifications"]
        until(lambda: inbox.count_documents({"recipient_id": me["id"]}), "her message")
        contacts = client["masaha_notifications"]["people"]
        until(lambda: contacts.count_documents({"email": me["email"].upper()}), "the guest")
        before = where_it_stands(stack)
        assert {"people", "invitations"} <= {each.partition(".")[2] for each in before}

        exported = yasmin.get("/v1/me/export").raise_for_status().json()["parts"]
        assert exported["gateway"]["person"][0]["email"] == me["email"]
        assert exported["bookings"]["bookings"][0]["id"] == held["id"]
        assert exported["bookings"]["invitations_as_guest"][0]["name"] == NAME
        assert exported["notifications"]["messages"]

        erased = yasmin.post(
            "/v1/me/erase", json={"password": PASSWORD}, headers={"If-Match": f'"{me["version"]}"'}
        )
        assert erased.status_code == 204
        assert yasmin.get("/v1/me").status_code == 401
        until(lambda: not where_it_stands(stack), "the end of the last trace", seconds=30)
        kept = contacts.find_one({"_id": me["id"]})
        assert kept is not None
        assert kept["erased"]

    assert in_queues(stack) == []
    assert in_logs(stack) == []
    again = httpx.post(f"{stack.gateway_url}/v1/auth/token", json=sign_in(me["email"]))
    assert again.status_code == 401
    feed = httpx.get(f"{stack.gateway_url}{calendar['path']}")
    assert feed.status_code == 404
    assert colleague.get(f"/v1/bookings/{held['id']}").json()["status"] == "confirmed"
    for branch in TAKE_PART:
        database = Database(stack.mongo_uri, f"masaha_{branch}")
        assert EventLog(database).verify()[0] > 0
        database.close()


def test_an_operator_exports_and_erases_by_command(stack: Stack, yasmin: httpx.Client) -> None:
    me = yasmin.get("/v1/me").json()
    exported = orjson.loads(run(stack, "person", "export", me["id"]))
    assert set(exported["parts"]) == set(BRANCHES)
    assert exported["parts"]["gateway"]["person"][0]["email"] == me["email"]
    assert orjson.loads(run(stack, "person", "erase", me["id"]))["status"] == "erased"
    until(lambda: not where_it_stands(stack), "the end of the last trace", seconds=30)
    until(lambda: yasmin.get("/v1/me").status_code == 401, "the end of her sign-in")


def shows(text: str) -> bool:
    """Whether something of the name or the address is in a text, however it is written."""
    return any(trace in text.casefold() for trace in TRACES)


def where_it_stands(stack: Stack) -> list[str]:
    """The collections that hold the name or the address, whichever there are."""
    found = []
    with pymongo.MongoClient[dict[str, Any]](stack.mongo_uri) as client:
        for name in client.list_database_names():
            if not name.startswith("masaha_"):
                continue
            for collection in client[name].list_collection_names():
                documents = str(list(client[name][collection].find()))
                if shows(documents):
                    found.append(f"{name}.{collection}")
    return sorted(found)


def in_queues(stack: Stack) -> list[str]:
    """The queues with a message that holds the name or the address."""
    homes = [event_queue_name(each) for each in BRANCHES[1:]]
    homes += [rpc_queue_name(each) for each in BRANCHES[1:]]
    names = [UNROUTABLE, *homes, *map(parked_name, homes), *(delay.name for delay in DELAYS)]
    found = []
    with Connection(stack.amqp_uri) as connection:
        for name in names:
            with connection.channel() as channel:
                # What is taken here is back when the channel closes.
                while (message := channel.basic_get(name)) is not None:
                    body = message.body
                    text = body.decode(errors="replace") if isinstance(body, bytes) else str(body)
                    if shows(text):
                        found.append(name)
    return found


def in_logs(stack: Stack) -> list[str]:
    """The logs of our processes that hold the name or the address."""
    ours = [name for name in stack.names() if name.startswith(BRANCHES)]
    assert ours
    return [name for name in ours if shows(stack.log(name).read_text(errors="replace"))]
