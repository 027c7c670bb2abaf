"""Visits: an adviser goes to the organisation; what was seen is reported, and the report approved.

Either side asks for a visit, and the other side accepts. The adviser is claimed from the request
on, with the way there and back, so that an acceptance never fails.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from services.common.clock import to_wire
from services.common.time.period import Period
from services.consultations.domain.adviser_times import Buffers
from services.consultations.domain.visit_states import LIVE, TRANSITIONS, VisitAction, VisitStatus


class Side(StrEnum):
    """Who asks for a visit, and who accepts it."""

    CENTRE = "centre"
    ORGANISATION = "organisation"


class CallOffCause(StrEnum):
    """Why a visit is called off."""

    UNSAFE = "unsafe"
    ORGANISATION = "organisation"
    ADVISER = "adviser"
    ROAD = "road"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Report:
    """What an adviser reports of a visit.

    Attributes:
        lasted: the time that it took indeed.
        women, men: how many people were met.
    """

    lasted: Period
    women: int
    men: int
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class VisitContent:
    """What people wrote: the part that a reader of the database is not to read.

    Attributes:
        place: where to go.
        report: what was seen and agreed.
        remark: why the report was returned, where it was.
        reason: why it was called off or declined.
    """

    place: str
    report: str | None = None
    remark: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit of a case.

    Attributes:
        way: there and back; of a visit in a trip, from and to its neighbours.
        own_way: there and back where it is alone.
        asked_by: the side that asked for the time in force.
        trip_id: the trip that it belongs to.
        cause: why it was called off.
        changed_at, sequence: as of an appointment.
    """

    kind: ClassVar[str] = "visit"

    id: str
    case_id: str
    centre_id: str
    adviser_id: str
    period: Period
    way: Buffers
    own_way: Buffers
    content: VisitContent
    asked_by: Side
    requested_by: str
    requested_at: datetime
    changed_at: datetime
    spans_breaks: bool = False
    status: VisitStatus = VisitStatus.REQUESTED
    trip_id: str | None = None
    report: Report | None = None
    approved_by: str | None = None
    cause: CallOffCause | None = None
    reminded_at: datetime | None = None
    sequence: int = 0
    version: int = 1

    @property
    def live(self) -> bool:
        return self.status in LIVE

    @property
    def times(self) -> tuple[Period, ...]:
        """When the adviser is claimed, without the way."""
        return (self.period,) if self.live else ()

    @property
    def buffers(self) -> Buffers:
        return self.way

    @property
    def answers(self) -> Side:
        """The side that accepts."""
        return Side.ORGANISATION if self.asked_by is Side.CENTRE else Side.CENTRE

    @property
    def facts(self) -> dict[str, Any]:
        """What its history speaks of, in wire form: no text."""
        return {
            "adviser_id": self.adviser_id,
            "starts_at": to_wire(self.period.starts_at),
            "ends_at": to_wire(self.period.ends_at),
            "status": self.status.value,
            "asked_by": self.asked_by.value,
            "trip_id": self.trip_id,
            "cause": None if self.cause is None else self.cause.value,
        }

    def after(self, action: VisitAction, **changes: Any) -> Visit:
        """The visit after an action, one version further.

        Raises:
            errors.Conflict: ``consultations.visit_not_allowed_now``.
        """
        status = TRANSITIONS.after(self.status, action)
        return replace(self, status=status, version=self.version + 1, **changes)

    def shown_anew(self, now: datetime) -> Visit:
        """The visit once a calendar shows something else."""
        return replace(self, sequence=self.sequence + 1, changed_at=now)

    def alone(self) -> dict[str, Any]:
        """What a visit is without its trip."""
        return {"trip_id": None, "way": self.own_way}
