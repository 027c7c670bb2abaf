"""Who waits, and what is free for them: read together, in one moment, and asked from memory.

However long the line is, it costs the same few queries: what is taken in all their windows at once,
and of the equipment that any of them wants. A later entry sees no time that an earlier entry could
not see, so the order of arrival is kept. What becomes free later has a release of its own.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

from services.bookings.app import App
from services.bookings.domain.availability import gaps
from services.bookings.domain.centre import Centre, Space
from services.bookings.domain.claims import Claim
from services.bookings.domain.equipment import Equipment, Need, common, lendable
from services.bookings.domain.waitlist import OFFER_NOTICE, Entry
from services.bookings.steps.availability_snapshot import AvailabilitySnapshot, snapshot_of
from services.common.storage.mongo import Session
from services.common.time.period import Period
from services.common.time.slots import SLOT, next_slot, on_slots, within_slots

_NONE = timedelta(0)


@dataclass(frozen=True, slots=True)
class QueueSnapshot:
    """Some who wait at a centre, the first to come first.

    Attributes:
        spaces: those for which any of them waits.
        around: what was read: their windows, with buffers.
        known: the equipment that any of them wants.
        lent: unit and period of each booking that has one of it.
    """

    entries: Sequence[Entry]
    spaces: Sequence[Space]
    around: Period
    free: AvailabilitySnapshot
    known: dict[str, Equipment]
    lent: list[tuple[str, Period]]
    _gaps: dict[str, list[Period]] = field(default_factory=dict)
    _lendable: dict[tuple[Need, ...], list[Period]] = field(default_factory=dict)

    @classmethod
    def read(
        cls,
        app: App,
        session: Session,
        centre: Centre,
        spaces: Sequence[Space],
        entries: Sequence[Entry],
    ) -> QueueSnapshot:
        """Args:
        spaces: all of the centre's.
        entries: one or more.
        """
        wanted = [space for space in spaces if any(each.fits(space) for each in entries)]
        within = span([each.window for each in entries])
        around = Period(
            within.starts_at - max((on_slots(s.buffer_before) for s in wanted), default=_NONE),
            within.ends_at + max((on_slots(s.buffer_after) for s in wanted), default=_NONE),
        )
        needed = {need.equipment_id for each in entries for need in each.equipment}
        known = app.equipment.named(needed, session)
        units = [unit for equipment in known.values() for unit in equipment.units]
        return cls(
            entries,
            wanted,
            around,
            AvailabilitySnapshot.read(app, wanted, within, centres=[centre], session=session),
            known,
            app.equipment.taken(units, around, session=session) if units else [],
        )

    def free_for(self, entry: Entry, now: datetime) -> tuple[Space, Period] | None:
        """The earliest time that fits an entry, in the smallest space that is free then, with the
        equipment it waits for.

        What was free as it was read is promised only by holding it.
        """
        earliest = max(entry.window.starts_at, next_slot(now + OFFER_NOTICE))
        within = within_slots(Period(earliest, entry.window.ends_at))
        if within is None or not self._lends(entry):
            return None
        found = [
            (starts_at, space.capacity, space.id, space)
            for space in self.spaces
            if entry.fits(space) and (starts_at := self._first(space, within, entry)) is not None
        ]
        if not found:
            return None
        starts_at, _, _, space = min(found, key=lambda each: each[:3])
        return space, Period(starts_at, starts_at + entry.duration)

    def mark_taken(self, claim: Claim) -> None:
        """One of them is offered this: it is nobody else's."""
        for leaf in claim.leaves:
            self.free.taken.setdefault(leaf, []).append(claim.period)
        self.lent.extend((unit, claim.period) for unit in claim.units)
        self._gaps.clear()
        self._lendable.clear()

    def _lends(self, entry: Entry) -> bool:
        """Whether the centre still lends what it waits for; if not, it may again."""
        kinds = [self.known.get(need.equipment_id) for need in entry.equipment]
        return all(
            each is not None and not each.retired and each.centre_id == entry.centre_id
            for each in kinds
        )

    def _first(self, space: Space, within: Period, entry: Entry) -> datetime | None:
        """When a booking for the entry can begin in a space, at the earliest."""
        if space.id not in self._gaps:
            opened, taken = self.free.openings.of(space), snapshot_of(space, self.free.taken)
            self._gaps[space.id] = gaps(opened, space, taken, SLOT)
        free = self._gaps[space.id]
        begin = bisect_right(free, within.starts_at, key=lambda each: each.ends_at)
        cuts = []
        for each in islice(free, begin, None):
            if each.starts_at >= within.ends_at:
                break
            starts_at = max(each.starts_at, within.starts_at)
            ends_at = min(each.ends_at, within.ends_at)
            if ends_at - starts_at >= entry.duration:
                cuts.append(Period(starts_at, ends_at))
        if entry.equipment:
            cuts = common(cuts, self._bookable(space, entry.equipment))
        long_enough = (p.starts_at for p in cuts if p.ends_at - p.starts_at >= entry.duration)
        return next(long_enough, None)

    def _bookable(self, space: Space, needs: tuple[Need, ...]) -> list[Period]:
        """When the equipment can be had for a space, whose buffers it is taken for too."""
        if needs not in self._lendable:
            found = [self.around]
            for need in needs:
                kind = self.known[need.equipment_id]
                found = common(found, lendable(kind, need.quantity, self.lent, self.around))
            self._lendable[needs] = found
        before, after = on_slots(space.buffer_before), on_slots(space.buffer_after)
        return [
            Period(each.starts_at + before, each.ends_at - after)
            for each in self._lendable[needs]
            if each.starts_at + before < each.ends_at - after
        ]


def span(periods: Sequence[Period]) -> Period:
    """The shortest period in which all of these lie."""
    return Period(min(each.starts_at for each in periods), max(each.ends_at for each in periods))
