"""What a booking takes: slots of leaf spaces and of units of equipment, as strings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from services.bookings.domain.centre import Space
from services.common.time.period import Period
from services.common.time.slots import on_whole_slots, slots_of, start_of_slot


@dataclass(frozen=True, slots=True)
class Claim:
    """What a booking takes: leaf spaces and units of equipment, for the booked time with the
    buffers of its space. Equipment is in the room while that is set up and cleaned, so it is taken
    for as long as the room.

    Attributes:
        slots: one string per leaf or unit and slot, under the unique index.
        units: of equipment, such as ``raqqa-projector#1``.
    """

    leaves: tuple[str, ...]
    period: Period
    slots: tuple[str, ...]
    units: tuple[str, ...] = ()

    @classmethod
    def on(cls, space: Space, period: Period, units: tuple[str, ...] = ()) -> Claim:
        """What a booking of this space at this time takes."""
        taken = taken_period(space, period)
        return cls(space.leaves, taken, slots_of((*space.leaves, *units), taken), units)

    def using(self, units: tuple[str, ...]) -> Claim:
        """The same space and time with these units."""
        return replace(self, units=units, slots=slots_of((*self.leaves, *units), self.period))

    def until(self, instant: datetime) -> Claim | None:
        """The claim without the slots that begin then or later; ``None`` if none is left."""
        if instant >= self.period.ends_at:
            return self
        if instant <= self.period.starts_at:
            return None
        kept = Period(self.period.starts_at, instant)
        # The time in a break of the claim belongs to others.
        slots = tuple(slot for slot in self.slots if start_of_slot(slot) < instant)
        # The unique index takes an empty list for a claim of its own: two such would collide.
        return replace(self, period=kept, slots=slots) if slots else None

    def resumed(self, rest: Period, units: tuple[str, ...]) -> Claim:
        """The claim taken up again after a break: what it has, and this later time with these
        units. The time between may belong to others."""
        more = slots_of((*self.leaves, *units), rest)
        whole = Period(self.period.starts_at, rest.ends_at)
        return replace(self, period=whole, slots=(*self.slots, *more), units=units)


def taken_period(space: Space, period: Period) -> Period:
    """The time that a booking takes: with the buffers of its space, on whole slots."""
    return on_whole_slots(
        Period(period.starts_at - space.buffer_before, period.ends_at + space.buffer_after)
    )
