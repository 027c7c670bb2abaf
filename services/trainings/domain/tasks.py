"""Tasks: what staff of a centre have to see to, since nobody else can."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import ClassVar


class TaskKind(StrEnum):
    """What there is to do. At most one task of a kind is open for a cohort."""

    ROOMS_REFUSED = "rooms_refused"
    """Bookings has no room for a session, or for its new time."""
    ROOMS_LOST = "rooms_lost"
    """Staff of the centre or a closure have taken a room away."""
    ROOMS_UNANSWERED = "rooms_unanswered"
    """Bookings has not answered for long."""


@dataclass(frozen=True, slots=True)
class Task:
    """Something that staff of a centre have to see to.

    Attributes:
        session_ids: the sessions that it is about.
        closed_by: who said that it is done; ``system`` where it has become needless.
    """

    kind: ClassVar[str] = "task"

    id: str
    what: TaskKind
    cohort_id: str
    centre_id: str
    session_ids: tuple[str, ...]
    opened_at: datetime
    open: bool = True
    closed_at: datetime | None = None
    closed_by: str | None = None
    version: int = 1

    def closed(self, by: str, now: datetime) -> Task:
        """The task after it is done; itself where it was before."""
        if not self.open:
            return self
        return replace(self, open=False, closed_at=now, closed_by=by, version=self.version + 1)

    def about(self, session_ids: tuple[str, ...]) -> Task:
        """The open task about these sessions; itself where they are the same."""
        if session_ids == self.session_ids:
            return self
        return replace(self, session_ids=session_ids, version=self.version + 1)
