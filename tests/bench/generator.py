"""A busy network of centres, made up: the same for the same seed, and shaped like the real thing.

Working days only, office hours, short meetings more often than whole days, some rooms asked for
much more than others, halls booked whole or in parts, projectors with some of the bookings; one in
eight was cancelled, and of what is over one in twenty-five had nobody come. The days from
:data:`DAYS_AHEAD` ahead back into the past are filled, each as full as the other: more bookings
mean a longer past, as they do in a centre that grows old.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from itertools import islice

from services.bookings.app import App
from services.bookings.domain.booking import Booking
from services.bookings.domain.booking_states import Status
from services.bookings.domain.centre import Centre, Space
from services.bookings.domain.equipment import Equipment, Need
from services.bookings.domain.new_booking import make_booking
from services.bookings.store.booking_documents import document_of
from services.common.time.opening_hours import Timetable
from services.common.time.period import Period
from services.common.time.weekly_hours import WeeklyHours

ZONE = "Asia/Damascus"
OPENS = 6  # in UTC; nine in the morning in Damascus, which is UTC+3 all year
DAYS_AHEAD = 35
_WEEK = {
    day: [["09:00", "17:00"]] for day in ("sunday", "monday", "tuesday", "wednesday", "thursday")
}
# Quarters of an hour, and how often; eight hours are a whole day of training.
_LENGTHS = (4, 6, 8, 12, 16, 32)
_OFTEN = (30, 20, 24, 12, 10, 4)
_CANCELLED = 1 / 8
_NOBODY_CAME = 1 / 25
_WITH_PROJECTOR = 1 / 20
_HALF_THE_DAYS = 0.5
_BATCH = 2_000


@dataclass(frozen=True)
class Network:
    """Centres with their spaces, equipment and the organisations that book.

    Attributes:
        demand: space id → share of the office hours that are asked for.
    """

    centres: list[Centre]
    spaces: list[Space]
    equipment: list[Equipment]
    organisations: list[str]
    demand: dict[str, float]


def network(seed: int, spaces: int = 50) -> Network:
    """Two centres with that many spaces between them; every tenth is a hall of two parts."""
    chance = random.Random(seed)
    centres = [
        Centre(name, {"ar": name, "en": name}, ZONE, Timetable(WeeklyHours.parse(_WEEK)))
        for name in ("raqqa", "tabqa")
    ]
    found: list[Space] = []
    while len(found) < spaces:
        centre = centres[len(found) % 2].id
        number = len(found)
        name = f"{centre}-room-{number:02}"
        parts: tuple[str, ...] = ()
        if number % 10 == 0 and number + 3 <= spaces:
            parts = (f"{name}-a", f"{name}-b")
        buffer = timedelta(minutes=chance.choice((0, 0, 15)))
        common = {"centre_id": centre, "name": {"ar": name, "en": name}, "buffer_after": buffer}
        features = tuple(f for f in ("projector", "whiteboard") if chance.random() < 0.5)
        capacity = chance.choice((6, 12, 20, 30))
        found.append(
            Space(id=name, capacity=capacity, features=features, parts=parts, **common)  # type: ignore[arg-type]
        )
        found += [Space(id=part, capacity=capacity // 2, **common) for part in parts]  # type: ignore[arg-type]
    # The most wanted room is nearly full, the least wanted often empty.
    shuffled = chance.sample(found, len(found))
    demand = {space.id: 0.95 / (1 + 0.03 * rank) for rank, space in enumerate(shuffled)}
    return Network(
        centres,
        found,
        [
            Equipment(f"{centre.id}-projector", centre.id, {"ar": "جهاز عرض"}, 4)
            for centre in centres
        ],
        [f"organisation-{number:02}" for number in range(40)],
        demand,
    )


def bookings(net: Network, seed: int, now: datetime) -> Iterator[Booking]:
    """Bookings without end, the day that is farthest ahead first; no two claim the same."""
    chance = random.Random(seed)
    midnight = datetime.combine(now.date(), time(), tzinfo=UTC)
    parts = {part for space in net.spaces for part in space.parts}
    whole = {part: space for space in net.spaces for part in space.parts}
    for ahead in range(DAYS_AHEAD, -1_000_000, -1):
        day = midnight + timedelta(days=ahead)
        if day.weekday() in (4, 5):  # Friday and Saturday
            continue
        in_parts = {
            space.id for space in net.spaces if space.parts and chance.random() < _HALF_THE_DAYS
        }
        lent: dict[str, int] = {}
        for space in net.spaces:
            if space.id in in_parts or (space.id in parts and whole[space.id].id not in in_parts):
                continue
            yield from _day(chance, net, space, day, now, lent)


def fill(app: App, net: Network, count: int, seed: int, now: datetime) -> None:
    """Put the network and that many of its bookings into an empty database, in their real form."""
    app.centres.seed(net.centres, net.spaces)
    app.equipment.seed(net.equipment)
    stored = app.database.collection("bookings")
    coming = islice(bookings(net, seed, now), count)
    while batch := [document_of(each) for each in islice(coming, _BATCH)]:
        stored.insert_many(batch, ordered=False)


def _day(
    chance: random.Random,
    net: Network,
    space: Space,
    day: datetime,
    now: datetime,
    lent: dict[str, int],
) -> Iterator[Booking]:
    quarter, last = 0, 32
    while quarter < last:
        length = chance.choices(_LENGTHS, _OFTEN)[0]
        if quarter + length > last:
            return
        if chance.random() > net.demand[space.id]:
            quarter += chance.randrange(2, 9)
            continue
        start = day + timedelta(hours=OPENS, minutes=15 * quarter)
        period = Period(start, start + timedelta(minutes=15 * length))
        booking = _booking(chance, net, space, period, now, lent)
        yield booking
        if booking.claim is not None:
            quarter += length
            if space.buffer_after:
                quarter += 1


def _booking(
    chance: random.Random,
    net: Network,
    space: Space,
    period: Period,
    now: datetime,
    lent: dict[str, int],
) -> Booking:
    made = period.starts_at - timedelta(days=chance.randrange(1, 15), hours=chance.randrange(24))
    needs: tuple[Need, ...] = ()
    units: tuple[str, ...] = ()
    projector = f"{space.centre_id}-projector"
    # Each projector for one booking a day at most: so no two ever want the same.
    if chance.random() < _WITH_PROJECTOR and lent.get(projector, 0) < 4:
        lent[projector] = lent.get(projector, 0) + 1
        needs, units = (Need(projector, 1),), (f"{projector}#{lent[projector]}",)
    booking = make_booking(
        id=f"{chance.getrandbits(64):016x}",
        space=space,
        organisation_id=chance.choice(net.organisations),
        booked_by=f"person-{chance.randrange(200):03}",
        period=period,
        time_zone=ZONE,
        title="اجتماع",
        purpose=chance.choice(("meeting", "training", "workshop", "other")),
        people=chance.choice((None, 4, 8)),
        now=min(made, now),
        door_code=f"{chance.randrange(1_000_000):06}",
        equipment=needs,
        units=units,
    )
    if chance.random() < _CANCELLED:
        return booking.cancelled(by=booking.booked_by, reason=None, now=booking.created_at)
    if period.ends_at <= now:
        nobody = chance.random() < _NOBODY_CAME
        return replace(booking, status=Status.NO_SHOW if nobody else Status.COMPLETED, version=3)
    return booking
