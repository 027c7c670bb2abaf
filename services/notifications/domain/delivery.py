"""The states of a delivery over a channel that leaves the house, and when to try again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from services.notifications.domain.messages import Text


class State(StrEnum):
    """Where a delivery stands.

    ``unknown`` means that the provider may or may not have taken the message. It is sent again
    under the same key, so the worst is a message that a mail program shows once, since it knows
    the Message-ID. The other choice, never to send again, could lose the news of a cancelled
    meeting, which costs more than a message too many.
    """

    QUEUED = "queued"
    ATTEMPTING = "attempting"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"


TRANSITIONS: Mapping[State, frozenset[State]] = {
    State.QUEUED: frozenset({State.QUEUED, State.ATTEMPTING, State.FAILED}),
    State.ATTEMPTING: frozenset({State.SENT, State.FAILED, State.QUEUED, State.UNKNOWN}),
    # A worker that was only slow may still report what became of its attempt.
    State.UNKNOWN: frozenset(
        {State.ATTEMPTING, State.SENT, State.FAILED, State.QUEUED, State.UNKNOWN}
    ),
    State.SENT: frozenset(),
    State.FAILED: frozenset(),
}


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


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message to one person over one channel.

    Attributes:
        id: the message's key on the channel.
        text: None once the delivery is over: what was said is not kept longer than needed.
        attempts: how often it was begun.
        version: of the facts told about it: 0 until its one event, then 1.
        queued_at: UTC; a mail's Date, also when it is sent again.
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
    queued_at: datetime
    traceparent: str | None = None

    @property
    def over(self) -> bool:
        """Whether nothing more will happen to it."""
        return not TRANSITIONS[self.state]
