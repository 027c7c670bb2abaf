"""Equipment that a centre lends with its spaces: two projectors mean two bookings at a time.

Each unit is claimed like a space, one string per unit and slot under the same unique index. A
booking keeps the units it got for the whole of its time, so what can be booked is more than "enough
are free at every instant": the *same* units must be free throughout.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any, ClassVar

from services.common.contracts.bookings.errors import EQUIPMENT_TAKEN
from services.common.time.period import Period

Name = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Equipment:
    """A kind of thing that a centre owns and lends.

    Attributes:
        quantity: how many there are.
        retired: lent no more; what was lent before still speaks of it.
    """

    kind: ClassVar[str] = "equipment"

    id: str
    centre_id: str
    name: Name
    quantity: int
    version: int = 1
    retired: bool = False

    @property
    def units(self) -> tuple[str, ...]:
        """The units that can be had by name, such as ``raqqa-projector#1``."""
        most = 0 if self.retired else self.quantity
        return tuple(f"{self.id}#{number}" for number in range(1, most + 1))

    @property
    def facts(self) -> dict[str, Any]:
        """The fields that history speaks of, in wire form."""
        return {"name": dict(self.name), "quantity": self.quantity, "retired": self.retired}

    def changed(self, changes: Mapping[str, Any]) -> Equipment:
        """The next version with these changes of name, quantity or retired; itself, if they are
        none."""
        after = replace(self, **changes)
        return self if after.facts == self.facts else replace(after, version=self.version + 1)


@dataclass(frozen=True, slots=True)
class Need:
    """An equipment and how many of it a booking wants."""

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
        raise EQUIPMENT_TAKEN(
            equipment=equipment.name, free=len(free), extra={"equipment_id": equipment.id}
        )
    free.sort(key=lambda unit: unit not in held)
    return tuple(free[:quantity])


@dataclass(frozen=True, slots=True)
class Loan:
    """Units of one kind that a booking has.

    Attributes:
        period: for which it has them, buffers included.
    """

    booking_id: str
    period: Period
    units: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Packing:
    """Who has which units when there are others.

    Attributes:
        moves: booking → units, of those that do not keep what they have.
        in_the_way: the bookings for which the units do not do; then nothing can be moved.
    """

    moves: Mapping[str, tuple[str, ...]]
    in_the_way: tuple[str, ...]


def repack(loans: Iterable[Loan], units: Sequence[str], now: datetime) -> Packing:
    """Give every loan units of these, for the whole of its time.

    One after the other by their start, each what it has already if that is free, else any. That
    succeeds whenever no more units are wanted at any instant than there are: what is free at the
    start of a loan stays free, because all that begin later come later (greedy colouring of an
    interval graph; Kleinberg and Tardos, "Algorithm Design", section 4.1). What has begun keeps
    what it has: it is in a room.
    """
    known = set(units)
    lent: list[Loan] = []  # those that are not over when the one at hand begins
    busy: dict[str, Loan] = {}
    moves: dict[str, tuple[str, ...]] = {}
    in_the_way: dict[str, None] = {}
    for loan in sorted(loans, key=lambda each: (each.period.starts_at, each.booking_id)):
        start, begun = loan.period.starts_at, loan.period.starts_at <= now
        lent = [*(each for each in lent if each.period.ends_at > start), loan]
        free = [unit for unit in units if unit not in busy or busy[unit].period.ends_at <= start]
        if sum(len(each.units) for each in lent) > len(units):
            in_the_way |= dict.fromkeys(each.booking_id for each in lent)
        elif begun and not known.issuperset(loan.units):
            in_the_way[loan.booking_id] = None
        elif not in_the_way:
            free.sort(key=lambda unit: unit not in loan.units)
            chosen = loan.units if begun else tuple(free[: len(loan.units)])
            busy |= dict.fromkeys(chosen, loan)
            if set(chosen) != set(loan.units):
                moves[loan.booking_id] = chosen
    return Packing(moves, tuple(in_the_way))


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
