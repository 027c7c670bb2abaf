"""The roster of a cohort: who has a seat, who is offered one, who waits, and under which limits.

A roster is one immutable value. It lives in the document of its cohort, so that one guarded update
changes all of it: two people never get the last seat. A change is a function from a roster to a
:class:`Change`: the next roster, and the decisions that led to it, each with its reason.

===========================  =================================================================
``roster.py``                the values
``seats.py``                 the one count of seats, and what keeps a person from one
``revision.py``              what every change does: what time has brought, promotion, the excess
``admissions.py``            to enrol, to offer, to accept, to admit by hand
``departures.py``            to decline, to withdraw, to erase and to merge people
``roster_limits.py``         capacity, cap, floors, start; time passing; cancelling
``audit.py``                 whether a roster keeps every rule
===========================  =================================================================
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum


class Standing(StrEnum):
    """Where an entry stands."""

    WAITING = "waiting"
    OFFERED = "offered"
    ENROLLED = "enrolled"


class Role(StrEnum):
    """What a person does in the cohort. Only participants take seats."""

    PARTICIPANT = "participant"
    TRAINER = "trainer"
    OBSERVER = "observer"


class Closed(StrEnum):
    """Why a roster promotes nobody any more."""

    COHORT_STARTED = "cohort_started"
    COHORT_CANCELLED = "cohort_cancelled"


class Outcome(StrEnum):
    """What was decided about an entry."""

    ENROLLED = "enrolled"
    WAITLISTED = "waitlisted"
    OFFERED = "offered"
    OFFER_ACCEPTED = "offer_accepted"
    OFFER_DECLINED = "offer_declined"
    OFFER_EXPIRED = "offer_expired"
    OFFER_SHORTENED = "offer_shortened"
    ADMITTED = "admitted"
    SKIPPED = "skipped"
    WITHDRAWN = "withdrawn"
    DECLINED = "declined"
    QUEUE_CLOSED = "queue_closed"
    CANCELLED = "cancelled"
    MERGED = "merged"
    ERASED = "erased"
    STAFF_ADDED = "staff_added"
    STAFF_REMOVED = "staff_removed"


class Reason(StrEnum):
    """Why it was decided so. The texts for people have these codes as their keys."""

    FREE_SEAT = "free_seat"
    NEXT_BY_RANK = "next_by_rank"
    FULL = "full"
    ORGANISATION_CAP = "organisation_cap"
    RESERVED_SEATS = "reserved_seats"
    GROUP_DOES_NOT_FIT = "group_does_not_fit"
    OWN_CHOICE = "own_choice"
    NO_ANSWER = "no_answer"
    BY_HAND = "by_hand"
    SAME_PERSON = "same_person"
    PERSON_ERASED = "person_erased"
    START_MOVED = "start_moved"
    COHORT_STARTED = "cohort_started"
    COHORT_CANCELLED = "cohort_cancelled"


@dataclass(frozen=True, slots=True)
class Rank:
    """The place of an entry in the queue: score, then assessed gap, then time.

    Attributes:
        applied_at: when the person applied; the earlier comes first.
        score: of the selection; the higher comes first, and ``None`` after every score.
        gap: of the assessment: how much the course is needed; as with ``score``.
        departures: how often the person has left this cohort before. One who comes back stands
            behind all who have not left, so that nobody keeps others waiting twice.
    """

    applied_at: datetime
    score: float | None = None
    gap: float | None = None
    departures: int = 0

    @property
    def key(self) -> tuple[int, float, float, datetime]:
        """What ranks are compared by; the smallest is first."""
        return (self.departures, _descending(self.score), _descending(self.gap), self.applied_at)


def _descending(figure: float | None) -> float:
    return float("inf") if figure is None else -figure


@dataclass(frozen=True, slots=True)
class Offer:
    """A seat that is kept for one entry until ``expires_at``, when it can be accepted no more."""

    offered_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """One person on the roster.

    Attributes:
        id: of the application; of a trainer or an observer, the assignment.
        organisation_id: ``None`` for a person who comes for none; no cap counts the person.
        woman, centre_id: what the floors count.
        group_id: entries that wait under one of these are offered seats together or not at all.
            They answer each for themselves.
        offer: there if, and only if, it stands at ``OFFERED``.
        by_hand: the reason, where the person was admitted by hand.
        obstacle: what was last recorded as the reason why the entry waits; ``None`` unless it
            waits.
    """

    id: str
    person_id: str
    rank: Rank
    organisation_id: str | None = None
    woman: bool = False
    centre_id: str | None = None
    group_id: str | None = None
    role: Role = Role.PARTICIPANT
    standing: Standing = Standing.WAITING
    offer: Offer | None = None
    by_hand: str | None = None
    obstacle: Reason | None = None

    @property
    def takes_seat(self) -> bool:
        """Whether it counts: seats and live offers of participants, nothing else."""
        return self.role is Role.PARTICIPANT and self.standing is not Standing.WAITING

    @property
    def waits(self) -> bool:
        return self.standing is Standing.WAITING


@dataclass(frozen=True, slots=True)
class Floor:
    """Seats that are reserved for women, or for people of one centre, until they are released.

    Attributes:
        centre_id: ``None`` for the floor for women.
        seats: how many of those it is for are to be enrolled or offered a seat.
        release_at: when what is left of it becomes free for all.
        released: whether that has happened.
    """

    seats: int
    release_at: datetime
    centre_id: str | None = None
    released: bool = False


@dataclass(frozen=True, slots=True)
class Excess:
    """What exceeds a limit although every rule was kept: the limit was lowered later, or a named
    person admitted an applicant by hand. It shrinks with each departure and never grows by itself.

    Attributes:
        seats: taken beyond the capacity.
        by_organisation: pairs of an organisation and its seats beyond the cap.
        reserved: seats that would have to be added for those taken and what unmet floors need.
    """

    seats: int = 0
    by_organisation: tuple[tuple[str, int], ...] = ()
    reserved: int = 0


@dataclass(frozen=True, slots=True)
class Departure:
    """How often a person has left this cohort: withdrawn, declined an offer, let it expire."""

    person_id: str
    times: int


@dataclass(frozen=True, slots=True)
class ErasedPeople:
    """How many people of one kind were erased. Nothing in it leads to one of them: it names no
    organisation, since a small one would name its people."""

    standing: Standing
    woman: bool
    centre_id: str | None
    people: int


@dataclass(frozen=True, slots=True)
class Roster:
    """All that decides about the seats of one cohort.

    Attributes:
        capacity: seats for participants.
        starts_at: start of the first session.
        offer_validity: how long an offer can be accepted, unless the cohort starts earlier.
        cap: how many seats and live offers an organisation may have; ``None``: any number.
        floors: at most one for women and one for each centre.
        entries: at most one for each person.
        closed: why nobody is promoted any more; ``None`` while the queue is open.
    """

    capacity: int
    starts_at: datetime
    offer_validity: timedelta
    cap: int | None = None
    floors: tuple[Floor, ...] = ()
    entries: tuple[Entry, ...] = ()
    closed: Closed | None = None
    excess: Excess = Excess()
    departures: tuple[Departure, ...] = ()
    erased: tuple[ErasedPeople, ...] = ()

    def entry(self, id: str) -> Entry | None:
        """The entry of an application; ``None`` if it has none."""
        return next((entry for entry in self.entries if entry.id == id), None)

    def entry_of(self, person_id: str) -> Entry | None:
        """The entry of a person; ``None`` if the person is not on the roster."""
        return next((entry for entry in self.entries if entry.person_id == person_id), None)

    def departures_of(self, person_id: str) -> int:
        """How often the person has left this cohort."""
        return sum(each.times for each in self.departures if each.person_id == person_id)

    def with_entry(self, entry: Entry) -> Roster:
        """The roster with this entry in place of the one with the same id, or at the end."""
        if self.entry(entry.id) is None:
            return replace(self, entries=(*self.entries, entry))
        entries = tuple(entry if each.id == entry.id else each for each in self.entries)
        return replace(self, entries=entries)

    def without_entry(self, id: str) -> Roster:
        """The roster without the entry of an application."""
        return replace(self, entries=tuple(each for each in self.entries if each.id != id))

    def parties(self) -> Iterator[tuple[Entry, ...]]:
        """The queue by rank: entries that wait alone, and groups that stay together.

        A group stands where the last of its people would stand alone: nobody gets ahead of others
        by joining a group.
        """
        found: dict[str, list[Entry]] = {}
        for entry in self.entries:
            if entry.waits:
                # The two kinds of ids must not meet.
                key = f"entry {entry.id}" if entry.group_id is None else f"group {entry.group_id}"
                found.setdefault(key, []).append(entry)
        parties = [tuple(sorted(party, key=_queue_order)) for party in found.values()]
        yield from sorted(parties, key=lambda party: _queue_order(party[-1]))

    def queue(self) -> list[Entry]:
        """The waiting entries in the order in which they are looked at."""
        return [entry for party in self.parties() for entry in party]

    @property
    def due_at(self) -> datetime | None:
        """When time changes the roster next; ``None`` if it does not any more."""
        if self.closed is not None:
            return None
        offers = [entry.offer.expires_at for entry in self.entries if entry.offer is not None]
        floors = [floor.release_at for floor in self.floors if not floor.released]
        return min([self.starts_at, *offers, *floors])


def _queue_order(entry: Entry) -> tuple[tuple[int, float, float, datetime], str]:
    """The order of the queue; the id decides between equal ranks, so that it is always the same."""
    return entry.rank.key, entry.id


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about one entry, and why.

    Attributes:
        taken: seats taken after it, by the one count.
        note: the reason in words, where a person gave one.
        expires_at: until when an offer can be accepted.
    """

    entry_id: str
    person_id: str
    outcome: Outcome
    reason: Reason
    at: datetime
    taken: int
    note: str | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """The next roster, and the decisions that led to it, in their order."""

    roster: Roster
    decisions: tuple[Decision, ...] = ()
