"""The kinds of deadlines that the branch sets; ``deadlines.py`` says what is done about each."""

from __future__ import annotations

from enum import StrEnum


class DeadlineKind(StrEnum):
    """What falls due. The subject of a deadline is an id, or the cause that has left it."""

    BOOKING = "booking"
    """A booking, while its status waits for something."""
    CLOSURE = "closure"
    """A closure, until it is in force."""
    SPACE_RETIRED = "space.retired"
    """A retired space, until it is settled."""
    WAITLIST_ENTRY = "waitlist.entry"
    """An entry of the waitlist, while it waits or is offered something."""
    WAITLIST_MATCH = "waitlist.match"
    """A release of time or budget, which entries may wait for."""
    WAITLIST_OFFERS = "waitlist.offers"
    """A change by which offers may have become impossible."""
    CAPACITY_REDUCED = "waitlist.less"
    """A centre that has less, by which entries may wait for what never comes."""
