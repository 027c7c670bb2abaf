"""How people come onto a roster: first come, by offer, by hand; and those who train or observe."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from services.common.contracts.trainings.roster_errors import (
    ALREADY_ON_ROSTER,
    NEVER_LEFT,
    NO_SEAT,
    REASON_MISSING,
)
from services.trainings.domain.revision import Revision, find_excess, revise_offer
from services.trainings.domain.roster import (
    Change,
    Entry,
    Outcome,
    Reason,
    Role,
    Roster,
    Standing,
)
from services.trainings.domain.seats import find_obstacle


def enrol(roster: Roster, candidates: Iterable[Entry], now: datetime) -> Change:
    """Enrol people as they come: each gets a seat at once, or waits.

    A free seat that nobody who waits may have goes to one who comes now. A candidate whose group
    waits already joins it, and is offered a seat with it.

    Args:
        candidates: one person, or all of a group that stays together.

    Raises:
        errors.Conflict: ``trainings.already_on_roster``, ``trainings.cohort_started``,
            ``trainings.cohort_cancelled``.
    """
    revision = Revision(roster, now)
    revision.check_open()
    _add_to_queue(revision, candidates)
    for party in tuple(revision.roster.parties()):
        if not revision.joining.issuperset(entry.id for entry in party):
            continue
        obstacle = find_obstacle(revision.roster, revision.count(), party)
        for entry in party:
            if obstacle is None:
                revision.seat(entry, Outcome.ENROLLED, Reason.FREE_SEAT)
            else:
                revision.let_wait(entry, obstacle)
    return revision.finish()


def offer_seats(roster: Roster, candidates: Iterable[Entry], now: datetime) -> Change:
    """Offer seats to people who were selected, by rank with those who wait; the rest waits.

    A batch is what is handed in: who is not to be offered a seat yet is left out of it.

    Raises:
        errors.Conflict: as of :func:`enrol`.
    """
    revision = Revision(roster, now)
    revision.check_open()
    _add_to_queue(revision, candidates)
    return revision.finish()


def readmit(roster: Roster, candidate: Entry, now: datetime) -> Change:
    """Let a person back into the queue who withdrew, declined an offer or let it expire.

    The person stands behind all who have not left, whatever the score.

    Raises:
        errors.Conflict: ``trainings.never_left``, and as of :func:`enrol`.
    """
    if not Revision(roster, now).roster.departures_of(candidate.person_id):
        raise NEVER_LEFT()
    return offer_seats(roster, [candidate], now)


def accept_offer(roster: Roster, id: str, now: datetime) -> Change:
    """Accept an offered seat. The seat is taken already, so no limit is asked again.

    Raises:
        errors.NotFound: ``trainings.not_on_roster``.
        errors.Conflict: ``trainings.no_offer``, ``trainings.offer_over``.
    """
    revision, entry = revise_offer(roster, id, now)
    revision.seat(entry, Outcome.OFFER_ACCEPTED, Reason.OWN_CHOICE)
    return revision.finish()


def admit_by_hand(roster: Roster, candidate: Entry, now: datetime, *, note: str) -> Change:
    """Give a person a free seat for a reason that no rule knows; also after the start.

    It passes over rank, cap and floors, which are rules of fairness that a named person may set
    aside with a reason. It does not pass over the capacity, which is a fact of the room.

    Args:
        candidate: a person who is not on the roster, waits, or has an offer.
        note: the reason, in words.

    Raises:
        errors.Invalid: ``trainings.reason_missing``.
        errors.Conflict: ``trainings.no_seat``, ``trainings.already_on_roster``,
            ``trainings.cohort_cancelled``.
    """
    if not note.strip():
        raise REASON_MISSING()
    revision = Revision(roster, now)
    revision.check_not_cancelled()
    entry = revision.roster.entry(candidate.id) or _returning(revision.roster, candidate)
    known = revision.roster.entry_of(entry.person_id)
    if (known is not None and known.id != entry.id) or entry.standing is Standing.ENROLLED:
        raise ALREADY_ON_ROSTER()
    if not entry.takes_seat and revision.count().free == 0:
        raise NO_SEAT(capacity=roster.capacity)
    revision.seat(entry, Outcome.ADMITTED, Reason.BY_HAND, note=note.strip())
    return revision.finish(excess=find_excess(revision.roster))


def add_staff(roster: Roster, candidate: Entry, now: datetime) -> Change:
    """Put a trainer or an observer on the roster. They take no seat, and cannot take part.

    Raises:
        ValueError: if the candidate is a participant.
        errors.Conflict: ``trainings.already_on_roster``, ``trainings.cohort_cancelled``.
    """
    if candidate.role is Role.PARTICIPANT:
        raise ValueError("a participant is enrolled, offered a seat or admitted by hand")
    revision = Revision(roster, now)
    revision.check_not_cancelled()
    _check_not_on_roster(revision.roster, candidate)
    entry = replace(candidate, standing=Standing.ENROLLED, offer=None)
    revision.put(entry)
    revision.record(entry, Outcome.STAFF_ADDED, Reason.BY_HAND)
    return revision.finish()


def _add_to_queue(revision: Revision, candidates: Iterable[Entry]) -> None:
    for candidate in candidates:
        _check_not_on_roster(revision.roster, candidate)
        revision.put(_returning(revision.roster, candidate))
        revision.joining.add(candidate.id)


def _check_not_on_roster(roster: Roster, candidate: Entry) -> None:
    if roster.entry_of(candidate.person_id) is not None or roster.entry(candidate.id) is not None:
        raise ALREADY_ON_ROSTER()


def _returning(roster: Roster, candidate: Entry) -> Entry:
    """A candidate as a participant who waits, behind those who have not left."""
    rank = replace(candidate.rank, departures=roster.departures_of(candidate.person_id))
    return replace(
        candidate,
        rank=rank,
        role=Role.PARTICIPANT,
        standing=Standing.WAITING,
        offer=None,
        by_hand=None,
        obstacle=None,
    )
