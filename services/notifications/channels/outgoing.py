"""What every channel shares that hands messages to a provider: queue now, send from the worker."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from services.common.clock import Clock
from services.common.directory.people import Person
from services.common.storage.mongo import Session
from services.notifications.domain.delivery import Delivery, State
from services.notifications.domain.messages import Message
from services.notifications.store.deliveries import Deliveries


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an attempt.

    Attributes:
        state: ``sent``; ``failed`` (refused for good); ``queued`` (not taken, try again later); or
            ``unknown`` (the connection ended when the message may have been taken).
        reason: for the trail, such as ``550 no such mailbox``; without the address or the text.
    """

    state: State
    reason: str = ""


class Unreachable(Exception):
    """The person cannot be reached over this channel at all, by any attempt."""


class Outgoing(ABC):
    """A channel to the outside.

    Args:
        deliveries: where the messages wait, each due at once.
    """

    name: str

    def __init__(self, deliveries: Deliveries, clock: Clock) -> None:
        self._deliveries = deliveries
        self._clock = clock

    def accept(self, session: Session, messages: Sequence[Message], *, skip_stored: bool) -> None:
        """See :class:`services.notifications.channels.Channel`."""
        self._deliveries.add(
            session, self.name, messages, self._clock.now(), skip_stored=skip_stored
        )

    @abstractmethod
    def prepare(self, delivery: Delivery, contact: Person) -> Callable[[], Outcome]:
        """Make everything ready, and return the step that talks to the provider.

        A step that can fail through a fault of our own fails here, before the attempt is noted. The
        step returned must end within a deadline's lease, and never raises for what a provider or
        a network may do.

        Raises:
            Unreachable: if the contact has no usable address for this channel.
        """

    def close_idle(self) -> None:  # noqa: B027 - not abstract: most channels keep nothing open
        """Nothing is left to send for now: close what was kept open for the next message.

        Called in the thread that sends.
        """
