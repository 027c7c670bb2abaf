"""What a relay knows of the events that wait in the log: which aggregates are held back, and until
when."""

from __future__ import annotations

from dataclasses import dataclass

from services.common.events.event_log import Entry


@dataclass(slots=True)
class Held:
    """An aggregate whose next event the broker did not take.

    Attributes:
        entry: that event.
        wait: seconds between its last try and the next one.
        due: when that is, on the monotonic clock.
        confirmed: how many events of all aggregates had been confirmed at its last try.
        more: whether the log has later events of the aggregate pending.
    """

    entry: Entry
    wait: float
    due: float
    confirmed: int
    more: bool = False


class Backlog:
    """What is known of the log's pending entries; none of it outlasts the lease.

    Attributes:
        held: the aggregates that are held back, by name.
        complete: whether the log has no pending entries but theirs.
        read_to: the number up to which the log has been read for what is pending.
        flows: whether of the last new events any was confirmed.
        probe_at: where none was, and many are held back: when new ones are tried again, on the
            monotonic clock.
    """

    def __init__(self) -> None:
        self.held: dict[str, Held] = {}
        self.complete = False
        self.read_to = 0
        self.flows = True
        self.probe_at = 0.0

    @property
    def entries(self) -> list[Entry]:
        """The event for which each aggregate is held back, in order of their number."""
        return sorted((held.entry for held in self.held.values()), key=lambda entry: entry.seq)
