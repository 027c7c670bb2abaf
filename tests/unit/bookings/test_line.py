"""What is free for many in one look is what is free for each alone."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.bookings.domain.availability import Openings, gaps
from services.bookings.domain.claims import Claim, taken_period
from services.bookings.domain.equipment import Equipment, Need, lendable
from services.bookings.domain.waitlist import Entry
from services.bookings.steps.availability_snapshot import AvailabilitySnapshot
from services.bookings.steps.queue_snapshot import QueueSnapshot, span
from services.common.time.period import Period
from tests.support.bookings import NOW, raqqa, space, tomorrow

ROOM = space("raqqa-training", buffer_before=timedelta(minutes=15), buffer_after=timedelta(hours=1))
HALL = space("raqqa-hall", parts=("raqqa-hall-a", "raqqa-hall-b"))
PART = space("raqqa-hall-a")
SPACES = [ROOM, HALL, PART]
PROJECTOR = Equipment("projector", "raqqa", {"ar": "جهاز عرض"}, 2)
DAY = timedelta(days=1)


def minutes(most: int) -> st.SearchStrategy[timedelta]:
    return st.integers(0, most).map(lambda number: timedelta(minutes=number))


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    starts_at = tomorrow(0) + draw(minutes(3 * 24 * 60))
    duration = timedelta(minutes=15 * draw(st.integers(1, 30)))
    return Entry(
        id=draw(st.uuids()).hex,
        space_id=draw(st.sampled_from([None, *(each.id for each in SPACES)])),
        centre_id="raqqa",
        organisation_id="furat",
        booked_by="ziad",
        window=Period(starts_at, starts_at + duration + draw(minutes(2 * 24 * 60))),
        duration=duration,
        title="Waiting",
        purpose="meeting",
        people=None,
        features=(),
        equipment=draw(st.sampled_from([(), (Need("projector", 1),), (Need("projector", 2),)])),
        created_at=NOW,
        updated_at=NOW,
    )


@st.composite
def claims(draw: st.DrawFn) -> Claim:
    starts_at = tomorrow(8) + timedelta(minutes=15 * draw(st.integers(0, 4 * 96)))
    period = Period(starts_at, starts_at + timedelta(minutes=15 * draw(st.integers(1, 32))))
    units = draw(st.sampled_from([(), PROJECTOR.units[:1], PROJECTOR.units]))
    return Claim.on(draw(st.sampled_from(SPACES)), period, units)


def line_of(waiting: list[Entry]) -> QueueSnapshot:
    within = span([each.window for each in waiting])
    around = Period(within.starts_at - DAY, within.ends_at + DAY)
    free = AvailabilitySnapshot(Openings({"raqqa": raqqa()}, within), {}, None)
    return QueueSnapshot(waiting, SPACES, around, free, {PROJECTOR.id: PROJECTOR}, [])


def alone(entry: Entry, taken: list[Claim]) -> list[tuple[object, ...]]:
    """Where and when a booking for the entry can begin, every start tried by itself."""
    around = Period(entry.window.starts_at - DAY, entry.window.ends_at + DAY)
    units = [(unit, each.period) for each in taken for unit in each.units]
    lent = [lendable(PROJECTOR, need.quantity, units, around) for need in entry.equipment]
    found: list[tuple[object, ...]] = []
    for each in (each for each in SPACES if entry.fits(each)):
        by = [claim.period for claim in taken if set(claim.leaves) & set(each.leaves)]
        opened = Openings({"raqqa": raqqa()}, entry.window).of(each)
        for free in gaps(opened, each, by, entry.duration):
            starts_at = free.starts_at
            while starts_at + entry.duration <= free.ends_at:
                wanted = taken_period(each, Period(starts_at, starts_at + entry.duration))
                if all(any(_holds(p, wanted) for p in periods) for periods in lent):
                    found.append((starts_at, each.capacity, each.id))
                    break
                starts_at += timedelta(minutes=15)
    return found


def _holds(outer: Period, inner: Period) -> bool:
    return outer.starts_at <= inner.starts_at and inner.ends_at <= outer.ends_at


@given(st.lists(entries(), min_size=1, max_size=5), st.lists(claims(), max_size=12))
def test_each_is_found_what_is_free_for_it_alone(waiting: list[Entry], taken: list[Claim]) -> None:
    line = line_of(waiting)
    known: list[Claim] = []
    for claim in (None, *taken):
        if claim is not None:
            line.mark_taken(claim)
            known.append(claim)
        for entry in waiting:
            found = line.free_for(entry, NOW)
            told = None if found is None else (found[1].starts_at, found[0].capacity, found[0].id)
            assert told == min(alone(entry, known), default=None)
