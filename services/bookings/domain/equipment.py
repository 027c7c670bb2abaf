"""Equipment that a centre lends with its spaces: two projectors mean two bookings at a time.

Each unit is claimed like a space, one string per unit and slot under the same unique index. A
booking keeps the units it got for the whole of its time, so what can be booked is more than "enough
are free at every instant": the *same* units must be free throughout.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from services.bookings.domain.hours import Period
from services.common.contracts.bookings.errors import EQUIPMENT_TAKEN

Name = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Equipment:
    """A kind of thing of which a centre has some.

    Attributes:
        quantity: how many there are.
    """

    id: str
    centre_id: str
    name: Name
    quantity: int
    version: int = 1

    @property
    def units(self) -> tuple[str, ...]:
        """The units by name, such as ``raqqa-projector#1``."""
        return tuple(f"{self.id}#{number}" for number in range(1, self.quantity + 1))


@dataclass(frozen=True, slots=True)
class Need:
    """How many of which equipment a booking wants."""

    equipment_id: str
    quantity: int


def choose_units(
    equipment: Equipment, quantity: int, taken: Iterable[str], held: Collection[str] = ()
) -> tuple[str, ...]:
    """Units that nobody has at the time, lowest first.

    Args:
        taken: units that others have at any instant of the time.
        held: units that are the booking's already: kept before others are chosen.

    Raises:
        errors.Conflict: ``bookings.equipment_taken`` with how many are free.
    """
    occupied = set(taken)
    free = [unit for unit in equipment.units if unit not in occupied]
    if len(free) < quantity:
        raise EQUIPMENT_TAKEN(equipment=equipment.id, free=len(free))
    free.sort(key=lambda unit: unit not in held)
    return tuple(free[:quantity])


def lendable(
    equipment: Equipment, quantity: int, taken: Iterable[tuple[str, Period]], within: Period
) -> list[Period]:
    """The longest periods throughout which ``quantity`` units are free, by their start.

    A booking can have the units exactly when it lies wholly in one of these. They may overlap:
    from nine to eleven it may be the first projector, from ten to noon the second.

    Args:
        taken: unit and period of every booking that has one, in any order.
    """
    if quantity > equipment.quantity:
        return []
    by_unit: dict[str, list[Period]] = {unit: [] for unit in equipment.units}
    for unit, period in taken:
        if unit in by_unit:
            by_unit[unit].append(period)
    free = [_gaps(within, sorted(periods, key=_start)) for periods in by_unit.values()]
    starts = sorted({gap.starts_at for gaps in free for gap in gaps})
    found: list[Period] = []
    # Of each unit, the gap that was looked at last: starts only grow, so none is looked at twice.
    at = [0] * len(free)
    for start in starts:
        ends: list[datetime] = []
        for number, gaps in enumerate(free):
            while at[number] < len(gaps) and gaps[at[number]].ends_at <= start:
                at[number] += 1
            if at[number] < len(gaps) and gaps[at[number]].starts_at <= start:
                ends.append(gaps[at[number]].ends_at)
        if len(ends) < quantity:
            continue
        ends.sort(reverse=True)
        if not found or ends[quantity - 1] > found[-1].ends_at:
            found.append(Period(start, ends[quantity - 1]))
    return found


def common(first: Sequence[Period], second: Sequence[Period]) -> list[Period]:
    """The periods that lie in one of each, the longest ones only, by their start.

    Args:
        first, second: by their start, none within another, as :func:`lendable` gives them.
    """
    cuts: list[Period] = []
    begin = 0
    for a in first:
        while begin < len(second) and second[begin].ends_at <= a.starts_at:
            begin += 1
        for b in islice(second, begin, None):
            if b.starts_at >= a.ends_at:
                break
            cuts.append(Period(max(a.starts_at, b.starts_at), min(a.ends_at, b.ends_at)))
    cuts.sort(key=lambda period: (period.starts_at, -period.ends_at.timestamp()))
    longest: list[Period] = []
    for cut in cuts:
        if not longest or cut.ends_at > longest[-1].ends_at:
            longest.append(cut)
    return longest


def _start(period: Period) -> datetime:
    return period.starts_at


def _gaps(within: Period, taken: Sequence[Period]) -> list[Period]:
    found: list[Period] = []
    cursor = within.starts_at
    for period in taken:
        if period.starts_at > cursor:
            found.append(Period(cursor, min(period.starts_at, within.ends_at)))
        cursor = max(cursor, period.ends_at)
        if cursor >= within.ends_at:
            return found
    found.append(Period(cursor, within.ends_at))
    return found
