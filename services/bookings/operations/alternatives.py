"""A refusal that offers a way on: other times, other spaces that fit, the other centre.

In two steps, because to look for a way on takes longer than to refuse. Inside the transaction
:func:`noting` notes what was wanted; outside, when nothing is held any more, it is looked for by
:func:`offering_alternatives`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Any

from services.bookings.app import App
from services.bookings.domain.availability import Alternative, nearest
from services.bookings.domain.centre import Centre, Space
from services.bookings.domain.equipment import Need
from services.bookings.domain.hours import Period
from services.bookings.domain.rules import DAYS_AHEAD
from services.bookings.domain.slots import next_slot
from services.bookings.operations.free_time import FreeTime
from services.bookings.schemas.bookings import alternative
from services.bookings.store.bookings import SpaceTaken
from services.common.contracts.bookings.errors import (
    EQUIPMENT_TAKEN,
    OUTSIDE_HOURS,
    SPACE_CLOSED,
    SPACE_RETIRED,
    SPACE_TAKEN,
    TOO_MANY_PEOPLE,
)
from services.common.errors import Conflict, MasahaError

# How far from the wanted time alternatives are looked for, and how many of each kind are named: an
# answer must be small enough for a phone.
REACH = timedelta(days=3)
MOST_TIMES = 3
MOST_SPACES = 3

_HELPED = frozenset(
    each.code
    for each in (
        SPACE_TAKEN,
        SPACE_CLOSED,
        SPACE_RETIRED,
        OUTSIDE_HOURS,
        TOO_MANY_PEOPLE,
        EQUIPMENT_TAKEN,
    )
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody asked for and may not get."""

    space: Space
    centre: Centre
    period: Period
    people: int | None
    equipment: tuple[Need, ...] = ()


class Unmet(Conflict):
    """A refusal that another time or space can help with, and what was wanted."""

    def __init__(self, refusal: MasahaError, wanted: Wanted) -> None:
        super().__init__(
            refusal.code,
            refusal.detail,
            params=refusal.params,
            extra=refusal.extra,
            errors=refusal.errors,
        )
        self.wanted = wanted


@contextmanager
def noting(wanted: Wanted) -> Iterator[None]:
    """Note what was wanted on a refusal that is raised inside the block. Asks nobody anything.

    Raises:
        Unmet: instead of a refusal that another time or space can help with.
    """
    try:
        yield
    except SpaceTaken as taken:
        raise Unmet(SPACE_TAKEN(), wanted) from taken
    except Conflict as refusal:
        if refusal.code not in _HELPED:
            raise
        raise Unmet(refusal, wanted) from refusal


@contextmanager
def offering_alternatives(app: App) -> Iterator[None]:
    """Add alternatives to a refusal; around the transaction, whose locks are let go by then.

    Raises:
        errors.Conflict: with ``extra['alternatives']``, best first, instead of :class:`Unmet`.
    """
    try:
        yield
    except Unmet as refusal:
        raise with_alternatives(app, refusal) from refusal


def with_alternatives(app: App, refusal: Unmet) -> MasahaError:
    """The refusal as a caller is told it, with ways on."""
    ways = [alternative(each) for each in find(app, refusal.wanted)]
    return told(app, refusal, alternatives=ways)


def told(app: App, refusal: Unmet, **extra: Any) -> MasahaError:
    """The refusal as a caller is told it; what a closure has taken is closed, not taken."""
    wanted = refusal.wanted
    if refusal.code == SPACE_TAKEN.code:
        closed = app.closures.standing(wanted.centre.id, wanted.period, wanted.space.leaves)
        return (SPACE_CLOSED if closed else SPACE_TAKEN)(extra=extra)
    return Conflict(
        refusal.code,
        refusal.detail,
        params=refusal.params,
        extra={**refusal.extra, **extra},
        errors=refusal.errors,
    )


def find(app: App, wanted: Wanted) -> list[Alternative]:
    """Other times of the same space, then other spaces at the same time, here and elsewhere.

    What is offered is free as this is written, with the equipment that is wanted, which only spaces
    of the same centre can have. It is promised only by booking it.
    """
    now = app.clock.now()
    length = wanted.period.ends_at - wanted.period.starts_at
    around = Period(
        max(next_slot(now), wanted.period.starts_at - REACH),
        min(wanted.period.ends_at + REACH, now + timedelta(days=DAYS_AHEAD)),
    )
    if around.ends_at <= around.starts_at:
        return []
    spaces = app.centres.spaces(minimum_capacity=wanted.people)
    free = FreeTime.read(app, spaces, around, wanted.equipment)

    found: list[Alternative] = []
    for space in spaces:
        if space.id == wanted.space.id:
            times = islice(nearest(free.periods(space, length), wanted.period), MOST_TIMES)
            found += [Alternative("other_time", space, time) for time in times]
    others = [
        space
        for space in sorted(spaces, key=lambda space: (space.capacity, space.id))
        if space.id != wanted.space.id
        and any(each.holds(wanted.period) for each in free.periods(space, length))
    ]
    here = [space for space in others if space.centre_id == wanted.centre.id]
    elsewhere = [space for space in others if space.centre_id != wanted.centre.id]
    found += [Alternative("other_space", s, wanted.period) for s in here[:MOST_SPACES]]
    found += [Alternative("other_centre", s, wanted.period) for s in elsewhere[:MOST_SPACES]]
    return found
