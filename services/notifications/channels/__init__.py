"""The ways in which a message reaches a person, one file each.

A channel that keeps messages in our own database writes them in :meth:`Channel.accept`; one that
hands them to a provider derives from :class:`.outgoing.Outgoing` and says how to send.
``docs/adding.md`` says what else a new one needs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from services.common.storage.mongo import Session
from services.notifications.domain.messages import Message


class Channel(Protocol):
    """A way to reach people.

    Attributes:
        name: as the rule table and the deliveries name it.
    """

    @property
    def name(self) -> str: ...

    def accept(self, session: Session, messages: Sequence[Message], *, skip_stored: bool) -> None:
        """Take messages over, in the transaction of the event; nothing leaves the house here.

        Args:
            skip_stored: leave out messages that are stored already. It costs a query, so it is true
                only where one turned out to be there.

        Raises:
            AlreadyThere: if one was taken over before, and ``skip_stored`` is false.
        """
        ...
