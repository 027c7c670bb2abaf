"""Requests of other branches for rooms: what bookings decides about one that arrives.

The table of docs/rooms.md; which rooms can be had is decided where they are taken.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


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
        subject: our own id of it, under which the answers are told.
        request_version: the version that was decided on last.
        version: of the answers; a repeated one counts too.
        lost_at: the version of the answer that last told of a loss; 0 where there was none.
        released: whether it was released; then nothing is placed for it again.
    """

    id: str
    subject: str
    request_version: int
    outcome: Outcome
    version: int = 1
    lost_at: int = 0
    released: bool = False

    def answered(self, outcome: Outcome, request_version: int) -> RoomRow:
        """The row after deciding on a version."""
        return replace(
            self, outcome=outcome, request_version=request_version, version=self.version + 1
        )

    def repeated(self, request_version: int) -> RoomRow:
        """The row after telling the same standing once more. That of a released one answers every
        version, so that whoever asks for it learns that only a new request helps."""
        known = max(self.request_version, request_version) if self.released else None
        return replace(
            self, request_version=known or self.request_version, version=self.version + 1
        )

    def lost(self) -> RoomRow:
        """The row after staff or a closure took a room away."""
        version = self.version + 1
        return replace(self, outcome=Outcome.LOST, version=version, lost_at=version)

    def freed(self, request_version: int) -> RoomRow:
        """The row after a release, which is final."""
        return replace(
            self,
            outcome=Outcome.FREED,
            request_version=max(request_version, self.request_version),
            version=self.version + 1,
            released=True,
        )


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
