"""Races for the last seats of a cohort on the real database: sixty at once, round after round.

When the race begins, the cohort is full but for what has just become free: the first offers have
expired at this very moment and nobody has noticed, later ones can still be accepted, and floors may
have been released. At once people apply alone and in groups, accept, decline and withdraw, staff
change the capacity, and workers do what is due.

What is counted is worked out from the entries of the roster, as a person with a list would:

* ``oversold``: seats taken beyond the capacity;
* ``caps_broken``: seats of organisations beyond their cap;
* ``floors_broken``: seats that a floor keeps and that others have;
* ``left_empty``: people who wait although a seat is free that they may have;
* ``disagreements``: applications that say something else than the roster, people who have two
  seats, acknowledged applications that are not there, and what the audit of the branch finds.
"""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from services.common.clock import FixedClock
from services.common.context import Caller
from services.common.ids import new_id
from services.trainings.app import App
from services.trainings.deadlines import handlers
from services.trainings.domain.application_states import ApplicationStatus
from services.trainings.domain.applications import Application
from services.trainings.domain.audit import audit_roster
from services.trainings.domain.catalogue import Topic
from services.trainings.domain.centres import Centre
from services.trainings.domain.cohorts import Cohort
from services.trainings.domain.participants import Sex
from services.trainings.domain.roster import Entry, Roster, Standing
from services.trainings.operations import application_answers, applying, cohorts
from services.trainings.schemas.applications import (
    ActOnApplication,
    ApplyForCohort,
    NominatePeople,
    Nominee,
)
from services.trainings.schemas.cohorts import ChangeCohort
from tests.bench.alone import run_alone
from tests.bench.racers import WON, Branch, Racers, Try, do_what_is_due, patiently
from tests.bench.trainings import open_trainings
from tests.support.bookings import NOW, RAQQA_DESK, call
from tests.support.figures import Figure
from tests.support.trainings import offer, open_cohort

ROUNDS = int(os.environ.get("BENCH_SEAT_ROUNDS", "5"))
AT_ONCE = 60
OFFER_HOURS = 48
RACE_AT = NOW + timedelta(hours=OFFER_HOURS)
CAPACITY = 14
CAP = 4
ORGANISATIONS = (None, "amal", "furat", "nour", "salam", "wafa")
_TELL_ROUNDS = 50
_HOLDS = (Standing.OFFERED, Standing.ENROLLED)
_STANDING_OF = {
    ApplicationStatus.OFFERED: Standing.OFFERED,
    ApplicationStatus.ENROLLED: Standing.ENROLLED,
    ApplicationStatus.WAITLISTED: Standing.WAITING,
}
# A round begins with these empty.
_ROUND = (
    "cohorts",
    "applications",
    "participants",
    "deadlines",
    "outbox",
    "idempotency_keys",
    "history",
)


def open_app(mongo_uri: str, prefix: str, clock: FixedClock | None = None) -> App:
    """The branch at the moment of the race."""
    return open_trainings(mongo_uri, prefix, clock or FixedClock(RACE_AT))


def settle(app: App) -> None:
    """Do everything that is due, as the worker of trainings does."""
    do_what_is_due(app, handlers(app))


TRAININGS = Branch(
    open_app,
    settle,
    {
        "apply": applying.apply_for_cohort,
        "nominate": applying.nominate_people,
        "accept": application_answers.accept_offer,
        "decline": application_answers.decline_offer,
        "withdraw": application_answers.withdraw_application,
        "change_cohort": cohorts.change_cohort,
    },
    # All of them want one cohort, which takes one after another.
    patience=60.0,
)


@dataclass
class Tally:
    """What the rounds of one race came to."""

    rounds: int = 0
    oversold: int = 0
    caps_broken: int = 0
    floors_broken: int = 0
    left_empty: int = 0
    disagreements: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)

    def values(self) -> dict[str, int]:
        return {
            name: getattr(self, name)
            for name in (
                "rounds",
                "oversold",
                "caps_broken",
                "floors_broken",
                "left_empty",
                "disagreements",
            )
        }

    def describe(self, begin: float) -> str:
        """In a line, since ``begin`` by the clock that only goes forward."""
        common = ", ".join(f"{code} {n}" for code, n in self.outcomes.most_common(5))
        counted = ", ".join(f"{name} {value}" for name, value in self.values().items())
        return f"{time.monotonic() - begin:.0f} s: {counted}; {common}"


# -- what is right, worked out from the entries ----------------------------------------------------


def seated(roster: Roster) -> list[Entry]:
    """Who has a seat or is offered one. There are participants only."""
    return [each for each in roster.entries if each.standing in _HOLDS]


def needed_by_floors(cohort: Cohort, people: Iterable[Entry], released: bool) -> int:
    """The fewest people who could meet what the floors of the cohort still lack."""
    if cohort.floors is None or released:
        return 0
    seats = list(people)
    women = max(0, cohort.floors.women - sum(each.woman for each in seats))
    centres = sum(
        max(0, floor.seats - sum(each.centre_id == floor.centre_id for each in seats))
        for floor in cohort.floors.centres
    )
    return max(women, centres)


def may_have_seat(cohort: Cohort, entry: Entry, released: bool) -> bool:
    """Whether a person who waits alone could have one of the free seats."""
    assert cohort.roster is not None
    people = seated(cohort.roster)
    if len(people) >= cohort.capacity:
        return False
    own = sum(each.organisation_id == entry.organisation_id for each in people)
    cap = cohort.cap_per_organisation
    if entry.organisation_id is not None and cap is not None and own >= cap:
        return False
    after = [*people, entry]
    return cohort.capacity - len(after) >= needed_by_floors(cohort, after, released)


def count_faults(
    cohort: Cohort, applications: Iterable[Application], tally: Tally, *, most: int
) -> None:
    """Count what is wrong with a cohort after a race.

    Args:
        most: the seats that there were at the most during the race.
    """
    roster = cohort.roster
    assert roster is not None
    floors = cohort.floors
    released = floors is not None and (floors.released_at or RACE_AT) <= RACE_AT
    people = seated(roster)
    tally.oversold += max(0, len(people) - most)
    organisations = Counter(each.organisation_id for each in people if each.organisation_id)
    cap = cohort.cap_per_organisation or len(people)
    tally.caps_broken += sum(max(0, seats - cap) for seats in organisations.values())
    lacking = needed_by_floors(cohort, people, released)
    if lacking and most == cohort.capacity:
        tally.floors_broken += max(0, lacking - (cohort.capacity - len(people)))
    alone = [
        each for each in roster.entries if each.standing is Standing.WAITING and not each.group_id
    ]
    tally.left_empty += sum(may_have_seat(cohort, each, released) for each in alone)
    entries = {each.id: each for each in roster.entries}
    for each in applications:
        entry = entries.pop(each.id, None)
        standing = None if entry is None else entry.standing
        tally.disagreements += standing is not _STANDING_OF.get(each.status)
    tally.disagreements += len(entries)
    tally.disagreements += sum(
        count - 1 for count in Counter(each.person_id for each in roster.entries).values()
    )
    tally.disagreements += len(audit_roster(roster, RACE_AT))


# -- the race --------------------------------------------------------------------------------------


@dataclass
class Race:
    """Where races are run."""

    app: App
    clock: FixedClock
    racers: Racers
    chance: random.Random
    course_id: str

    def at(self, moment: Any) -> None:
        self.clock.advance(moment - self.clock.now())

    def applying(self, cohort: Cohort, number: int) -> Try:
        """A person who comes for an organisation or for none; women, and people of the other
        centre, are counted by floors."""
        organisation = self.chance.choice(ORGANISATIONS)
        belongs = {} if organisation is None else {organisation: "member"}
        caller = Caller(id=f"person-{number}", organisations=belongs)
        person = {"name": f"Person {number}", "sex": self.chance.choice([Sex.FEMALE, Sex.MALE])}
        centre = self.chance.choice(("raqqa", "raqqa", "tabqa"))
        return Try("apply", call(caller), ApplyForCohort(cohort.id, organisation, centre, person))

    def nominating(self, cohort: Cohort, number: int) -> Try:
        """Three people who come together or not at all."""
        people = tuple(
            Nominee(
                None, {"name": f"Nominee {number}-{each}", "phone": f"+9639440{number:03}{each:02}"}
            )
            for each in range(3)
        )
        command = NominatePeople(cohort.id, None, None, people, together=True)
        return Try("nominate", call(RAQQA_DESK), command)

    def resize(self, cohort: Cohort, by: int) -> Cohort:
        """Staff give the cohort more seats or fewer."""
        command = self.resizing(cohort, by).command
        return cohorts.change_cohort(self.app, call(RAQQA_DESK), command)

    def resizing(self, cohort: Cohort, by: int) -> Try:
        changes = {"capacity": cohort.capacity + by}
        command = ChangeCohort(cohort.id, cohort.version, changes, None)
        return Try("change_cohort", call(RAQQA_DESK), command)


def prepare(race: Race) -> Cohort:
    """A cohort at the moment of the race: full, with offers that have just expired and others that
    stand."""
    for name in _ROUND:
        race.app.database.collection(name).delete_many({})
    race.at(NOW)
    released_at = race.chance.choice((RACE_AT, RACE_AT + timedelta(days=2)))
    cohort = open_cohort(
        race.app,
        course_id=race.course_id,
        capacity=CAPACITY,
        cap_per_organisation=CAP,
        offer_hours=OFFER_HOURS,
        floors={
            "women": 4,
            "centres": [{"centre_id": "tabqa", "seats": 2}],
            "released_at": released_at.isoformat().replace("+00:00", "Z"),
        },
    )
    for number in range(CAPACITY + 10):
        each = race.applying(cohort, number)
        applying.apply_for_cohort(race.app, each.call, each.command)
    cohort = race.resize(race.app.cohorts.get(cohort.id), 3)
    race.at(NOW + timedelta(hours=OFFER_HOURS // 2))
    cohort = race.resize(cohort, 3)
    race.at(RACE_AT)
    return race.app.cohorts.get(cohort.id)


def orders(race: Race, cohort: Cohort, by: tuple[int, ...]) -> list[Try]:
    """Sixty things that people, staff and workers do.

    Args:
        by: how staff change the capacity, all of them at once; one of them is in time.
    """
    tries = [race.resizing(cohort, each) for each in by]
    tries += [Try("settle", call(RAQQA_DESK)) for _ in range(5)]
    tries += [race.nominating(cohort, number) for number in range(2)]
    for each in race.app.applications.of_cohort(cohort.id):
        mine = call(Caller(id=each.participant_id))
        command = ActOnApplication(each.id, each.version)
        if each.status is ApplicationStatus.OFFERED:
            tries.append(Try(race.chance.choice(("accept", "accept", "decline")), mine, command))
        elif race.chance.random() < (0.5 if each.status is ApplicationStatus.ENROLLED else 0.2):
            tries.append(Try("withdraw", mine, command))
    tries += [race.applying(cohort, 100 + number) for number in range(AT_ONCE - len(tries))]
    race.chance.shuffle(tries)
    return tries


RACES: Mapping[str, tuple[int, ...]] = {"more": (1, 2, 4), "fewer": (-1, -3)}
"""How staff change the capacity while people race, by the name of the race."""


def run(race: Race, by: tuple[int, ...], tally: Tally) -> None:
    """One round."""
    before = patiently(lambda: prepare(race))
    tries = orders(race, before, by)
    outcomes = race.racers.race(tries)
    patiently(lambda: settle(race.app))
    after = patiently(lambda: race.app.cohorts.get(before.id))
    applications = patiently(lambda: race.app.applications.of_cohort(before.id))
    tally.rounds += 1
    tally.outcomes.update(
        f"{each.what} {'' if outcome == WON else outcome}".strip()
        for each, outcome in zip(tries, outcomes, strict=True)
    )
    promised = sum(
        {"apply": 1, "nominate": 3}.get(each.what, 0)
        for each, outcome in zip(tries, outcomes, strict=True)
        if outcome == WON
    )
    tally.disagreements += abs(len(applications) - (CAPACITY + 10) - promised)
    count_faults(after, applications, tally, most=max(before.capacity, after.capacity))


def measure(
    mongo_uri: str,
    *,
    seed: int,
    rounds: int = ROUNDS,
    say: Callable[[str], None] = print,
) -> list[Figure]:
    """Run the races on a database of their own, which is dropped afterwards.

    Args:
        mongo_uri: a replica set.
    """
    prefix = f"seats{new_id()[-8:]}"
    clock = FixedClock(NOW)
    app = open_app(mongo_uri, prefix, clock)
    app.centres.seed(Centre(name, {"ar": name}, "Asia/Damascus") for name in ("raqqa", "tabqa"))
    app.topics.seed([Topic("project-management", {"ar": "إدارة المشاريع"})])
    racers = Racers(mongo_uri, prefix, branch=TRAININGS, threads=AT_ONCE // 2)
    found: list[Figure] = []
    try:
        for what, by in RACES.items():
            race = Race(app, clock, racers, random.Random(f"{seed} {what}"), offer(app).id)
            tally, begin = Tally(), time.monotonic()
            for number in range(1, rounds + 1):
                run(race, by, tally)
                if number % _TELL_ROUNDS == 0 or number == rounds:
                    say(f"  seats, {what:<6} {number:>4}/{rounds} rounds, {tally.describe(begin)}")
            found += [
                Figure(f"trainings.seats.{what}.{name}", value, "")
                for name, value in tally.values().items()
            ]
    finally:
        racers.close()
        app.database.client.drop_database(f"{prefix}_trainings")
        app.close()
    return found


if __name__ == "__main__":
    run_alone(lambda uri, seed: measure(uri, seed=seed))
