"""How people leave a roster: by an offer declined, by withdrawal, by a decision of staff, by
erasure, by a merge."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from services.common.contracts.trainings.roster_errors import NOT_ON_ROSTER
from services.trainings.domain.revision import Revision, revise_offer
from services.trainings.domain.roster import (
    Change,
    Departure,
    Entry,
    ErasedPeople,
    Outcome,
    Reason,
    Role,
    Roster,
    Standing,
)


def decline_offer(roster: Roster, id: str, now: datetime) -> Change:
    """Give an offered seat back; it is offered to the next.

    Raises:
        errors.NotFound: ``trainings.not_on_roster``.
        errors.Conflict: ``trainings.no_offer``, ``trainings.offer_over``.
    """
    revision, entry = revise_offer(roster, id, now)
    revision.depart(entry, Outcome.OFFER_DECLINED, Reason.OWN_CHOICE)
    return revision.finish()


def withdraw(roster: Roster, id: str, now: datetime) -> Change:
    """Leave: the queue, an offer, or a seat, also after the start. Staff leave so too.

    Raises:
        errors.NotFound: ``trainings.not_on_roster``.
    """
    revision = Revision(roster, now)
    entry = revision.entry(id)
    if entry.role is Role.PARTICIPANT:
        revision.depart(entry, Outcome.WITHDRAWN, Reason.OWN_CHOICE)
    else:
        revision.remove(entry)
        revision.record(entry, Outcome.STAFF_REMOVED, Reason.OWN_CHOICE)
    return revision.finish()


def decline_waiting(roster: Roster, id: str, now: datetime) -> Change:
    """Take a person from the queue whom staff decline. The person has not left by own choice, so
    no departure is counted.

    Raises:
        errors.NotFound: ``trainings.not_on_roster``: the person does not wait.
    """
    revision = Revision(roster, now)
    entry = revision.entry(id)
    if not entry.waits:
        raise NOT_ON_ROSTER()
    revision.remove(entry)
    revision.record(entry, Outcome.DECLINED, Reason.BY_HAND)
    return revision.finish()


def erase_person(roster: Roster, person_id: str, now: datetime) -> Change:
    """Remove all that leads to a person; what remains is one more in an anonymous count.

    The seat is free, and is offered to the next. A person who is not on the roster is forgotten
    as one who left. Erasing twice changes nothing more.
    """
    revision = Revision(roster, now)
    departures = tuple(each for each in revision.roster.departures if each.person_id != person_id)
    revision.roster = replace(revision.roster, departures=departures)
    entry = revision.roster.entry_of(person_id)
    if entry is not None:
        revision.remove(entry)
        if entry.role is Role.PARTICIPANT:
            revision.roster = replace(
                revision.roster, erased=_with_one_more(revision.roster.erased, entry)
            )
        revision.record(replace(entry, offer=None), Outcome.ERASED, Reason.PERSON_ERASED)
    return revision.finish()


def merge_people(roster: Roster, person_id: str, into: str, now: datetime) -> Change:
    """Make two records of one person one: the better standing stays, and the spare seat is free.

    A trainer or an observer stays that. Among equal standings the better rank stays.

    Args:
        person_id: the record that ends.
        into: the record that stays.
    """
    revision = Revision(roster, now)
    if person_id == into:
        return revision.finish()
    ended, kept = revision.roster.entry_of(person_id), revision.roster.entry_of(into)
    better = ended or kept
    if ended is not None and kept is not None:
        better, worse = sorted((ended, kept), key=_merit)
        revision.remove(worse)
        revision.record(replace(worse, offer=None), Outcome.MERGED, Reason.SAME_PERSON)
    times = revision.roster.departures_of(person_id) + revision.roster.departures_of(into)
    others = tuple(
        each for each in revision.roster.departures if each.person_id not in {person_id, into}
    )
    together = (Departure(into, times),) if times else ()
    revision.roster = replace(revision.roster, departures=(*others, *together))
    if better is not None:
        rank = replace(better.rank, departures=times) if better.waits else better.rank
        revision.put(replace(better, person_id=into, rank=rank))
    return revision.finish()


def _merit(entry: Entry) -> tuple[bool, int, tuple[object, str]]:
    """The smallest stays."""
    standings = (Standing.ENROLLED, Standing.OFFERED, Standing.WAITING)
    return (
        entry.role is Role.PARTICIPANT,
        standings.index(entry.standing),
        (entry.rank.key, entry.id),
    )


def _with_one_more(erased: tuple[ErasedPeople, ...], entry: Entry) -> tuple[ErasedPeople, ...]:
    kind = (entry.standing, entry.woman, entry.centre_id)
    counts = {(each.standing, each.woman, each.centre_id): each.people for each in erased}
    counts[kind] = counts.get(kind, 0) + 1
    # Sorted, so that the order does not say who was erased last.
    ordered = sorted(counts.items(), key=lambda item: (item[0][0], item[0][1], item[0][2] or ""))
    return tuple(
        ErasedPeople(standing, woman, centre_id, people)
        for (standing, woman, centre_id), people in ordered
    )
