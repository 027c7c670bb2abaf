"""The race through the whole system: fifty people press "book" at the same moment.

Gateway, broker, service and database, all as they run; what came of it is read from the bookings
that the gateway lists afterwards, as people see them.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any

import httpx

from deploy.local import people
from services.common.clock import from_wire, to_wire
from services.common.ids import new_id
from tests.bench.races import AT_ONCE, Tally
from tests.support.figures import Figure
from tests.support.stack import Stack

ROUNDS = int(os.environ.get("BENCH_GATEWAY_RACE_ROUNDS", "10"))
# Without buffers, so that two bookings overlap exactly when their times do.
ROOM = "raqqa-consultation-room"
_QUARTER = timedelta(minutes=15)
_FIRST_DAY = 160
"""Days ahead, where the other benchmarks do not book."""


def measure(stack: Stack, *, seed: int, say: Callable[[str], None] = print) -> list[Figure]:
    """Run the rounds on a stack that is up, each on a day of its own."""
    chance = random.Random(f"{seed} gateway")
    tally, begin = Tally(), time.monotonic()
    for day in _office_days(ROUNDS):
        asyncio.run(_round(stack.gateway_url, chance, day, tally))
    common = ", ".join(f"{outcome} {count}" for outcome, count in tally.outcomes.most_common(4))
    say(f"  gateway    {ROUNDS} rounds in {time.monotonic() - begin:.0f} s: {common}")
    return [
        Figure(f"bookings.race.gateway_create.{name}", value, "")
        for name, value in {
            "rounds": tally.rounds,
            "overlaps": tally.overlaps,
            "exceeded": tally.exceeded,
            "without_winner": tally.without_winner,
        }.items()
    ]


def _office_days(count: int) -> list[datetime]:
    """Nine o'clock in Damascus (UTC+3 all year) on working days."""
    today = datetime.now(UTC).replace(hour=6, minute=0, second=0, microsecond=0)
    days = [today + timedelta(days=_FIRST_DAY + offset) for offset in range(19)]
    return [day for day in days if day.weekday() not in (4, 5)][:count]


async def _round(url: str, chance: random.Random, day: datetime, tally: Tally) -> None:
    who = next(person for person in people.everyone() if person.role == "representative")
    limits = httpx.Limits(max_connections=AT_ONCE)
    async with httpx.AsyncClient(base_url=url, limits=limits, timeout=60) as client:
        answer = await client.post(
            "/v1/auth/token",
            json={"grant_type": "password", "email": who.email, "password": who.password},
        )
        answer.raise_for_status()
        client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        bodies = [_body(chance, day, str(who.organisation_id)) for _ in range(AT_ONCE)]
        answers = await asyncio.gather(
            *(
                client.post("/v1/bookings", json=body, headers={"Idempotency-Key": new_id()})
                for body in bodies
            )
        )
        outcomes = Counter(
            "won" if each.status_code == 201 else each.json()["code"] for each in answers
        )
        listed = await client.get(
            "/v1/bookings",
            params={
                "space_id": ROOM,
                "ends_after": to_wire(day),
                "starts_before": to_wire(day + timedelta(hours=12)),
                "status": "confirmed",
                "limit": 200,
            },
        )
        listed.raise_for_status()
    held = [
        (from_wire(each["starts_at"]), from_wire(each["ends_at"]))
        for each in listed.json()["items"]
    ]
    tally.rounds += 1
    tally.outcomes.update(outcomes)
    tally.overlaps += sum(a[0] < b[1] and b[0] < a[1] for a, b in combinations(held, 2))
    # What was confirmed to people stands, and nothing else does.
    tally.exceeded += abs(len(held) - outcomes["won"])
    tally.without_winner += not held


def _body(chance: random.Random, day: datetime, organisation_id: str) -> dict[str, Any]:
    length = chance.randrange(2, 9)
    start = day + _QUARTER * chance.randrange(32 - length)
    return {
        "space_id": ROOM,
        "organisation_id": organisation_id,
        "starts_at": to_wire(start),
        "ends_at": to_wire(start + _QUARTER * length),
        "title": "Race",
        "purpose": "meeting",
    }
