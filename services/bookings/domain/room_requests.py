"""Requests of other branches for rooms: what bookings decides about one that arrives.

The table of docs/rooms.md; which rooms can be had is decided where they are taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    """What the newest answer said: the last part of its event's name."""

    GRANTED = "granted"
    REFUSED = "refused"
    LOST = "lost"
    FREED = "freed"


class Decision(StrEnum):
    """What is to be done about a request or a release that has arrived."""

    RELEASE = "release"
    PLACE = "place"
    REFUSE_OVERTAKEN = "refuse_overtaken"
    REPEAT_STANDING = "repeat_standing"


@dataclass(frozen=True, slots=True)
class RoomRow:
    """What bookings keeps of a request, for good.

    Attributes:
        id: ``<requester>:<request id>``.
        subject: our own id of it; the answers are published under it.
        request_version: the version that was decided on last.
        version: of the answers; a repeated one counts too.
        lost_at: the version of the last answer that reported a loss; 0 where there was none.
        released: whether it was released; then nothing is placed for it again.
        holds: ids of the bookings that it has, or had to their end.
        code, problems: why it was refused, and what could be had instead, item by item; of what was
            lost, item by item too.
        reason: why staff or a closure took a room away.
    """

    id: str
    subject: str
    request_version: int
    outcome: Outcome
    version: int = 1
    lost_at: int = 0
    released: bool = False
    holds: tuple[str, ...] = ()
    code: str | None = None
    problems: tuple[Mapping[str, Any], ...] = ()
    reason: str | None = None

    @classmethod
    def unknown(cls, id: str, subject: str) -> RoomRow:
        """The row of a request that is new."""
        return cls(id, subject, request_version=0, outcome=Outcome.FREED, version=0)

    def answered(self, outcome: Outcome, request_version: int, **why: Any) -> RoomRow:
        """The row after deciding on a version.

        Args:
            why: ``holds`` where they change; ``code`` and ``problems`` where it is refused.
        """
        return self._next(outcome, request_version=request_version, **why)

    def repeated(self, request_version: int) -> RoomRow:
        """The row after the same answer was published once more. The row of a released request
        answers every version, so that its requester learns that only a new request helps.
        """
        known = max(self.request_version, request_version) if self.released else None
        return replace(
            self, request_version=known or self.request_version, version=self.version + 1
        )

    def lost(
        self,
        booking_id: str | None = None,
        reason: str | None = None,
        problem: Mapping[str, Any] | None = None,
    ) -> RoomRow:
        """The row after staff or a closure took a room away.

        Args:
            problem: what could be had in its place. Those of rooms that were taken away before it
                stay, until a version is decided on.
        """
        holds = tuple(each for each in self.holds if each != booking_id)
        before = self.problems if self.outcome is Outcome.LOST else ()
        problems = before if problem is None else (*before, problem)
        lost_at = self.version + 1
        return self._next(
            Outcome.LOST, lost_at=lost_at, holds=holds, reason=reason, problems=problems
        )

    def freed(self, request_version: int, holds: tuple[str, ...] = ()) -> RoomRow:
        """The row after a release, which is final.

        Args:
            holds: what it had to the end.
        """
        known = max(request_version, self.request_version)
        return self._next(Outcome.FREED, request_version=known, released=True, holds=holds)

    def _next(self, outcome: Outcome, **changes: Any) -> RoomRow:
        """The row with another answer, without the content of the answer before it."""
        silent: dict[str, Any] = {"code": None, "problems": (), "reason": None}
        return replace(self, outcome=outcome, version=self.version + 1, **{**silent, **changes})


def decide(row: RoomRow | None, request_version: int, *, seen: int, release: bool) -> Decision:
    """What to do about a message, from the row alone.

    Args:
        row: ``None`` where the request is not known.
        seen: the newest answer that its maker knew.
        release: whether it gives all back; then its version does not matter.
    """
    if row is not None and row.released:
        return Decision.REPEAT_STANDING
    if release:
        return Decision.RELEASE
    if row is None:
        return Decision.PLACE
    if row.request_version >= request_version:
        return Decision.REPEAT_STANDING
    return Decision.REFUSE_OVERTAKEN if seen < row.lost_at else Decision.PLACE
