"""What people do in a busy hour, as Locust users; run by `python -m tests.load`.

Weights follow how the centre is used: most look, some book, few change their mind. Refusals that
belong to the work (another client was faster) are no failures; anything else that is not 2xx is.
"""

from __future__ import annotations

import json
import os
import random
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from locust import FastHttpUser, between, events, task

PEOPLE: list[dict[str, Any]] = json.loads(os.environ["LOAD_PEOPLE"])
SPACES: list[str] = json.loads(os.environ["LOAD_SPACES"])
CHANCE = random.Random(int(os.environ["LOAD_SEED"]))


@events.init.add_listener
def _seeded(environment: Any, **_: Any) -> None:
    random.seed(CHANCE.random())


def _wire(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")


class Person(FastHttpUser):
    """A member of an organisation with a phone."""

    wait_time = between(0.2, 1.0)

    def on_start(self) -> None:
        person = CHANCE.choice(PEOPLE)
        self.organisation_id = person["organisation_id"]
        self.auth = {
            "Authorization": f"Bearer {person['token']}",
            "Accept-Language": person["language"],
        }
        self.mine: list[tuple[str, str]] = []

    @task(6)
    def look_for_a_free_room(self) -> None:
        day = self._day()
        period = {"from": _wire(day), "to": _wire(day + timedelta(days=7))}
        query = "&".join(f"{key}={value}" for key, value in period.items())
        self.client.get(
            f"/v1/availability?centre_id=raqqa&{query}", headers=self.auth, name="availability"
        )

    @task(5)
    def read_the_inbox(self) -> None:
        self.client.get("/v1/inbox?limit=20", headers=self.auth, name="inbox")

    @task(4)
    def look_at_own_bookings(self) -> None:
        self.client.get("/v1/bookings?limit=20", headers=self.auth, name="bookings.list")

    @task(4)
    def book(self) -> None:
        start = self._day() + timedelta(hours=6, minutes=15 * CHANCE.randrange(24))
        body = {
            "space_id": CHANCE.choice(SPACES),
            "organisation_id": self.organisation_id,
            "starts_at": _wire(start),
            "ends_at": _wire(start + timedelta(minutes=30)),
            "title": "اجتماع تنسيقي",
            "purpose": "meeting",
        }
        key = str(uuid.uuid4())
        # On a bad connection a request is often sent twice: the second must change nothing.
        for _ in range(2 if CHANCE.random() < 0.1 else 1):
            with self.client.post(
                "/v1/bookings",
                json=body,
                headers={**self.auth, "Idempotency-Key": key},
                name="bookings.create",
                catch_response=True,
            ) as answer:
                if answer.status_code == 409:
                    answer.success()
                elif answer.status_code == 201:
                    self.mine.append((answer.json()["id"], str(answer.headers["ETag"])))

    @task(1)
    def cancel(self) -> None:
        if not self.mine:
            return
        booking_id, tag = self.mine.pop(CHANCE.randrange(len(self.mine)))
        with self.client.post(
            f"/v1/bookings/{booking_id}/cancel",
            json={"reason": "تغيّر الموعد"},
            headers={**self.auth, "If-Match": tag},
            name="bookings.cancel",
            catch_response=True,
        ) as answer:
            if answer.status_code in {409, 412}:
                answer.success()

    def _day(self) -> datetime:
        today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        return today + timedelta(days=CHANCE.randrange(2, 120))
