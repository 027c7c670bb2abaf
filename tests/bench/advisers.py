"""Races for one adviser's day on the real database: forty at once, round after round.

At once people make appointments and ask for visits, of different lengths, with and without a way
to drive, and the adviser enters absences. What is counted is worked out from the documents, as a
person with a calendar would:

* ``overlaps``: pairs of meetings that share a moment, their buffers and ways included;
* ``outside_hours``: meetings beyond the working hours, or in a break;
* ``refused_in_vain``: tries that were refused although their time is free at the end. Nothing is
  given back in a round, so it was free when it was refused;
* ``untold``: meetings that an absence covers, without a task about it;
* ``nobody``: rounds in which nobody got a time, although the absences leave one free that a person
  wants; in about two of a hundred rounds they leave none;
* ``disagreements``: acknowledged meetings that are not stored, or whose time is not in the
  calendar as it is in the document.
"""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from itertools import combinations
from typing import Any

from services.common.clock import FixedClock
from services.common.config import Settings
from services.common.context import Call
from services.common.ids import new_id
from services.common.time.period import Period
from services.common.time.weekly_hours import WeeklyHours
from services.consultations.app import App, build
from services.consultations.deadlines import handlers
from services.consultations.domain.adviser_times import Buffers, Diary
from services.consultations.domain.advisers import Adviser
from services.consultations.domain.appointments import Mode
from services.consultations.domain.cases import Case
from services.consultations.domain.centres import Centre
from services.consultations.domain.engagements import Meeting, engagement_of
from services.consultations.domain.tasks import TaskKind
from services.consultations.operations import absences, appointments, visits
from services.consultations.schemas.absences import EnterAbsence
from services.consultations.schemas.appointments import AgreeAppointment
from services.consultations.schemas.visits import RequestVisit
from tests.bench.alone import run_alone
from tests.bench.racers import WON, Branch, Racers, Try, do_what_is_due, patiently
from tests.support.adviser_calendars import open_case
from tests.support.bookings import NOW, tomorrow
from tests.support.consultations import HUDA, put_organisations, seed_kinds
from tests.support.figures import Figure

ROUNDS = int(os.environ.get("BENCH_ADVISER_ROUNDS", "5"))
AT_ONCE = 40
BUFFER = timedelta(minutes=10)
_TELL_ROUNDS = 50
_RASTER = timedelta(minutes=5)
_OPENS, _CLOSES = tomorrow(9), tomorrow(16)
_REFUSED = "consultations.time_not_offered"
# A round begins with these empty.
_ROUND = (
    "engagements",
    "appointments",
    "visits",
    "absences",
    "tasks",
    "deadlines",
    "outbox",
    "news",
    "idempotency_keys",
    "history",
)


def open_app(mongo_uri: str, prefix: str) -> App:
    """The branch on the day before."""
    os.environ.setdefault("LINK_SECRET", "links of this benchmark")
    settings = Settings("amqp://unused", mongo_uri, database_prefix=prefix)
    return build(settings, clock=FixedClock(NOW))


def settle(app: App) -> None:
    """Do everything that is due, as the worker of consultations does."""
    do_what_is_due(app, handlers(app))


CONSULTATIONS = Branch(
    open_app,
    settle,
    {
        "agree": appointments.agree_appointment,
        "visit": visits.request_visit,
        "absence": absences.enter_absence,
    },
    # All of them want one adviser, who is asked by one after another.
    patience=60.0,
)


@dataclass
class Tally:
    """What the rounds came to."""

    rounds: int = 0
    overlaps: int = 0
    outside_hours: int = 0
    refused_in_vain: int = 0
    untold: int = 0
    nobody: int = 0
    disagreements: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)

    def values(self) -> dict[str, int]:
        return {
            name: getattr(self, name)
            for name in (
                "rounds",
                "overlaps",
                "outside_hours",
                "refused_in_vain",
                "untold",
                "nobody",
                "disagreements",
            )
        }

    def describe(self, begin: float) -> str:
        """In a line, since ``begin`` by the clock that only goes forward."""
        common = ", ".join(f"{what} {n}" for what, n in self.outcomes.most_common(6))
        counted = ", ".join(f"{name} {value}" for name, value in self.values().items())
        return f"{time.monotonic() - begin:.0f} s: {counted}; {common}"


def profile() -> Adviser:
    """An adviser who works from 09:00 to 16:00 with a break at noon."""
    days = ("sunday", "monday", "tuesday", "wednesday", "thursday")
    return Adviser(
        id=HUDA.id,
        centre_ids=("raqqa",),
        specialities=("finance",),
        languages=("ar",),
        time_zone="Asia/Damascus",
        working_hours=WeeklyHours.parse({day: [["09:00", "16:00"]] for day in days}),
        breaks=WeeklyHours.parse({day: [["12:00", "12:30"]] for day in days}),
        buffer=BUFFER,
    )


def orders(chance: random.Random, cases: list[Case]) -> list[Try]:
    """What forty people want of the same day."""
    tries = []
    for number in range(AT_ONCE):
        mine = Call(HUDA, idempotency_key=f"key {number}")
        starts_at = _OPENS + _RASTER * chance.randrange(12 * 7)
        period = Period(starts_at, starts_at + _RASTER * chance.choice((6, 9, 12, 18, 24)))
        case_id = chance.choice(cases).id
        way = timedelta(minutes=chance.choice((0, 15, 30)))
        command: Any
        if number % 10 == 9:
            what, command = "absence", EnterAbsence(HUDA.id, period)
        elif number % 3 == 0:
            what, command = "visit", RequestVisit(case_id, None, period, "حي المشلب", way)
        else:
            what = "agree"
            command = AgreeAppointment(case_id, None, Mode.REMOTE, period, None, timedelta())
        tries.append(Try(what, mine, command))
    chance.shuffle(tries)
    return tries


def count_faults(app: App, tries: list[Try], outcomes: list[str], tally: Tally) -> None:
    """Look at the day as it is after a round."""
    adviser = app.advisers.get(HUDA.id)
    day = Period(_OPENS - timedelta(hours=9), _CLOSES + timedelta(hours=8))
    meetings: list[Meeting] = [*app.appointments.page(), *app.visits.page()]
    away = tuple(each.period for each in app.absences.of_adviser(HUDA.id, day))
    taken = [each.buffers.widen_period(each.period) for each in meetings]
    tally.overlaps += sum(one.overlaps(two) for one, two in combinations(taken, 2))
    hours = adviser.diary((), ())
    tally.outside_hours += sum(not hours.offers(each.period, Buffers()) for each in meetings)

    diary = adviser.diary(away, tuple(taken))
    for each, outcome in zip(tries, outcomes, strict=True):
        if outcome == _REFUSED:
            tally.refused_in_vain += _is_offered(diary, each)
    open_tasks = {
        each.subject
        for each in app.tasks.page({"what": TaskKind.ADVISER_ABSENT.value, "open": True})
    }
    covered = {each.id for each in meetings if any(each.period.overlaps(period) for period in away)}
    tally.untold += len(covered ^ open_tasks)
    won = Counter(each.what for each, how in zip(tries, outcomes, strict=True) if how == WON)
    if not won["agree"] + won["visit"]:
        without_meetings = adviser.diary(away, ())
        wishes = [each for each in tries if each.what != "absence"]
        tally.nobody += any(_is_offered(without_meetings, each) for each in wishes)
    tally.disagreements += abs(won["agree"] + won["visit"] - len(meetings))
    stored = {each.id: each for each in app.engagements.of_adviser(HUDA.id, day)}
    tally.disagreements += sum(stored.get(each.id) != engagement_of(each) for each in meetings)
    tally.disagreements += len(stored) - len(meetings)


def _is_offered(diary: Diary, wish: Try) -> bool:
    command = wish.command
    after = BUFFER if wish.what == "agree" else command.travel
    before = timedelta() if wish.what == "agree" else command.travel
    return diary.offers(command.period, Buffers(before, after))


def run(app: App, racers: Racers, chance: random.Random, cases: list[Case], tally: Tally) -> None:
    """One round."""
    for name in _ROUND:
        patiently(partial(app.database.collection(name).delete_many, {}))
    tries = orders(chance, cases)
    outcomes = racers.race(tries)
    tally.rounds += 1
    tally.outcomes.update(
        f"{each.what} {'' if outcome == WON else outcome}".strip()
        for each, outcome in zip(tries, outcomes, strict=True)
    )
    patiently(lambda: count_faults(app, tries, outcomes, tally))


def measure(
    mongo_uri: str,
    *,
    seed: int,
    rounds: int = ROUNDS,
    say: Callable[[str], None] = print,
) -> list[Figure]:
    """Run the race on a database of its own, which is dropped afterwards.

    Args:
        mongo_uri: a replica set.
    """
    prefix = f"advisers{new_id()[-8:]}"
    app = open_app(mongo_uri, prefix)
    app.centres.seed([Centre("raqqa", {"ar": "الرقة"}, "Asia/Damascus")])
    seed_kinds(app)
    app.database.transact(partial(put_organisations, app))
    app.database.transact(lambda session: app.advisers.add(session, profile()))
    cases = [open_case(app, HUDA) for _ in range(5)]
    racers = Racers(mongo_uri, prefix, branch=CONSULTATIONS, threads=AT_ONCE // 2)
    chance = random.Random(f"{seed} advisers")
    tally, begin = Tally(), time.monotonic()
    try:
        for number in range(1, rounds + 1):
            run(app, racers, chance, cases, tally)
            if number % _TELL_ROUNDS == 0 or number == rounds:
                say(f"  advisers {number:>4}/{rounds} rounds, {tally.describe(begin)}")
    finally:
        racers.close()
        for name in ("consultations", "case_keys"):
            app.database.client.drop_database(f"{prefix}_{name}")
        app.close()
    return [
        Figure(f"consultations.advisers.{name}", value, "")
        for name, value in tally.values().items()
    ]


if __name__ == "__main__":
    run_alone(lambda uri, seed: measure(uri, seed=seed))
