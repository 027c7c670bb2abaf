"""The in-app inbox: a message is delivered when it is stored."""

from __future__ import annotations

from collections.abc import Sequence

from services.common.storage.mongo import Session
from services.notifications.domain.messages import Message
from services.notifications.domain.rules.rule import INBOX
from services.notifications.store.notifications import Notifications


class InboxChannel:
    """Keeps messages where ``list_inbox`` finds them."""

    name = INBOX

    def __init__(self, notifications: Notifications) -> None:
        self._notifications = notifications

    def accept(self, session: Session, messages: Sequence[Message], *, skip_stored: bool) -> None:
        """See :class:`services.notifications.channels.Channel`."""
        self._notifications.add(session, self.name, messages, skip_stored=skip_stored)
