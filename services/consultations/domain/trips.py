"""Trips: the accepted visits of one adviser on one day, with the way from one to the next.

In a trip the adviser drives on from one visit to the next, in place of coming back between them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from services.common.contracts.consultations.calendar_errors import (
    NOT_A_TRIP,
    TRIP_NOT_ALLOWED_NOW,
)
from services.common.errors import FieldError
from services.common.transitions import Transitions
from services.consultations.domain.adviser_times import Buffers
from services.consultations.domain.visit_states import VisitStatus
from services.consultations.domain.visits import Visit


class TripStatus(StrEnum):
    PLANNED = "planned"
    DISSOLVED = "dissolved"


class TripAction(StrEnum):
    CHANGE = "change"
    DISSOLVE = "dissolve"


TRANSITIONS: Transitions[TripStatus, TripAction] = Transitions(
    {
        (TripStatus.PLANNED, TripAction.CHANGE): TripStatus.PLANNED,
        (TripStatus.PLANNED, TripAction.DISSOLVE): TripStatus.DISSOLVED,
    },
    refusal=TRIP_NOT_ALLOWED_NOW,
    first=TripStatus.PLANNED,
)


@dataclass(frozen=True, slots=True)
class Trip:
    """Visits of one day.

    Attributes:
        day: in the adviser's zone.
        visit_ids: in the order of their times.
        ways: to the first visit, from each to the next, and back from the last: one more than
            there are visits.
    """

    kind: ClassVar[str] = "trip"

    id: str
    adviser_id: str
    centre_id: str
    day: date
    visit_ids: tuple[str, ...]
    ways: tuple[timedelta, ...]
    planned_by: str
    planned_at: datetime
    status: TripStatus = TripStatus.PLANNED
    version: int = 1

    @property
    def facts(self) -> dict[str, Any]:
        """What its history speaks of, in wire form."""
        return {
            "visit_ids": list(self.visit_ids),
            "ways_minutes": [each // timedelta(minutes=1) for each in self.ways],
            "status": self.status.value,
        }

    def buffers(self) -> Mapping[str, Buffers]:
        """Visit → the way that it takes. The way between two visits belongs to the later one."""
        last = len(self.visit_ids) - 1
        return {
            each: Buffers(self.ways[n], self.ways[n + 1] if n == last else timedelta())
            for n, each in enumerate(self.visit_ids)
        }

    def after(self, action: TripAction, **changes: Any) -> Trip:
        """The trip after an action, one version further.

        Raises:
            errors.Conflict: ``consultations.trip_not_allowed_now``.
        """
        status = TRANSITIONS.after(self.status, action)
        return replace(self, status=status, version=self.version + 1, **changes)

    def without(self, visit_id: str) -> Trip:
        """The trip after a visit has left it. The two ways around it become one, which is as long
        as both: that time is free in any case. Without its last visit it is dissolved.
        """
        left = self._less(visit_id)
        action = TripAction.CHANGE if left.visit_ids else TripAction.DISSOLVE
        return self.after(action, visit_ids=left.visit_ids, ways=left.ways)

    def forgetting(self, visit_ids: Collection[str]) -> Trip:
        """The trip, whatever its state, as if it had never had these visits."""
        left = self
        for each in self.visit_ids:
            if each in visit_ids:
                left = left._less(each)
        status = self.status if left.visit_ids else TripStatus.DISSOLVED
        return replace(left, status=status, version=self.version + 1)

    def _less(self, visit_id: str) -> Trip:
        n = self.visit_ids.index(visit_id)
        left = (*self.visit_ids[:n], *self.visit_ids[n + 1 :])
        ways: tuple[timedelta, ...]
        if not left:
            ways = ()
        elif n == 0:
            ways = self.ways[1:]
        elif n == len(left):
            ways = self.ways[:-1]
        else:
            ways = (*self.ways[:n], self.ways[n] + self.ways[n + 1], *self.ways[n + 2 :])
        return replace(self, visit_ids=left, ways=ways)


def check_trip(
    visits: Sequence[Visit],
    ways: Sequence[timedelta],
    zone: str,
    *,
    sealed: frozenset[str],
    trip_id: str | None = None,
) -> date:
    """Whether these visits make a trip, and the day on which it is.

    Args:
        visits: in the order in which they were named.
        ways: as of a trip.
        sealed: the ids of sealed cases, whose visits join no trip.
        trip_id: the trip that is changed, whose visits are in it.

    Raises:
        errors.Invalid: ``consultations.not_a_trip``, naming the visit or the ways.
    """
    if len(ways) != len(visits) + 1:
        raise NOT_A_TRIP(errors=[FieldError("/ways_minutes", NOT_A_TRIP.code)])
    days = [each.period.starts_at.astimezone(ZoneInfo(zone)).date() for each in visits]
    first = visits[0]
    for n, each in enumerate(visits):
        fits = (
            each.status is VisitStatus.ACCEPTED
            and each.adviser_id == first.adviser_id
            and each.case_id not in sealed
            and each.trip_id in (None, trip_id)
            and days[n] == days[0]
        )
        if not fits:
            raise NOT_A_TRIP(errors=[FieldError(f"/visit_ids/{n}", NOT_A_TRIP.code)])
    for n, (one, two) in enumerate(pairwise(visits), start=1):
        if one.period.ends_at + ways[n] > two.period.starts_at:
            raise NOT_A_TRIP(errors=[FieldError(f"/visit_ids/{n}", NOT_A_TRIP.code)])
    return days[0]
