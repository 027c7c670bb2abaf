"""What a booking uses, for comparing it with what was agreed."""

from __future__ import annotations

from dataclasses import dataclass

from services.bookings.domain.equipment import Need
from services.common.time.period import Period


@dataclass(frozen=True, slots=True)
class Terms:
    """What a confirmed booking may use without asking again: a space, a time, people, equipment."""

    space_id: str
    period: Period
    people: int | None
    equipment: tuple[Need, ...]

    def cover(self, other: Terms) -> bool:
        """Whether the other terms ask for nothing more. An unknown number of people is covered only
        by an unknown one."""
        lent = {need.equipment_id: need.quantity for need in self.equipment}
        return (
            self.space_id == other.space_id
            and self.period.contains(other.period)
            and (self.people is None or (other.people is not None and other.people <= self.people))
            and all(need.quantity <= lent.get(need.equipment_id, 0) for need in other.equipment)
        )
