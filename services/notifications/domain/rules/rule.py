"""What a rule is: event → audience → category → template → urgency → channels."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import ModuleType
from typing import Any

from services.common.contracts.registry import EventType
from services.notifications.domain.rules.audiences import Audience

INBOX = "inbox"
EMAIL = "email"

IN_INBOX = (INBOX,)
BY_EMAIL = (EMAIL,)
BOTH = (INBOX, EMAIL)


class Urgency(Enum):
    """Whether a message may wait until morning."""

    NORMAL = "normal"
    URGENT = "urgent"


@dataclass(frozen=True, slots=True)
class Category:
    """What a person may choose about.

    Attributes:
        name: also a mail's List-Id.
        mandatory: nobody can turn these messages off.
    """

    name: str
    mandatory: bool = False


INVITATIONS = Category("invitations")
"""From an organisation to people who do not belong to it, in events of every branch."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of a publisher's table.

    Attributes:
        event: of the publisher's contract.
        audience: whom it addresses.
        category: what a person may choose about.
        template: prefix of the texts in ``locale/``.
        urgency: whether it passes quiet hours.
        channels: names of channels, see ``channels/``.
    """

    event: EventType
    audience: Audience
    category: Category
    template: str
    urgency: Urgency
    channels: tuple[str, ...]

    @property
    def event_type(self) -> str:
        return self.event.name


@dataclass(frozen=True, slots=True)
class Publisher:
    """The rules of one publisher's events.

    Attributes:
        contract: the module that holds its event types.
        rules: its table, read from top to bottom.
        endings: events that end what an earlier message speaks of, with or without a rule.
        withdrawing: those of them after which the message is in no inbox any more: there is nothing
            to be seen to, or the reader may not know of it any more.
        overtaking: for events that only sometimes overtake an earlier message: which, by their
            data.
        announced: for events that some of their data make another one to people: which.
        unannounced: for events that are only sometimes a message: when they are nobody's.
        sealed: only the recipient may know that there is a message: its events come over an
            exchange of their own, and nothing is published about what became of it.
    """

    contract: ModuleType
    rules: tuple[Rule, ...]
    endings: tuple[EventType, ...] = ()
    withdrawing: tuple[EventType, ...] = ()
    overtaking: Mapping[EventType, Callable[[Mapping[str, Any]], bool]] = field(
        default_factory=dict
    )
    announced: Mapping[EventType, Callable[[Mapping[str, Any]], EventType]] = field(
        default_factory=dict
    )
    unannounced: Mapping[EventType, Callable[[Mapping[str, Any]], bool]] = field(
        default_factory=dict
    )
    sealed: bool = False
