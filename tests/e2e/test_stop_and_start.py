"""What was done before a stop is there after the next start, and nothing has come apart."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager

import httpx

from deploy.local import people
from services.common.events.event_log import EventLog
from services.common.storage.mongo import Database
from tests.e2e.test_trace import ORGANISATION, SPACE, the_slot
from tests.support.awaiting import until
from tests.support.stack import Stack

BRANCHES = ("bookings", "trainings", "consultations", "notifications", "gateway")


def member(stack: Stack) -> httpx.Client:
    """A person who signs in at this stack."""
    person = people.person("member")
    client = httpx.Client(base_url=stack.gateway_url, timeout=20)
    answer = client.post(
        "/v1/auth/token",
        json={"grant_type": "password", "email": person.email, "password": person.password},
    )
    token = answer.raise_for_status().json()["access_token"]
    client.headers["Authorization"] = f"Bearer {token}"
    return client


def book(client: httpx.Client, key: str) -> httpx.Response:
    starts_at, ends_at = the_slot(hour=11)
    return client.post(
        "/v1/bookings",
        json={
            "space_id": SPACE,
            "organisation_id": ORGANISATION,
            "starts_at": starts_at,
            "ends_at": ends_at,
            "title": "Kept",
            "purpose": "meeting",
            "people": 4,
        },
        headers={"Idempotency-Key": key},
    )


@contextmanager
def logs(stack: Stack) -> Iterator[dict[str, EventLog]]:
    databases = {branch: Database(stack.mongo_uri, f"masaha_{branch}") for branch in BRANCHES}
    yield {branch: EventLog(database) for branch, database in databases.items()}
    for database in databases.values():
        database.close()


def test_a_stop_and_a_start_keep_everything(stack: Stack) -> None:
    try:
        with closing(member(stack)) as before, logs(stack) as written:
            until(lambda: written["gateway"].verify()[0], "the people of the seed data")
            made = book(before, "before-the-stop")
            assert made.status_code == 201, made.text
            token = before.headers["Authorization"]
            ends = {branch: log.verify() for branch, log in written.items()}
        # Stopped at once: the event of the booking is on its way, anywhere.
        stack.down()
        stack.up()
        with closing(member(stack)) as after, logs(stack) as kept:
            where = made.headers["Location"]
            assert after.get(where).raise_for_status().json() == made.json()
            again = book(after, "before-the-stop")
            assert (again.status_code, again.json()) == (201, made.json())
            assert book(after, "after-the-start").status_code == 409
            until(
                lambda: made.json()["id"] in json.dumps(after.get("/v1/inbox").json()),
                "the message",
                30,
            )
            # Who was signed in still is.
            signed_in = after.get("/v1/inbox", headers={"Authorization": token})
            assert signed_in.status_code == 200
            for branch, log in kept.items():
                # The whole log holds together, and begins with the one from before.
                number, digest = ends[branch]
                assert log.verify()[0] >= number
                if number:
                    assert [entry.hash for entry in log.read(number - 1, 1)] == [digest]
            assert kept["bookings"].verify()[0] > 0
    finally:
        if not stack.running():
            stack.up()
