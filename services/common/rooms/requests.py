"""The domain of a request for rooms. The numbers of rules are those of docs/rooms.md."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

Name = Mapping[str, str]


class Outcome(StrEnum):
    """What an answer of bookings says: the last part of its event's name."""

    GRANTED = "granted"
    REFUSED = "refused"
    LOST = "lost"
    FREED = "freed"


class Status(StrEnum):
    """Where a request stands, computed from the newest answer."""

    AWAITING = "awaiting"
    GRANTED = "granted"
    REFUSED = "refused"
    LOST = "lost"
    FREED = "freed"


@dataclass(frozen=True, slots=True)
class Item:
    """One room for one time.

    Attributes:
        space_id: ``None`` for any space of the centre that fits.
        equipment: equipment id → how many.
    """

    item_id: str
    centre_id: str
    starts_at: datetime
    ends_at: datetime
    people: int
    space_id: str | None = None
    features: tuple[str, ...] = ()
    equipment: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """A room that bookings holds for an item."""

    item_id: str
    booking_id: str
    space_id: str
    space_name: Name
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """What bookings said: all that it holds for the request (rule 5).

    Attributes:
        request_version: the version that it had decided on.
        version: its own count of answers, the event's aggregate version.
        code, problems: why it refused, and what could be had instead, item by item.
        reason: why staff or a closure took a room away.
    """

    request_version: int
    version: int
    outcome: Outcome
    places: tuple[Place, ...] = ()
    code: str | None = None
    problems: tuple[Mapping[str, Any], ...] = ()
    reason: str | None = None

    @property
    def order(self) -> tuple[int, int]:
        """Which of two answers is newer."""
        return self.request_version, self.version


@dataclass(frozen=True, slots=True)
class RoomRequest:
    """All rooms that one aggregate wants.

    Attributes:
        id: random, in no relation to the aggregate.
        subject: id of the aggregate.
        request_version: of what is wanted; it never changes for the same wish (rule 6).
        seen: version of the newest answer that was known when this version was made (rule 4).
        released: whether everything was given back, for good.
        version: of the events published; a repeated one counts too.
    """

    id: str
    subject: str
    label: Name
    items: tuple[Item, ...]
    request_version: int = 1
    seen: int = 0
    released: bool = False
    version: int = 1
    answer: Answer | None = None

    @property
    def status(self) -> Status:
        """An answer to an older version settles nothing; ``freed`` without a release is a loss. A
        release that is published anew (rule 8) waits for its answer again.
        """
        answer = self.answer
        if answer is None:
            return Status.AWAITING
        if answer.outcome is Outcome.FREED and not self.released:
            return Status.LOST
        if answer.outcome is Outcome.FREED and answer.request_version >= self.request_version:
            return Status.FREED
        if self.released or answer.request_version != self.request_version:
            return Status.AWAITING
        return Status(answer.outcome)

    @property
    def is_over(self) -> bool:
        """Whether bookings has given it up for good without being asked to, as after a restore:
        only a new request helps."""
        freed = self.answer is not None and self.answer.outcome is Outcome.FREED
        return freed and not self.released

    def place_of(self, item_id: str) -> Place | None:
        """The room that is held for an item, as far as is known."""
        places = self.answer.places if self.answer else ()
        return next((each for each in places if each.item_id == item_id), None)

    def with_items(self, items: tuple[Item, ...]) -> RoomRequest:
        """The request with other items, as a new version; itself where the same is wanted and not
        refused or lost: then only a person asks again."""
        if items == self.items and self.status in (Status.AWAITING, Status.GRANTED):
            return self
        return self._next(self.request_version + 1, items=items)

    def given_back(self) -> RoomRequest:
        """The request released; itself if it is."""
        return self if self.released else self._next(self.request_version + 1, released=True)

    def repeated(self) -> RoomRequest:
        """The same version, to be published once more."""
        return replace(self, version=self.version + 1)

    def raised_above(self, request_version: int) -> RoomRequest:
        """The same wish in a version above this one and its own."""
        return self._next(max(self.request_version, request_version) + 1)

    def answered(self, answer: Answer) -> RoomRequest:
        """The request with this answer, if it is newer than the one it has; else itself.

        Where the answer shows that one of the two sides was set back by a restore (rule 8), the
        same is wanted in a version above the answer's.
        """
        if self.answer is not None and answer.order <= self.answer.order:
            return self
        after = replace(self, answer=answer)
        if self.released or answer.outcome is Outcome.FREED:
            return after
        above = answer.request_version > self.request_version
        same = answer.request_version == self.request_version
        other = answer.outcome is Outcome.GRANTED and not self._is_met_by(answer)
        if above or (same and other):
            return after._next(answer.request_version + 1)
        return after

    def next_repeat_at(self, now: datetime, asked: int) -> datetime | None:
        """When to ask the next time (rule 6); ``None`` when there is nothing to ask for any more.

        Args:
            asked: how often this version was asked already.
        """
        if self.status is Status.AWAITING:
            return now + REPEAT_PAUSES[min(asked, len(REPEAT_PAUSES)) - 1]
        if self.released:
            return None
        starts = (item.starts_at - DAY_BEFORE for item in self.items)
        return min((each for each in starts if each > now), default=None)

    def _is_met_by(self, answer: Answer) -> bool:
        held = {(each.item_id, each.starts_at, each.ends_at) for each in answer.places}
        return held == {(each.item_id, each.starts_at, each.ends_at) for each in self.items}

    def _next(self, request_version: int, **changes: Any) -> RoomRequest:
        return replace(
            self,
            request_version=request_version,
            seen=self.answer.version if self.answer else 0,
            version=self.version + 1,
            **changes,
        )


#: How long after each asking a version that was not answered is asked again; the last one goes on.
REPEAT_PAUSES = (
    timedelta(minutes=2),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=6),
)
#: After this many askings without an answer staff are given a task.
TASK_AFTER = 3
#: Though answered, a request is asked again this long before each item begins.
DAY_BEFORE = timedelta(hours=24)
