"""Centres and their spaces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from services.bookings.domain.hours import WeeklyHours

Name = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Centre:
    """One of the centres.

    Attributes:
        id: short readable name, such as ``raqqa``.
        name: in each language.
        time_zone: IANA zone; hours are in its wall-clock time.
        weekly_hours: when the centre is open.
        version: rises with each change.
    """

    id: str
    name: Name
    time_zone: str
    weekly_hours: WeeklyHours
    version: int = 1

    def opened_at(self, weekly_hours: WeeklyHours) -> Centre:
        """The centre with other hours."""
        return replace(self, weekly_hours=weekly_hours, version=self.version + 1)


@dataclass(frozen=True, slots=True)
class Space:
    """A room or hall that can be booked.

    Attributes:
        capacity: people.
        features: what it has: ``projector``, ``wheelchair_access`` …
        buffer_before, buffer_after: set-up and clean-up, part of what a booking claims.
        needs_approval: whether the front desk decides on each booking; its time is held meanwhile.
        parts: ids of the parts of a divisible hall; empty for a plain space.
    """

    id: str
    centre_id: str
    name: Name
    capacity: int
    features: tuple[str, ...] = ()
    buffer_before: timedelta = timedelta(0)
    buffer_after: timedelta = timedelta(0)
    parts: tuple[str, ...] = ()
    needs_approval: bool = False
    version: int = 1

    @property
    def leaves(self) -> tuple[str, ...]:
        """What a booking of this space really takes: its parts, or itself."""
        return self.parts or (self.id,)
