"""The stream of nominations for the seats of a few cohorts, while processes are killed.

Representatives nominate people and take them back. There are fewer seats than people, so that each
seat that becomes free is offered to the next.
"""

from __future__ import annotations

import random
import threading
import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from deploy.local.people import Person
from services.common import clock
from tests.faults.doors import Answer, HttpDoor
from tests.faults.workload import GIVE_UP_SECONDS, ask_until_definite
from tests.support.ledger import NOMINATE, OK, REFUSED, UNKNOWN, WITHDRAW, Ledger, Request

COHORTS = 3
CAPACITY = 5
WITHDRAWALS = 0.3
COURSE, CENTRE = "report-writing-basics", "raqqa"

Json = dict[str, Any]


def open_cohorts(desk: HttpDoor) -> list[str]:
    """Cohorts that take people as they come; their ids."""
    starts_at = (datetime.now(UTC) + timedelta(days=30)).replace(minute=0, second=0, microsecond=0)
    session = {
        "starts_at": clock.to_wire(starts_at),
        "ends_at": clock.to_wire(starts_at + timedelta(hours=2)),
        "elsewhere": {"ar": "مقر المنظمة"},
    }
    request = {
        "course_id": COURSE,
        "centre_id": CENTRE,
        "mode": "first_come",
        "capacity": CAPACITY,
        "sessions": [session],
    }
    found = []
    for _ in range(COHORTS):
        made = desk.post("/v1/cohorts", request, Idempotency_Key=str(uuid.uuid4()))
        assert made.ok, made
        cohort_id, version = made.body["id"], made.body["version"]
        for action in ("announce", "open-applications"):
            path = f"/v1/cohorts/{cohort_id}/{action}"
            answer = desk.post(path, {}, If_Match=f'"{version}"')
            assert answer.ok, answer
            version = answer.body["version"]
        found.append(cohort_id)
    return found


class Nominator(threading.Thread):
    """One representative, one request at a time, until the end."""

    def __init__(
        self,
        person: Person,
        door: HttpDoor,
        cohorts: Sequence[str],
        ledger: Ledger,
        *,
        seed: str,
        per_second: float,
    ) -> None:
        super().__init__(name=f"nominator {seed}", daemon=True)
        self._door = door
        self._organisation = person.organisation_id or ""
        self._cohorts = cohorts
        self._ledger = ledger
        self._chance = random.Random(seed)
        self._pause = 1 / per_second
        self._stop_asked = threading.Event()
        self._applications: list[tuple[str, int]] = []
        self.failure: BaseException | None = None
        self.defects: list[str] = []

    def run(self) -> None:
        try:
            while not self._stop_asked.wait(self._pause * self._chance.uniform(0.5, 1.5)):
                self.step()
        except BaseException as error:
            self.failure = error
            raise

    def stop(self) -> None:
        """Come to the end of the request that is under way.

        Raises AssertionError when the thread died, which is a defect of the test.
        """
        self._stop_asked.set()
        if self.is_alive():
            self.join(GIVE_UP_SECONDS + 30)
        if self.failure is not None:
            raise AssertionError("a nominator died") from self.failure

    def step(self) -> Request:
        """One request of the mix."""
        if self._applications and self._chance.random() < WITHDRAWALS:
            place = self._chance.randrange(len(self._applications))
            return self.withdraw(*self._applications.pop(place))
        return self.nominate()

    def nominate(self) -> Request:
        """Nominate a person; the name is the mark."""
        mark = f"{NOMINATE} {self._chance.getrandbits(64):016x}"
        key = str(uuid.UUID(int=self._chance.getrandbits(128), version=4))
        cohort_id = self._chance.choice(self._cohorts)
        request = Request(mark, NOMINATE, self._organisation, key, wanted=cohort_id)
        phone = f"+96394{self._chance.randrange(10**7):07}"
        body = {
            "organisation_id": self._organisation,
            "people": [{"name": mark, "phone": phone}],
        }
        path = f"/v1/cohorts/{cohort_id}/nominations"
        done = self._do(request, path, body, Idempotency_Key=key)
        if done.outcome == OK and done.booking_id and done.version:
            self._applications.append((done.booking_id, done.version))
        return done

    def withdraw(self, application_id: str, version: int) -> Request:
        """Take a nominated person back; refused where the application has moved on meanwhile."""
        mark = f"{WITHDRAW} {self._chance.getrandbits(64):016x}"
        request = Request(
            mark, WITHDRAW, self._organisation, booking_id=application_id, version=version
        )
        path = f"/v1/applications/{application_id}/withdraw"
        return self._do(request, path, {}, If_Match=f'"{version}"')

    def _do(self, request: Request, path: str, body: Json, **headers: str) -> Request:
        self._ledger.sent(request)
        answer, statuses = ask_until_definite(
            lambda: self._door.post(path, body, **headers), self._chance
        )
        lost = len(statuses) - (1 if answer.definite else 0)
        done = replace(_outcome(request, answer, lost), attempts=len(statuses), lost=lost)
        self._ledger.settled(done)
        self.defects += [
            f"{request.mark} was answered {status}"
            for status in statuses
            if status >= 500 and status != 503
        ]
        return done


def _outcome(request: Request, answer: Answer, lost: int) -> Request:
    code = answer.body.get("code")
    if not answer.definite:
        return replace(request, outcome=UNKNOWN, code=code)
    if answer.ok:
        [stored] = answer.body.get("items", [answer.body])
        return replace(request, outcome=OK, booking_id=stored["id"], version=stored["version"])
    if lost and request.operation == WITHDRAW:
        # "Stale" after silence: perhaps our own first attempt made the version stale.
        return replace(request, outcome=UNKNOWN, code=code)
    return replace(request, outcome=REFUSED, code=code)
