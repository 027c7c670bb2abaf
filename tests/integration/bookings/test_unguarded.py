"""With every other check switched off the index alone still refuses each overlap.

Bookings are written straight through the store by many threads at once: outside opening hours, in
the past, without budgets, without a look at what is free, of rooms, halls and parts of halls, with
units of equipment that nobody has chosen.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import combinations

import pytest

from services.bookings.app import App
from services.bookings.domain.booking import Booking
from services.bookings.domain.claims import Claim
from services.bookings.domain.new_booking import make_booking
from services.bookings.store.bookings import SpaceTaken
from services.common.errors import Stale
from services.common.ids import new_id
from services.common.storage.mongo import Document, RetryTransaction
from services.common.time.period import Period
from tests.bench import races
from tests.support.bookings import NOW, open_centre
from tests.support.closures import check_slots, close, let_worker_work, seen
from tests.support.stack import Server

THREADS = 12
EACH = 40
UNITS = ("projector#1", "projector#2")
PLACES = ("room", "buffered", "hall", "hall-a", "hall-b")


@pytest.fixture
def app(database: Server) -> Iterator[App]:
    yield from open_centre(database.uri)


TWO_DAYS = Period(NOW - timedelta(days=1), NOW + timedelta(days=1))


def somewhere(chance: random.Random, around: Period = TWO_DAYS) -> Booking:
    """Anywhere in a period, day and night."""
    here = races.KNOWN[chance.choice(PLACES)]
    quarters = (around.ends_at - around.starts_at) // races.QUARTER
    start = around.starts_at + races.QUARTER * chance.randrange(quarters)
    return make_booking(
        id=new_id(),
        space=here,
        organisation_id="amal",
        booked_by="omar",
        period=Period(start, start + races.QUARTER * chance.randrange(1, 48)),
        time_zone="Asia/Damascus",
        title="Unguarded",
        purpose="meeting",
        people=10_000,
        now=NOW,
        units=tuple(unit for unit in UNITS if chance.random() < 0.1),
    )


def work(
    app: App,
    seed: int,
    written: list[Booking],
    around: Period = TWO_DAYS,
    moves: float = 0.4,
) -> None:
    chance = random.Random(seed)
    with app.database.client.start_session() as session:
        for _ in range(EACH):
            booking = somewhere(chance, around)
            mine = written and chance.random() < moves
            try:
                if mine:
                    before = chance.choice(written)
                    there = replace(booking, id=before.id, version=before.version + 1)
                    app.bookings.save(session, there, before.version)
                else:
                    app.bookings.add(session, booking)
                    written.append(booking)
            except (SpaceTaken, RetryTransaction, Stale):
                continue


def units(document: Document) -> set[str]:
    return set(document.get("units", ()))


def test_nothing_overlaps_whatever_is_written(app: App) -> None:
    written: list[list[Booking]] = [[] for _ in range(THREADS)]
    threads = [
        threading.Thread(target=work, args=(app, number, written[number]))
        for number in range(THREADS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    held = list(app.database.collection("bookings").find())
    assert len(held) == sum(map(len, written)) >= len(PLACES)
    assert any(each["version"] > 1 for each in held), "no reschedule got through"
    assert races.overlaps(held) == 0
    for one, other in combinations(held, 2):
        if units(one) & units(other):
            assert not races.taken(one).overlaps(races.taken(other))


def test_a_closure_gets_all_that_it_does_not_list(app: App) -> None:
    """Bookings are written by threads that look at nothing, while a worker takes a large closure
    bit by bit: every slot is the closure's in the end, or of one booking that it lists."""
    spaces = [each for name, each in races.KNOWN.items() if name in PLACES]
    app.centres.seed([], spaces)
    start = NOW - timedelta(minutes=NOW.minute % 15) + timedelta(days=1)
    whole = Period(start, start + timedelta(days=20))
    written: list[list[Booking]] = [[] for _ in range(THREADS)]
    threads = [
        threading.Thread(target=work, args=(app, number, written[number], whole, 0.0))
        for number in range(THREADS)
    ]
    for thread in threads:
        thread.start()
    ids = tuple(each.id for each in spaces)
    closure = close(app, space_ids=ids, period=whole)
    let_worker_work(app)
    for thread in threads:
        thread.join()
    app.clock.advance(timedelta(hours=1))  # type: ignore[attr-defined]
    let_worker_work(app)
    done = seen(app, closure["id"])
    assert done["state"] == "in_force"
    assert done["affected"]
    check_slots(app, closure["id"])


class TestTheJudge:
    """What finds overlaps must find them: it is not to be trusted unseen."""

    @pytest.mark.parametrize(
        ("one", "other", "apart", "found"),
        [
            ("room", "room", 3, 1),
            ("room", "room", 4, 0),
            ("room", "room-01", 0, 0),
            ("hall", "hall-a", 3, 1),
            ("hall", "hall", 0, 1),
            ("hall-a", "hall-b", 0, 0),
            ("buffered", "buffered", 4, 1),
            ("buffered", "buffered", 5, 1),
            ("buffered", "buffered", 6, 0),
        ],
    )
    def test_it_sees_what_a_calendar_shows(
        self, one: str, other: str, apart: int, found: int
    ) -> None:
        hour = timedelta(hours=1)
        later = NOW + races.QUARTER * apart
        documents = [
            {"space_id": one, "starts_at": NOW, "ends_at": NOW + hour},
            {"space_id": other, "starts_at": later, "ends_at": later + hour},
        ]
        assert races.overlaps(documents) == found

    def test_it_agrees_with_what_a_claim_takes(self) -> None:
        chance = random.Random(5)
        for _ in range(300):
            booking = somewhere(chance)
            here = races.KNOWN[booking.space_id]
            document = {
                "space_id": here.id,
                "starts_at": booking.period.starts_at,
                "ends_at": booking.period.ends_at,
            }
            assert Claim.on(here, booking.period).period == races.taken(document)

    def test_it_counts_the_equipment_of_every_moment(self) -> None:
        def wants(hour: int, quantity: int) -> Document:
            start = NOW + timedelta(hours=hour)
            return {
                "space_id": "room",
                "starts_at": start,
                "ends_at": start + timedelta(hours=2),
                "equipment": [{"equipment_id": "projector", "quantity": quantity}],
            }

        day = Period(NOW, NOW + timedelta(hours=8))
        assert races.lent([wants(0, 2), wants(1, 1), wants(3, 4)], day) == 4
        assert races.lent([wants(0, 2), wants(1, 3), wants(3, 1)], day) == 5
