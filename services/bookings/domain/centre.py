"""Centres and their spaces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar

from services.common.time.opening_hours import OpeningHours, Timetable
from services.common.time.period import Period
from services.common.time.slots import slots_of

Name = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Closing:
    """What a closure that is not in force yet is about to take. It stands with the centre, which
    everybody who takes time reads anyway."""

    closure_id: str
    leaves: tuple[str, ...]
    period: Period


@dataclass(frozen=True, slots=True)
class Centre:
    """One of the centres.

    Attributes:
        id: short readable name, such as ``raqqa``.
        name: in each language.
        time_zone: IANA zone; hours are in its wall-clock time.
        timetable: when the centre is open.
        version: rises with each change of what people see of it.
        closing: the closures that are not in force yet. There are few, and not for long.
    """

    id: str
    name: Name
    time_zone: str
    timetable: Timetable
    version: int = 1
    closing: tuple[Closing, ...] = ()

    def opened_at(self, timetable: Timetable, time_zone: str) -> Centre:
        """The centre with other hours, or with the same in another zone."""
        return replace(self, timetable=timetable, time_zone=time_zone, version=self.version + 1)

    def closing_slots(self, leaves: tuple[str, ...], period: Period) -> set[str]:
        """The slots of these leaf spaces and this period that closures are about to take."""
        found: set[str] = set()
        for each in self.closing:
            shared = tuple(leaf for leaf in leaves if leaf in each.leaves)
            if shared and each.period.overlaps(period):
                starts_at = max(period.starts_at, each.period.starts_at)
                ends_at = min(period.ends_at, each.period.ends_at)
                found.update(slots_of(shared, Period(starts_at, ends_at)))
        return found

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
        parts: ids of the parts of a divisible hall; empty for a plain space. They never change:
            a booking of the hall has claimed them.
        added_at: since when it is there; ``None`` for what was there from the beginning.
        retired_at: since when it can be booked no more.
        away: when it could not, before it came back; by start.
    """

    kind: ClassVar[str] = "space"

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
    added_at: datetime | None = None
    retired_at: datetime | None = None
    away: tuple[Period, ...] = ()

    @property
    def retired(self) -> bool:
        return self.retired_at is not None

    @property
    def facts(self) -> dict[str, Any]:
        """The fields that a manager sets, in wire form; its hours have events of their own."""
        return {
            "name": dict(self.name),
            "capacity": self.capacity,
            "features": list(self.features),
            "buffer_before_minutes": self.buffer_before // timedelta(minutes=1),
            "buffer_after_minutes": self.buffer_after // timedelta(minutes=1),
            "needs_approval": self.needs_approval,
            "parts": list(self.parts),
            "retired": self.retired,
        }

    def changed(self, changes: Mapping[str, Any], now: datetime) -> Space:
        """The next version with these changes; itself, if they are none.

        Args:
            changes: of name, capacity, features, buffers; and ``retired``, whether it is.
        """
        values = dict(changes)
        retired = values.pop("retired", self.retired)
        if retired != self.retired:
            values["retired_at"] = now if retired else None
            if self.retired_at is not None and self.retired_at < now:
                values["away"] = (*self.away, Period(self.retired_at, now))
        after = replace(self, **values)
        return self if after.facts == self.facts else replace(after, version=self.version + 1)

    def offers_more_than(self, before: Space) -> bool:
        """Whether more people can book it now than before."""
        return (
            (before.retired and not self.retired)
            or self.capacity > before.capacity
            or not set(self.features) <= set(before.features)
            or self.buffer_before < before.buffer_before
            or self.buffer_after < before.buffer_after
        )

    def there_within(self, period: Period) -> tuple[Period, ...]:
        """The parts of a period in which it could be booked, by start."""
        begins = max(period.starts_at, self.added_at or period.starts_at)
        ends = min(period.ends_at, self.retired_at or period.ends_at)
        parts = []
        for gone in self.away:
            parts.append(Period(begins, min(gone.starts_at, ends)))
            begins = max(begins, gone.ends_at)
        parts.append(Period(begins, ends))
        return tuple(part for part in parts if part.starts_at < part.ends_at)

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


@dataclass(frozen=True, slots=True)
class PlaceNames:
    """Names of spaces and centres by id, for people who do not know the ids."""

    spaces: Mapping[str, Name]
    centres: Mapping[str, Name]
