"""The states of a message in a person's inbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.common.lists import Page
from services.common.transitions import Transitions


class State(StrEnum):
    """``unread → read → archived``, or ``unread → archived``."""

    UNREAD = "unread"
    READ = "read"
    ARCHIVED = "archived"


class Action(StrEnum):
    """What a person does with a message."""

    READ = "read"
    ARCHIVE = "archive"


# An action on a message that is past it already changes nothing and is no error: phones on bad
# connections send things twice.
TRANSITIONS = Transitions(
    {
        (State.UNREAD, Action.READ): State.READ,
        (State.UNREAD, Action.ARCHIVE): State.ARCHIVED,
        (State.READ, Action.ARCHIVE): State.ARCHIVED,
    },
    first=State.UNREAD,
)

VISIBLE = (State.UNREAD, State.READ)


@dataclass(frozen=True, slots=True)
class Notification:
    """A message in the inbox; ``version`` rises with each change of its state."""

    id: str
    recipient_id: str
    event_id: str
    event_type: str
    subject_id: str
    category: str
    language: str
    title: str
    body: str
    state: State
    version: int
    created_at: datetime

    def after(self, action: Action) -> State | None:
        """The state that the action leads to; None when it changes nothing."""
        return TRANSITIONS.get((self.state, action))


@dataclass(frozen=True, slots=True)
class Inbox:
    """A part of the inbox, newest first.

    Attributes:
        unread: how many messages of the whole inbox are unread.
    """

    page: Page[Notification]
    unread: int
