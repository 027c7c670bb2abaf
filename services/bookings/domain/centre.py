"""Centres and their spaces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from services.bookings.domain.opening import OpeningHours, Timetable

Name = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Centre:
    """One of the centres.

    Attributes:
        id: short readable name, such as ``raqqa``.
        name: in each language.
        time_zone: IANA zone; hours are in its wall-clock time.
        timetable: when the centre is open.
        version: rises with each change.
    """

    id: str
    name: Name
    time_zone: str
    timetable: Timetable
    version: int = 1

    def opened_at(self, timetable: Timetable, time_zone: str) -> Centre:
        """The centre with other hours, or with the same in another zone."""
        return replace(self, timetable=timetable, time_zone=time_zone, version=self.version + 1)

    def opening_hours(self, space: Space | None = None) -> OpeningHours:
        """When the centre is open, or one of its spaces."""
        own = () if space is None or space.timetable is None else (space.timetable,)
        return OpeningHours(self.time_zone, (self.timetable, *own))


@dataclass(frozen=True, slots=True)
class Space:
    """A room or hall that can be booked.

    Attributes:
        capacity: people.
        features: what it has: ``projector``, ``wheelchair_access`` …
        buffer_before, buffer_after: set-up and clean-up, part of what a booking claims.
        needs_approval: whether the front desk decides on each booking; its time is held meanwhile.
        timetable: hours of its own, which restrict the centre's; ``None`` where it has none.
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
    timetable: Timetable | None = None

    def opened_at(self, timetable: Timetable | None) -> Space:
        """The space with other hours of its own, or with none."""
        return replace(self, timetable=timetable, version=self.version + 1)

    def needing_approval(self, needs_approval: bool) -> Space:
        """The space with or without the front desk's decision on each booking."""
        return replace(self, needs_approval=needs_approval, version=self.version + 1)

    @property
    def leaves(self) -> tuple[str, ...]:
        """What a booking of this space really takes: its parts, or itself."""
        return self.parts or (self.id,)
