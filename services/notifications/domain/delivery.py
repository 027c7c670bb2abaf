"""The states of a delivery over a channel that leaves the house, and when to try again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from services.notifications.domain.messages import Text
from services.notifications.domain.people import Contact


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


TRANSITIONS: Mapping[State, frozenset[State]] = {
    State.QUEUED: frozenset({State.QUEUED, State.ATTEMPTING, State.FAILED, State.SKIPPED}),
    State.ATTEMPTING: frozenset({State.SENT, State.FAILED, State.QUEUED, State.UNKNOWN}),
    # A worker that was only slow may still report what became of its attempt.
    State.UNKNOWN: frozenset(
        {
            State.ATTEMPTING,
            State.SENT,
            State.FAILED,
            State.QUEUED,
            State.UNKNOWN,
            State.SKIPPED,
        }
    ),
    State.SENT: frozenset(),
    State.FAILED: frozenset(),
    State.SKIPPED: frozenset(),
}

ENDS = frozenset(state for state, targets in TRANSITIONS.items() if not targets)


def sources(target: State) -> list[State]:
    """The states from which ``target`` may be reached."""
    return [state for state, targets in TRANSITIONS.items() if target in targets]


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
        version: of the facts told about it: 0 until its one event, then 1.
        occurred_at: when the fact happened that it tells of, UTC.
        queued_at: UTC.
        aggregate: what the fact is about, with its kind; empty in those that an earlier version of
            this service has queued.
        aggregate_version: which that fact has made.
        traceparent: of the request that led to the event; what is logged and told goes under it.
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
    aggregate: str = ""
    aggregate_version: int = 0
    traceparent: str | None = None

    @property
    def over(self) -> bool:
        """Whether nothing more will happen to it: also where nobody knows whether the last attempt
        arrived."""
        return self.text is None or self.state in ENDS

    @property
    def dated(self) -> datetime:
        """A mail's Date, the same each time it is sent: by it mails stand in the order of the
        facts, whatever has held one of them up."""
        return max(self.occurred_at, self.queued_at - OLDEST_DATE)


@dataclass(frozen=True, slots=True)
class Case:
    """A delivery that is due, with all that decides whether it is sent.

    Attributes:
        contact: of the recipient; None while it is not known, and once it is erased.
        erased: whether it is.
        belongs: false where it is for a member who has left since.
        holds_from: what was said of the aggregate before this version does not hold any more.
        earlier: those to the same recipient, over the same channel, of earlier versions of the
            aggregate, that are not over.
    """

    delivery: Delivery
    contact: Contact | None
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
            return "the recipient has left the organisation"
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
