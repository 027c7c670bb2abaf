"""For whom events are: everybody, or the one service that delivers secret news.

Each audience has an outbox, a log with numbers and hashes of its own, a relay and an exchange. With
one log for both, the gaps in what everybody reads would count the events that are withheld.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Audience:
    """Where the events of one audience wait, stay and leave.

    Attributes:
        outbox, log: names of collections.
        relay: name of the relay's lease and of its loop.
        exchange: of the broker.
        must_arrive: the broker gives an event back that no queue takes, and it is sent again.
            Otherwise the broker keeps and counts it.
        anonymous: an event does not say who caused it, nor under which trace.
    """

    outbox: str
    log: str
    relay: str
    exchange: str
    must_arrive: bool
    anonymous: bool


OPEN = Audience(
    outbox="outbox",
    log="event_log",
    relay="relay",
    exchange="masaha.events",
    must_arrive=False,
    anonymous=False,
)
"""What every subscriber may know."""

SEALED = Audience(
    outbox="sealed_outbox",
    log="sealed_event_log",
    relay="sealed_relay",
    exchange="masaha.sealed",
    must_arrive=True,
    anonymous=True,
)
"""What only the recipient may know: that there is news for a person."""
