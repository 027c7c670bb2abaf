"""The states of a delivery over a channel that leaves the house, and when to try again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from services.common.directory.people import Person
from services.common.transitions import Transitions
from services.notifications.domain.messages import Text


class State(StrEnum):
    """Where a delivery stands.

    ``unknown`` means that the provider may or may not have taken the message. It is sent again
    under the same key, so the worst is a message that a mail program shows once, since it knows
    the Message-ID. The other choice, never to send again, could lose the news of a cancelled
    meeting, which costs more than a message too many.

    ``skipped`` means that it is not sent because what it says does not hold any more, or is no
    business of the recipient's any more. That is no failure: nobody need do anything about it.
    """

    QUEUED = "queued"
    ATTEMPTING = "attempting"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"


class Action(StrEnum):
    """What leads to a state: an attempt and its outcomes, or the end without one."""

    ATTEMPT = "attempt"
    SUCCEED = "succeed"
    FAIL = "fail"
    POSTPONE = "postpone"
    LOSE_TRACK = "lose_track"
    SKIP = "skip"


TRANSITIONS = Transitions(
    {
        (State.QUEUED, Action.ATTEMPT): State.ATTEMPTING,
        (State.QUEUED, Action.POSTPONE): State.QUEUED,
        (State.QUEUED, Action.FAIL): State.FAILED,
        (State.QUEUED, Action.SKIP): State.SKIPPED,
        (State.ATTEMPTING, Action.SUCCEED): State.SENT,
        (State.ATTEMPTING, Action.FAIL): State.FAILED,
        (State.ATTEMPTING, Action.POSTPONE): State.QUEUED,
        (State.ATTEMPTING, Action.LOSE_TRACK): State.UNKNOWN,
        # A worker that was only slow may still report what became of its attempt.
        (State.UNKNOWN, Action.ATTEMPT): State.ATTEMPTING,
        (State.UNKNOWN, Action.SUCCEED): State.SENT,
        (State.UNKNOWN, Action.FAIL): State.FAILED,
        (State.UNKNOWN, Action.POSTPONE): State.QUEUED,
        (State.UNKNOWN, Action.LOSE_TRACK): State.UNKNOWN,
        (State.UNKNOWN, Action.SKIP): State.SKIPPED,
    },
    first=State.QUEUED,
)


# Short at first (a provider restarts), long later (it is broken): sixteen hours in all.
PAUSES = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=1),
    timedelta(hours=2),
    timedelta(hours=4),
    timedelta(hours=8),
)


def pause_after(attempts: int) -> timedelta | None:
    """How long to wait after so many attempts; None when it was the last one."""
    return PAUSES[attempts - 1] if attempts <= len(PAUSES) else None


# The filters of mail servers distrust a mail whose Date is long past.
OLDEST_DATE = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message to one person over one channel.

    Attributes:
        id: the message's key on the channel.
        text: None once the delivery is over: what was said is not kept longer than needed.
        attempts: how often it was begun.
        version: of the events about it: 0 until its one event, then 1.
        occurred_at: when the fact in it happened, UTC.
        queued_at: UTC.
        aggregate: what the fact is about, with its kind.
        aggregate_version: which that fact has made.
        traceparent: of the request that led to the event; logs and events about it carry it.
    """

    id: str
    recipient_id: str
    event_id: str
    event_type: str
    subject_id: str
    channel: str
    category: str
    language: str
    text: Text | None
    state: State
    attempts: int
    version: int
    occurred_at: datetime
    queued_at: datetime
    aggregate: str
    aggregate_version: int
    traceparent: str | None

    @property
    def over(self) -> bool:
        """Whether nothing more will happen to it: also where nobody knows whether the last attempt
        arrived."""
        return self.text is None or self.state in TRANSITIONS.ends

    @property
    def dated(self) -> datetime:
        """A mail's Date, the same each time it is sent: it puts mails in the order of the facts,
        also when one of them was late.
        """
        return max(self.occurred_at, self.queued_at - OLDEST_DATE)


@dataclass(frozen=True, slots=True)
class Case:
    """A delivery that is due, with all that decides whether it is sent.

    Attributes:
        contact: of the recipient; None while it is not known, and once it is erased.
        erased: whether it is.
        belongs: false where it is for a member who has left since, or for staff who have no longer
            the role.
        holds_from: what was said of the aggregate before this version does not hold any more.
        earlier: those to the same recipient, over the same channel, of earlier versions of the
            aggregate, that are not over.
    """

    delivery: Delivery
    contact: Person | None
    belongs: bool
    holds_from: int
    earlier: tuple[Delivery, ...]
    erased: bool = False

    def why_not(self) -> str | None:
        """Why it must not be sent at all, for its trail."""
        if self.erased:
            return "the recipient is erased"
        if self.contact is not None and self.contact.disabled:
            return "the recipient is disabled"
        if not self.belongs:
            return "the recipient has left"
        return self._overtaken(self.delivery)

    def overtaken(self) -> Iterator[tuple[Delivery, str]]:
        """The earlier ones that must not be sent either, each with the reason."""
        for each in self.earlier:
            reason = self._overtaken(each)
            if reason is not None:
                yield each, reason

    @property
    def follows_too_closely(self) -> bool:
        """Whether an earlier one is being sent just now, so that this one might arrive first."""
        return any(each.state is State.ATTEMPTING for each in self.earlier)

    def _overtaken(self, delivery: Delivery) -> str | None:
        if not delivery.aggregate or delivery.aggregate_version >= self.holds_from:
            return None
        return f"overtaken by version {self.holds_from} of what it tells about"
