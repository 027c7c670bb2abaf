"""Whether a roster keeps every rule: what reconciliation and the tests ask.

Each rule is recomputed from the entries; nothing is taken from what a change decided.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.trainings.domain.application_states import ApplicationStatus
from services.trainings.domain.applications import Application
from services.trainings.domain.revision import find_excess
from services.trainings.domain.roster import Closed, Role, Roster, Standing
from services.trainings.domain.seats import count_seats, find_obstacle


class Rule(StrEnum):
    """The rules of a roster."""

    CAPACITY = "capacity"
    ORGANISATION_CAP = "organisation_cap"
    FLOORS = "floors"
    PERSON_ONCE = "person_once"
    ENTRY_ONCE = "entry_once"
    OFFER_STANDING = "offer_standing"
    OFFER_ENDS_BY_START = "offer_ends_by_start"
    STAFF_TAKES_NO_SEAT = "staff_takes_no_seat"
    NO_EMPTY_SEAT = "no_empty_seat"
    CLOSED_QUEUE = "closed_queue"
    PLACE_IN_QUEUE = "place_in_queue"
    ON_TIME = "on_time"
    APPLICATION_STATE = "application_state"
    APPLICATION_FACTS = "application_facts"
    HISTORY = "history"
    EVENTS = "events"


@dataclass(frozen=True, slots=True)
class Difference:
    """A rule that a roster breaks.

    Attributes:
        of: ids of the entries, people or organisations; empty where it is the roster's.
        expected, found: figures or states, as the rule has them.
    """

    rule: Rule
    expected: object
    found: object
    of: tuple[str, ...] = ()


def audit_roster(roster: Roster, now: datetime | None = None) -> tuple[Difference, ...]:
    """Every rule that the roster breaks; none if it is sound.

    Args:
        now: to ask as well whether time was settled; a caller that allows its timer some delay
            subtracts it. ``None`` does not ask.
    """
    return (
        *_audit_limits(roster),
        *_audit_identity(roster),
        *_audit_offers(roster),
        *_audit_queue(roster),
        *_audit_time(roster, now),
    )


def audit_applications(
    roster: Roster, statuses: Mapping[str, ApplicationStatus]
) -> tuple[Difference, ...]:
    """Every application that says something else than the roster.

    Args:
        statuses: of all applications for the cohort that count, by id: no other one was put in the
            place of them by a merge.
    """
    expected = {
        Standing.WAITING: frozenset({ApplicationStatus.WAITLISTED}),
        Standing.OFFERED: frozenset({ApplicationStatus.OFFERED}),
        Standing.ENROLLED: SEATED,
    }
    on_roster = {entry.id: entry for entry in roster.entries if entry.role is Role.PARTICIPANT}
    wrong = [
        Difference(Rule.APPLICATION_STATE, entry.standing, statuses.get(id), (id,))
        for id, entry in on_roster.items()
        if statuses.get(id) not in expected[entry.standing]
    ]
    missing = [
        Difference(Rule.APPLICATION_STATE, None, status, (id,))
        for id, status in statuses.items()
        if id not in on_roster and status in ON_ROSTER
    ]
    return (*wrong, *missing)


@dataclass(frozen=True, slots=True)
class Record:
    """What a history, or the events, say of one application.

    Attributes:
        versions: how many of its versions are recorded.
        newest: the highest of them; 0 if there is none.
        status: what the newest says of it; ``None`` where that names no status.
    """

    versions: int = 0
    newest: int = 0
    status: str | None = None


def audit_facts(roster: Roster, applications: Mapping[str, Application]) -> Iterator[Difference]:
    """Every entry that counts its person as something else than the application says."""
    for entry in roster.entries:
        application = applications.get(entry.id)
        if entry.role is not Role.PARTICIPANT or application is None:
            continue
        expected = (
            application.participant_id,
            application.organisation_id,
            application.woman,
            application.centre_id,
        )
        found = (entry.person_id, entry.organisation_id, entry.woman, entry.centre_id)
        if expected != found:
            yield Difference(Rule.APPLICATION_FACTS, expected, found, (entry.id,))


def audit_records(
    rule: Rule, applications: Iterable[Application], records: Mapping[str, Record]
) -> Iterator[Difference]:
    """Every application that the records show in another status, or with fewer versions.

    Args:
        rule: that which is broken then: of the histories, or of the events.
        records: by application.
    """
    for application in applications:
        found = records.get(application.id, Record())
        status = found.status or application.status.value
        expected = (application.version, application.version, application.status.value)
        if (found.versions, found.newest, status) != expected:
            yield Difference(
                rule, expected, (found.versions, found.newest, status), (application.id,)
            )


SEATED = frozenset(
    {
        ApplicationStatus.ENROLLED,
        ApplicationStatus.COMPLETED,
        ApplicationStatus.NOT_COMPLETED,
    }
)
"""The states of an application that has a seat."""

ON_ROSTER = SEATED | {ApplicationStatus.WAITLISTED, ApplicationStatus.OFFERED}
"""The states of an application that has an entry."""


def _audit_limits(roster: Roster) -> Iterator[Difference]:
    count, found = count_seats(roster), find_excess(roster)
    if found.seats > roster.excess.seats:
        yield Difference(Rule.CAPACITY, roster.capacity + roster.excess.seats, count.taken)
    allowed = dict(roster.excess.by_organisation)
    for organisation, seats in found.by_organisation:
        if seats > allowed.get(organisation, 0):
            yield Difference(
                Rule.ORGANISATION_CAP,
                (roster.cap or 0) + allowed.get(organisation, 0),
                count.by_organisation[organisation],
                (organisation,),
            )
    # Where no floor is unmet, the capacity has said it.
    if count.needed and found.reserved > roster.excess.reserved:
        yield Difference(Rule.FLOORS, roster.excess.reserved, count.missing)


def _audit_identity(roster: Roster) -> Iterator[Difference]:
    for rule, names in (
        (Rule.PERSON_ONCE, [entry.person_id for entry in roster.entries]),
        (Rule.ENTRY_ONCE, [entry.id for entry in roster.entries]),
    ):
        for name, times in Counter(names).items():
            if times > 1:
                yield Difference(rule, 1, times, (name,))
    for entry in roster.entries:
        if entry.role is not Role.PARTICIPANT and entry.standing is not Standing.ENROLLED:
            yield Difference(
                Rule.STAFF_TAKES_NO_SEAT, Standing.ENROLLED, entry.standing, (entry.id,)
            )


def _audit_offers(roster: Roster) -> Iterator[Difference]:
    for entry in roster.entries:
        if (entry.offer is not None) is not (entry.standing is Standing.OFFERED):
            yield Difference(Rule.OFFER_STANDING, entry.standing, entry.offer, (entry.id,))
        if entry.offer is not None and entry.offer.expires_at > roster.starts_at:
            yield Difference(
                Rule.OFFER_ENDS_BY_START, roster.starts_at, entry.offer.expires_at, (entry.id,)
            )


def _audit_queue(roster: Roster) -> Iterator[Difference]:
    for entry in roster.queue():
        departures = roster.departures_of(entry.person_id)
        if entry.rank.departures != departures:
            yield Difference(Rule.PLACE_IN_QUEUE, departures, entry.rank.departures, (entry.id,))
    if roster.closed is not None:
        for entry in roster.entries:
            if entry.standing is not Standing.ENROLLED or roster.closed is Closed.COHORT_CANCELLED:
                yield Difference(Rule.CLOSED_QUEUE, None, entry.standing, (entry.id,))
        return
    count = count_seats(roster)
    for party in roster.parties():
        if find_obstacle(roster, count, party) is None:
            yield Difference(Rule.NO_EMPTY_SEAT, 0, count.free, tuple(entry.id for entry in party))


def _audit_time(roster: Roster, now: datetime | None) -> Iterator[Difference]:
    if now is not None and roster.due_at is not None and roster.due_at <= now:
        yield Difference(Rule.ON_TIME, roster.due_at, now)
