"""The stream of requests: people who book, move and cancel, and who ask again when not answered."""

from __future__ import annotations

import random
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from typing import Any
from zoneinfo import ZoneInfo

from deploy.local.people import Person
from services.common import clock
from tests.faults.doors import Answer, Door
from tests.support.ledger import CANCEL, CHANGE, CREATE, OK, REFUSED, UNKNOWN, Ledger, Request

ZONE = "Asia/Damascus"
RASTER = timedelta(minutes=30)
# With the longest buffer of the seed data, 15 minutes, it fills the raster exactly.
LENGTH = timedelta(minutes=15)
DAYS = 170
GIVE_UP_SECONDS = 90.0
LONGEST_PAUSE_SECONDS = 1.0

# What a client does next, in per cent; the rest is a create at a time of its own.
CONTESTED, CHANGES, CANCELS = 8, 18, 10
# How often a client whose request got no answer walks away instead of asking again.
WALK_AWAY = 0.05
# How often a create leaves twice at the same time under the same key, as from a phone that has
# two connections and trusts neither.
TWICE = 0.08

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Slot:
    """A space and a time."""

    space_id: str
    starts_at: datetime

    def __str__(self) -> str:
        return f"{self.space_id} {self.starts_at:%F %H:%MZ}"

    def to_wire(self) -> Json:
        return {
            "space_id": self.space_id,
            "starts_at": clock.to_wire(self.starts_at),
            "ends_at": clock.to_wire(self.starts_at + LENGTH),
        }


def slots(seed: Json, chance: random.Random, now: datetime) -> list[Slot]:
    """Every slot within the weekly hours of the seeded spaces, from the day after tomorrow, mixed.

    Reckoned here and not by the system's own rules, which are under test.
    """
    today = now.astimezone(ZoneInfo(ZONE)).date()
    found = []
    for space in seed["spaces"]:
        hours = seed["weekly_hours"][space["centre_id"]]
        for day in (today + timedelta(days=ahead) for ahead in range(2, DAYS)):
            for opens, closes in hours[f"{day:%A}".lower()]:
                found += [Slot(space["id"], start) for start in _starts(day, opens, closes)]
    chance.shuffle(found)
    return found


def _starts(day: date, opens: str, closes: str) -> Iterator[datetime]:
    begins, ends = (
        datetime.combine(day, time_of_day.fromisoformat(text), ZoneInfo(ZONE)).astimezone(UTC)
        for text in (opens, closes)
    )
    while begins + RASTER <= ends:
        yield begins
        begins += RASTER


class Shared:
    """What the clients have in common: free slots, slots to fight for, bookings to change."""

    def __init__(self, free: Sequence[Slot]) -> None:
        self._lock = threading.Lock()
        self._free = list(free)
        self._recent: list[Slot] = []
        self._bookings: dict[str, list[tuple[str, int]]] = {}

    def fresh(self, undisputed: bool = False) -> Slot:
        """A free slot; unless it is to be undisputed, others may be sent to fight for it."""
        with self._lock:
            slot = self._free.pop()
            if not undisputed:
                self._recent = [*self._recent[-9:], slot]
            return slot

    def contested(self, chance: random.Random) -> Slot | None:
        """A slot that a client got lately."""
        with self._lock:
            return chance.choice(self._recent) if self._recent else None

    def booked(self, organisation_id: str, booking_id: str, version: int) -> None:
        """A booking that anybody of the organisation may change next."""
        with self._lock:
            self._bookings.setdefault(organisation_id, []).append((booking_id, version))

    def booking(
        self, organisation_id: str, chance: random.Random, share: bool
    ) -> tuple[str, int] | None:
        """A booking to change; with `share` another client may be given it too, and race."""
        with self._lock:
            known = self._bookings.get(organisation_id)
            if not known:
                return None
            place = chance.randrange(len(known))
            return known[place] if share else known.pop(place)


def ask_until_definite(
    ask: Callable[[], Answer], chance: random.Random, *, walk_away: bool = True
) -> tuple[Answer, list[int]]:
    """Ask until there is a definite answer, the client's patience ends, or it walks away.

    Returns:
        the last answer, and the status of each.
    """
    give_up = time.monotonic() + GIVE_UP_SECONDS
    statuses: list[int] = []
    while True:
        answer = ask()
        statuses.append(answer.status)
        if answer.definite or time.monotonic() > give_up:
            return answer, statuses
        if walk_away and chance.random() < WALK_AWAY:
            return answer, statuses
        pause = min(max(answer.seconds_to_wait, 0.2), LONGEST_PAUSE_SECONDS)
        # A client's manners: it waits for the time in the answer before it asks again.
        time.sleep(pause * chance.uniform(0.5, 1.0))


class Client(threading.Thread):
    """One person, one request at a time, until the end."""

    def __init__(
        self,
        door: Door,
        twin: Door,
        organisation_id: str,
        shared: Shared,
        ledger: Ledger,
        *,
        seed: str,
        per_second: float,
        stop: threading.Event,
        settled: Callable[[Request, list[int]], None],
    ) -> None:
        super().__init__(name=f"client {seed}", daemon=True)
        self._door = door
        self._twin = twin
        self._organisation = organisation_id
        self._shared = shared
        self._ledger = ledger
        self._chance = random.Random(seed)
        self._pause = 1 / per_second
        self._stop_asked = stop
        self._settled = settled
        self.failure: BaseException | None = None
        self.contradictions: list[str] = []

    def run(self) -> None:
        try:
            while not self._stop_asked.wait(self._pause * self._chance.uniform(0.5, 1.5)):
                self.step()
        except BaseException as error:
            self.failure = error
            raise

    def step(self) -> None:
        """One request of the mix."""
        dice = self._chance.randrange(100)
        if dice < CANCELS + CHANGES:
            # Some are given to two clients at once, so that one of them comes too late.
            found = self._shared.booking(self._organisation, self._chance, dice % 4 == 0)
            if found is not None:
                operate = self.cancel if dice < CANCELS else self.change
                operate(*found)
                return
        contested = None
        if dice >= 100 - CONTESTED:
            contested = self._shared.contested(self._chance)
        self.create(contested or self._shared.fresh())

    def create(self, slot: Slot, walk_away: bool = True, mark: str | None = None) -> Request:
        """Book a slot; the title is the mark."""
        mark = mark or self._mark(CREATE)
        key = str(uuid.UUID(int=self._chance.getrandbits(128), version=4))
        request = Request(mark, CREATE, self._organisation, key, wanted=str(slot))
        body = {
            **slot.to_wire(),
            "organisation_id": self._organisation,
            "title": mark,
            "purpose": "meeting",
        }
        if walk_away and self._chance.random() < TWICE:
            return self._do(request, lambda: self._create_twice(key, body))
        return self._do(request, lambda: self._door.create(key, body), walk_away)

    def _create_twice(self, key: str, body: Json) -> Answer:
        """The same request twice at once: one booking, and the same answer to both."""
        with ThreadPoolExecutor(1) as other_line:
            other = other_line.submit(self._twin.create, key, body)
            answers = [self._door.create(key, body), other.result()]
        definite = [answer for answer in answers if answer.definite]
        told = {(answer.status, answer.body.get("id")) for answer in definite}
        if len(told) > 1:
            self.contradictions.append(f"{body['title']}, sent twice at once, was told {told}")
        return definite[0] if definite else answers[0]

    def change(self, booking_id: str, version: int) -> Request:
        """Move a booking to a slot of its own; the title is the mark."""
        mark = self._mark(CHANGE)
        slot = self._shared.fresh()
        request = Request(
            mark,
            CHANGE,
            self._organisation,
            booking_id=booking_id,
            version=version,
            wanted=str(slot),
        )
        changes = {**slot.to_wire(), "title": mark}
        return self._do(request, lambda: self._door.change(booking_id, version, changes))

    def cancel(self, booking_id: str, version: int) -> Request:
        """Cancel a booking; the reason is the mark."""
        mark = self._mark(CANCEL)
        request = Request(mark, CANCEL, self._organisation, booking_id=booking_id, version=version)
        return self._do(request, lambda: self._door.cancel(booking_id, version, mark))

    def _mark(self, operation: str) -> str:
        return f"{operation} {self._chance.getrandbits(64):016x}"

    def _do(self, request: Request, ask: Callable[[], Answer], walk_away: bool = True) -> Request:
        """Ask until there is a definite answer, the client's patience ends, or it walks away."""
        self._ledger.sent(request)
        answer, statuses = ask_until_definite(ask, self._chance, walk_away=walk_away)
        lost = len(statuses) - (1 if answer.definite else 0)
        done = self._outcome(request, answer, lost)
        done = replace(done, attempts=len(statuses), lost=lost)
        self._ledger.settled(done)
        if done.outcome == OK and done.operation != CANCEL and done.booking_id and done.version:
            self._shared.booked(self._organisation, done.booking_id, done.version)
        self._settled(done, statuses)
        return done

    def _outcome(self, request: Request, answer: Answer, lost: int) -> Request:
        code = answer.body.get("code")
        if not answer.definite:
            return replace(request, outcome=UNKNOWN, code=code)
        if answer.ok:
            return replace(
                request,
                outcome=OK,
                booking_id=answer.body["id"],
                version=answer.body["version"],
            )
        if lost and request.operation != CREATE:
            # "Stale" after silence: perhaps our own first attempt made the version stale. A
            # create needs no such excuse: its key gives the first answer again.
            return replace(request, outcome=UNKNOWN, code=code)
        return replace(request, outcome=REFUSED, code=code)


class Workload:
    """All clients, and a view of what they have been answered.

    Args:
        doors: one client for each, with a second door for what is sent twice at once.
        per_second: requests that each client begins per second while it is answered.
    """

    def __init__(
        self,
        doors: Sequence[tuple[Person, Door, Door]],
        shared: Shared,
        ledger: Ledger,
        *,
        seed: int,
        per_second: float,
    ) -> None:
        self._stop = threading.Event()
        self._progress = threading.Condition()
        self.settled: list[Request] = []
        self.defects: list[str] = []
        self.clients = [
            Client(
                door,
                twin,
                person.organisation_id or "",
                shared,
                ledger,
                seed=f"{seed}/{number}",
                per_second=per_second,
                stop=self._stop,
                settled=self._note,
            )
            for number, (person, door, twin) in enumerate(doors)
        ]

    def start(self) -> None:
        for client in self.clients:
            client.start()

    def await_settled(self, more: int, seconds: float) -> None:
        """Wait until so many further requests have come to an outcome.

        Raises AssertionError when that takes longer than `seconds`.
        """
        with self._progress:
            wanted = len(self.settled) + more
            came = self._progress.wait_for(
                lambda: len(self.settled) >= wanted or self.failure() is not None, seconds
            )
            failure = self.failure()
            if failure is not None:
                raise AssertionError("a client died") from failure
            assert came, f"fewer than {more} requests were answered within {seconds} s"

    def stop(self) -> None:
        """Let every client come to the end of its request."""
        self._stop.set()
        for client in self.clients:
            if client.is_alive():
                client.join(GIVE_UP_SECONDS + 30)
        failure = self.failure()
        if failure is not None:
            raise AssertionError("a client died") from failure

    def contradictions(self) -> list[str]:
        """Where one request got two answers."""
        return [each for client in self.clients for each in client.contradictions]

    def failure(self) -> BaseException | None:
        """Why a client died, which is a defect of the test."""
        return next((c.failure for c in self.clients if c.failure is not None), None)

    def _note(self, request: Request, statuses: list[int]) -> None:
        with self._progress:
            self.settled.append(request)
            # 500 and whatever else blames the system; 503 is an honest "not now".
            self.defects += [
                f"{request.mark} was answered {status}"
                for status in statuses
                if status >= 500 and status != 503
            ]
            self._progress.notify_all()
