"""What takes the time of an adviser: an appointment or a visit, without what it is about."""

from __future__ import annotations

from dataclasses import dataclass

from services.common.time.period import Period
from services.consultations.domain.appointments import Appointment
from services.consultations.domain.visits import Visit

Meeting = Appointment | Visit


@dataclass(frozen=True, slots=True)
class Engagement:
    """One meeting in the calendar of an adviser.

    Attributes:
        id: of the appointment or the visit.
        what: ``appointment`` or ``visit``.
        times: when it takes place; while a move waits for its room, both.
        taken: the same with the buffers around.
    """

    id: str
    what: str
    adviser_id: str
    times: tuple[Period, ...]
    taken: tuple[Period, ...]

    def meets(self, period: Period) -> bool:
        """Whether it takes place, in part at least, in the period."""
        return any(each.overlaps(period) for each in self.times)


def engagement_of(meeting: Meeting) -> Engagement | None:
    """The time that a meeting takes; ``None`` where it takes none any more."""
    times = meeting.times
    if not times:
        return None
    taken = tuple(map(meeting.buffers.widen_period, times))
    return Engagement(meeting.id, meeting.kind, meeting.adviser_id, times, taken)
