"""Tasks: what a person has to see to, since nobody else can."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar


class TaskKind(StrEnum):
    """What there is to do. At most one task of a kind is open for one subject."""

    ASSIGN_ADVISER = "assign_adviser"
    """A case waits for an adviser."""
    MILESTONE_OVERDUE = "milestone_overdue"
    """The due date of a milestone has passed, and it is neither reported nor reached."""
    LIMIT_PASSED = "limit_passed"
    """A time limit of a case has passed."""
    REVIEW_RATING = "review_rating"
    """A consultation is rated low."""
    ADVISER_ABSENT = "adviser_absent"
    """The adviser of an appointment or a visit is away then."""
    ADVISER_LEFT = "adviser_left"
    """The adviser of an appointment or a visit is not on the case any more, or takes no cases."""
    ROOM_REFUSED = "room_refused"
    """Bookings has no room for an appointment, its new time, or consulting hours."""
    ROOM_LOST = "room_lost"
    """Staff of the centre or a closure have taken a room away."""
    ROOM_UNANSWERED = "room_unanswered"
    """Bookings has not answered for long."""


@dataclass(frozen=True, slots=True)
class Task:
    """Something that staff of a centre, or the people of a case, have to see to.

    Attributes:
        subject: the id of what it is about: a case, an appointment, a milestone …
        case_id: the case that it belongs to, if there is one.
        people: ids of those who see it beside the staff of the centre.
        sealed: whether only they see it.
        details: what helps to do it: ids, no text.
        closed_by: who said that it is done; ``system`` where it has become needless.
    """

    kind: ClassVar[str] = "task"

    id: str
    what: TaskKind
    subject: str
    centre_id: str
    opened_at: datetime
    case_id: str | None = None
    people: frozenset[str] = frozenset()
    sealed: bool = False
    details: Mapping[str, Any] = field(default_factory=dict)
    open: bool = True
    closed_at: datetime | None = None
    closed_by: str | None = None
    version: int = 1

    def sealed_as(self, sealed: bool, people: frozenset[str]) -> Task:
        """The task when its case is sealed, or open again."""
        return replace(self, sealed=sealed, people=people, version=self.version + 1)

    def for_people(self, people: frozenset[str]) -> Task:
        """The task when others have to see to it."""
        return replace(self, people=people, version=self.version + 1)

    def closed(self, by: str, now: datetime) -> Task:
        """The task after it is done; itself where it was before."""
        if not self.open:
            return self
        return replace(self, open=False, closed_at=now, closed_by=by, version=self.version + 1)
