"""Races on the real database: fifty at once, round after round, and never two winners.

What is counted is worked out from the bookings' own times, people and equipment, as a person with a
calendar would, and not from the claims or their index:

* ``overlaps``: pairs of bookings that have the same room, or a hall and its part, at one time;
* ``exceeded``: budgets and equipment used beyond what there is, requests decided twice, bookings
that a client was promised and that are not there; * ``without_winner``: rounds in which everybody
was refused; * ``wrongly_refused``: refusals of "taken" for what is free to the end, where nothing
is given back.
"""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import combinations
from typing import Any

from services.bookings.app import App
from services.bookings.domain.booking import Booking
from services.bookings.domain.booking_states import HOLDS_ITS_TIME, Status
from services.bookings.domain.centre import Space
from services.bookings.domain.equipment import Equipment, Need
from services.bookings.domain.series import OnConflict
from services.bookings.operations import bookings, budgets
from services.bookings.operations import equipment as lending
from services.bookings.schemas.approval import ApproveBooking, RejectBooking
from services.bookings.schemas.bookings import CancelBooking, ChangeBooking
from services.bookings.schemas.budgets import SetBudget
from services.bookings.schemas.equipment import ChangeEquipment
from services.bookings.schemas.series import CreateSeries
from services.bookings.schemas.waitlist import JoinWaitlist
from services.common.ids import new_id
from services.common.storage.mongo import Document
from services.common.time.period import Period
from tests.bench.alone import run_alone
from tests.bench.racers import WON, Racers, Try, open_app, patiently, settle
from tests.support.bookings import (
    MANAGER,
    RAQQA_DESK,
    REPRESENTATIVE,
    arrive,
    booking_command,
    call,
    organisation,
    raqqa,
    space,
    tomorrow,
)
from tests.support.figures import Figure

ROUNDS = int(os.environ.get("BENCH_RACE_ROUNDS", "30"))
AT_ONCE = 50
_TELL_ROUNDS = 50
PROJECTORS = 4
BUDGET_HOURS = 5
QUARTER = timedelta(minutes=15)
_HOLDING = {status.value for status in HOLDS_ITS_TIME}
_NOTHING_LEFT = {"bookings.space_taken", "bookings.equipment_taken"}
# A round begins with these empty; what has been booked before is nobody's business then.
_ROUND = (
    "bookings",
    "deadlines",
    "outbox",
    "idempotency_keys",
    "booking_series",
    "waitlist_entries",
    "budget_weeks",
)

SPACES = [
    space("room"),
    space("buffered", buffer_before=timedelta(minutes=10), buffer_after=timedelta(minutes=15)),
    space("asked", needs_approval=True),
    space("hall", capacity=60, parts=("hall-a", "hall-b")),
    space("hall-a", capacity=30),
    space("hall-b", capacity=30),
    *[space(f"room-{number:02}") for number in range(AT_ONCE)],
]
KNOWN = {each.id: each for each in SPACES}


@dataclass
class Tally:
    """What the rounds of one race came to."""

    rounds: int = 0
    overlaps: int = 0
    exceeded: int = 0
    without_winner: int = 0
    wrongly_refused: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)

    def told(self, begin: float) -> str:
        """In a line, since ``begin`` by the clock that only goes forward."""
        common = ", ".join(f"{code} {n}" for code, n in self.outcomes.most_common(4))
        return (
            f"{time.monotonic() - begin:.0f} s: {common}; overlaps {self.overlaps}, "
            f"exceeded {self.exceeded}, without winner {self.without_winner}, "
            f"wrongly refused {self.wrongly_refused}"
        )


# -- what is right, worked out from the bookings ---------------------------------------------------


def taken(booking: Document) -> Period:
    """The booked time with the buffers of its space, in whole quarters of an hour."""
    here = KNOWN[booking["space_id"]]
    before = -(-here.buffer_before // QUARTER) * QUARTER
    after = -(-here.buffer_after // QUARTER) * QUARTER
    return Period(booking["starts_at"] - before, booking["ends_at"] + after)


def rooms(here: Space) -> set[str]:
    return set(here.parts or (here.id,))


def share_a_room(one: str, other: str) -> bool:
    return not rooms(KNOWN[one]).isdisjoint(rooms(KNOWN[other]))


def overlaps(held: Iterable[Document]) -> int:
    """Pairs of bookings that have the same room at the same time."""
    return sum(
        share_a_room(one["space_id"], other["space_id"]) and taken(one).overlaps(taken(other))
        for one, other in combinations(held, 2)
    )


def lent(held: Iterable[Document], within: Period) -> int:
    """The most projectors that are wanted at any quarter of an hour of a period."""
    most, instant = 0, within.starts_at
    while instant < within.ends_at:
        now = Period(instant, instant + QUARTER)
        most = max(most, sum(_projectors(each) for each in held if taken(each).overlaps(now)))
        instant += QUARTER
    return most


def _projectors(booking: Document) -> int:
    return sum(need["quantity"] for need in booking["equipment"])


def could_still_be_had(wanted: Any, held: list[Document]) -> bool:
    """Whether nobody has, to the end, what was refused as taken; of equipment, whether so many
    units are free of everything that touches the time that some must be free throughout."""
    document = {
        "space_id": wanted.space_id,
        "starts_at": wanted.period.starts_at,
        "ends_at": wanted.period.ends_at,
    }
    when = taken(document)
    near = [each for each in held if taken(each).overlaps(when)]
    if any(share_a_room(wanted.space_id, each["space_id"]) for each in near):
        return False
    need: int = sum(each.quantity for each in wanted.equipment)
    return sum(map(_projectors, near)) + need <= PROJECTORS


# -- the races -------------------------------------------------------------------------------------


@dataclass
class Race:
    """Where races are run."""

    app: App
    racers: Racers
    chance: random.Random

    def period(self, longest: int = 8) -> Period:
        """Somewhere in tomorrow's office hours."""
        length = self.chance.randrange(2, longest + 1)
        start = tomorrow(9) + QUARTER * self.chance.randrange(32 - length)
        return Period(start, start + QUARTER * length)

    def creates(self, count: int, places: tuple[str, ...], **values: Any) -> list[Try]:
        return [
            Try("create", call(REPRESENTATIVE), self.wish(self.chance.choice(places), **values))
            for _ in range(count)
        ]

    def wish(self, place: str, **values: Any) -> Any:
        return booking_command(**{"space_id": place, "period": self.period(), **values})

    def book(self, place: str, period: Period, **values: Any) -> Booking:
        return bookings.create(
            self.app,
            call(REPRESENTATIVE),
            booking_command(space_id=place, period=period, **values),
        )

    def held(self) -> list[Document]:
        """What holds its time now; closures are in the same collection, but there are none."""
        found = self.app.database.collection("bookings").find({"status": {"$in": [*_HOLDING]}})
        return list(found)


Tries = list[Try]


def create(race: Race) -> Tries:
    return race.creates(AT_ONCE, (race.chance.choice(("room", "buffered")),))


def parts(race: Race) -> Tries:
    return race.creates(AT_ONCE, ("hall", "hall-a", "hall-b"))


def reschedule(race: Race) -> Tries:
    """All the others' bookings are moved into one room, half of them at the time of a new one."""
    half = AT_ONCE // 2
    moving = [race.book(f"room-{number:02}", race.period()) for number in range(half)]
    tries = []
    for each in moving:
        to = race.period()
        command = ChangeBooking(each.id, each.version, "room", to.starts_at, to.ends_at, {})
        tries.append(Try("change", call(REPRESENTATIVE), command))
    return tries + race.creates(AT_ONCE - half, ("room",))


def approve(race: Race) -> Tries:
    """Two at the desk say yes and one says no to each request, while others want its time."""
    tries: Tries = []
    for hour in range(9, 17):
        booking = race.book("asked", Period(tomorrow(hour), tomorrow(hour) + QUARTER * 4))
        assert booking.status is Status.PENDING
        same = (booking.id, booking.version)
        tries += [Try("approve", call(RAQQA_DESK), ApproveBooking(*same)) for _ in range(2)]
        tries.append(Try("reject", call(RAQQA_DESK), RejectBooking(*same, "no")))
    return tries + race.creates(AT_ONCE - len(tries), ("asked",))


def series(race: Race) -> Tries:
    """Ten series over three days of one room, in the midst of single bookings of its first day."""
    tries = [
        Try(
            "create_series",
            call(REPRESENTATIVE),
            CreateSeries(
                space_id="room",
                organisation_id="amal",
                period=race.period(),
                rule="FREQ=DAILY;COUNT=3",
                title="Course",
                purpose="training",
                people=None,
                on_conflict=race.chance.choice((OnConflict.SKIP, OnConflict.REFUSE)),
            ),
        )
        for _ in range(10)
    ]
    return tries + race.creates(AT_ONCE - len(tries), ("room",))


def equipment(race: Race) -> Tries:
    """Everybody has a room of their own, but there are four projectors."""
    return [
        Try(
            "create",
            call(REPRESENTATIVE),
            race.wish(
                f"room-{number:02}", equipment=(Need("projector", race.chance.choice((1, 1, 2))),)
            ),
        )
        for number in range(AT_ONCE)
    ]


def waitlist(race: Race) -> Tries:
    """The room is given back while eight wait for it, workers look for them, and others just
    book."""
    day = Period(tomorrow(9), tomorrow(17))
    booking = race.book("room", day)
    joining = [
        JoinWaitlist(
            space_id="room",
            centre_id=None,
            organisation_id="amal",
            window=day,
            duration=QUARTER * race.chance.randrange(4, 12),
            title="Waiting",
            purpose="meeting",
            people=None,
            features=(),
        )
        for _ in range(8)
    ]
    race.racers.race([Try("join", call(REPRESENTATIVE), each) for each in joining])
    settle(race.app)
    cancelling = Try(
        "cancel", call(REPRESENTATIVE), CancelBooking(booking.id, booking.version, None)
    )
    workers = [Try("settle", call(REPRESENTATIVE)) for _ in range(9)]
    return [cancelling, *workers, *race.creates(AT_ONCE - 10, ("room",))]


def fewer(race: Race) -> Tries:
    """Managers have fewer projectors while everybody books them."""
    kind = race.app.equipment.get("projector")
    managers = [
        Try(
            "change_equipment",
            call(MANAGER),
            ChangeEquipment(kind.id, kind.version, {"quantity": quantity}),
        )
        for quantity in (1, 2, 3)
    ]
    return [*managers, *equipment(race)[len(managers) :]]


def offers(race: Race) -> Tries:
    """All projectors are given back while eight wait for some, workers look for them, and others
    just book them."""
    day = Period(tomorrow(9), tomorrow(17))
    booking = race.book("room", day, equipment=(Need("projector", PROJECTORS),))
    joining = [
        JoinWaitlist(
            space_id=None,
            centre_id="raqqa",
            organisation_id="amal",
            window=day,
            duration=QUARTER * race.chance.randrange(4, 12),
            title="Waiting",
            purpose="meeting",
            people=None,
            features=(),
            equipment=(Need("projector", race.chance.choice((1, 2))),),
        )
        for _ in range(8)
    ]
    race.racers.race([Try("join", call(REPRESENTATIVE), each) for each in joining])
    settle(race.app)
    cancelling = Try(
        "cancel", call(REPRESENTATIVE), CancelBooking(booking.id, booking.version, None)
    )
    workers = [Try("settle", call(REPRESENTATIVE)) for _ in range(9)]
    return [cancelling, *workers, *equipment(race)[10:]]


def budget(race: Race) -> Tries:
    """Everybody has a room of their own, but the organisation has five hours a week."""
    return [
        Try(
            "create",
            call(MANAGER),
            race.wish(f"room-{number:02}", organisation_id="capped"),
        )
        for number in range(AT_ONCE)
    ]


RACES: Mapping[str, Callable[[Race], Tries]] = {
    "create": create,
    "reschedule": reschedule,
    "approve": approve,
    "series": series,
    "parts": parts,
    "equipment": equipment,
    "fewer": fewer,
    "waitlist": waitlist,
    "offers": offers,
    "budget": budget,
}
_TAKES = {"create", "change", "create_series", "approve", "reject"}
# Where something is given back while others try, a refusal may have been right in its moment.
_ONLY_TAKEN = {"create", "parts", "equipment"}


def restock(app: App) -> None:
    """As many projectors as there were at first."""
    kind = app.equipment.get("projector")
    again = ChangeEquipment(kind.id, kind.version, {"quantity": PROJECTORS})
    lending.change(app, call(MANAGER), again)


def _prepare(race: Race, what: str) -> Tries:
    for name in _ROUND:
        race.app.database.collection(name).delete_many({})
    restock(race.app)
    return RACES[what](race)


def run(race: Race, what: str, tally: Tally) -> None:
    """One round."""
    tries = patiently(lambda: _prepare(race, what))
    outcomes = race.racers.race(tries)
    patiently(lambda: settle(race.app))
    held = patiently(race.held)
    tally.rounds += 1
    tally.outcomes.update(outcomes)
    tally.overlaps += overlaps(held)
    won = [each for each, outcome in zip(tries, outcomes, strict=True) if outcome == WON]
    # An entry that is offered the time by the waitlist has won it too.
    tally.without_winner += not held and not any(each.what in _TAKES for each in won)
    there_are = race.app.equipment.get("projector").quantity
    tally.exceeded += max(0, lent(held, Period(tomorrow(9), tomorrow(17))) - there_are)
    decided = Counter(each.command.id for each in won if each.what in ("approve", "reject"))
    tally.exceeded += sum(count - 1 for count in decided.values())
    hours = sum(
        (e["ends_at"] - e["starts_at"] for e in held if e["organisation_id"] == "capped"),
        timedelta(),
    )
    tally.exceeded += hours > timedelta(hours=BUDGET_HOURS)
    if what in _ONLY_TAKEN:
        # The bookings that clients were promised are there, and no others.
        tally.exceeded += abs(len(held) - len(won))
        tally.wrongly_refused += sum(
            outcome in _NOTHING_LEFT and could_still_be_had(each.command, held)
            for each, outcome in zip(tries, outcomes, strict=True)
        )


def measure(
    mongo_uri: str,
    *,
    seed: int,
    rounds: int = ROUNDS,
    races: Iterable[str] = tuple(RACES),
    say: Callable[[str], None] = print,
) -> list[Figure]:
    """Run the races on a database of their own, which is dropped afterwards.

    Args:
        mongo_uri: a replica set.
    """
    prefix = f"races{new_id()[-8:]}"
    app = open_app(mongo_uri, prefix)
    app.centres.seed([raqqa()], SPACES)
    app.equipment.seed([Equipment("projector", "raqqa", {"ar": "جهاز عرض"}, PROJECTORS)])
    arrive(app, organisation("amal"), organisation("capped"))
    budgets.set_limits(app, call(MANAGER), SetBudget("capped", 1, BUDGET_HOURS, None))
    racers = Racers(mongo_uri, prefix)
    found: list[Figure] = []
    try:
        for what in races:
            # Each race has its own chance, so that one can be run alone and be the same.
            race = Race(app, racers, random.Random(f"{seed} {what}"))
            tally, begin = Tally(), time.monotonic()
            for number in range(1, rounds + 1):
                run(race, what, tally)
                if number % _TELL_ROUNDS == 0 or number == rounds:
                    say(f"  {what:<10} {number:>4}/{rounds} rounds, {tally.told(begin)}")
            found += figures(what, tally)
    finally:
        racers.close()
        app.database.client.drop_database(f"{prefix}_bookings")
        app.close()
    return found


def figures(what: str, tally: Tally) -> list[Figure]:
    values = {
        "rounds": tally.rounds,
        "overlaps": tally.overlaps,
        "exceeded": tally.exceeded,
        "without_winner": tally.without_winner,
    }
    if what in _ONLY_TAKEN:
        values["wrongly_refused"] = tally.wrongly_refused
    return [Figure(f"bookings.race.{what}.{name}", value, "") for name, value in values.items()]


if __name__ == "__main__":
    run_alone(lambda uri, seed: measure(uri, seed=seed))
