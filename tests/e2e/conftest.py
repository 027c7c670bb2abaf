"""People of the seed data, signed in at the real door."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from pymongo import MongoClient

from deploy.local import people
from tests.support.awaiting import until
from tests.support.stack import Stack

SignIn = Callable[[str], httpx.Client]


@pytest.fixture(scope="session")
def signed_in(stack: Stack) -> Iterator[SignIn]:
    """`signed_in("manager")`: an HTTP client that speaks for this person, in their language.

    By then bookings knows the organisations of the seed data. A person who has lost a right in an
    earlier test, and so the token, signs in anew.
    """
    with MongoClient[dict[str, Any]](stack.mongo_uri) as database:
        known = database["masaha_bookings"]["organisations"]
        ids = sorted({each.organisation_id for each in people.everyone() if each.organisation_id})
        approved = {"_id": {"$in": ids}, "status": "approved"}
        until(lambda: known.count_documents(approved) == len(ids), "news of the organisations")
    clients: dict[str, httpx.Client] = {}

    def client(person_id: str) -> httpx.Client:
        earlier = clients.get(person_id)
        if earlier is None or earlier.get("/v1/me").status_code == httpx.codes.UNAUTHORIZED:
            person = people.person(person_id)
            answer = httpx.post(
                f"{stack.gateway_url}/v1/auth/token",
                json={
                    "grant_type": "password",
                    "email": person.email,
                    "password": person.password,
                },
            )
            answer.raise_for_status()
            if earlier is not None:
                earlier.close()
            clients[person_id] = httpx.Client(
                base_url=stack.gateway_url,
                headers={"Authorization": f"Bearer {answer.json()['access_token']}"},
                timeout=20,
            )
        return clients[person_id]

    yield client
    for each in clients.values():
        each.close()
