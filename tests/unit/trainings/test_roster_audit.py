"""The audit of a roster finds each broken rule, and the applications that say something else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.trainings.domain.admissions import add_staff, enrol, offer_seats
from services.trainings.domain.application_states import ApplicationStatus
from services.trainings.domain.audit import Rule, audit_applications, audit_roster
from services.trainings.domain.roster import Closed, Departure, Role, Roster, Standing
from services.trainings.domain.roster_limits import change_capacity
from tests.support.rosters import HOUR, MONDAY, SUNDAY, floor, of, person, roster, sound, staff


def three() -> Roster:
    """A is enrolled, B has an offer, C waits, T trains; of an organisation each, but for T."""
    found = sound(enrol(roster(1), [person("A", organisation_id="X")], MONDAY))
    found = sound(change_capacity(found, 2, MONDAY))
    queue = [person("B", 1, organisation_id="X"), person("C", 2, organisation_id="Y")]
    found = sound(offer_seats(found, queue, MONDAY))
    return sound(add_staff(found, staff("T", Role.TRAINER), MONDAY))


def with_(name: str, **values: object) -> Roster:
    """The roster with an entry altered past the rules."""
    entry = three().entry(of(name))
    assert entry is not None
    return three().with_entry(replace(entry, **values))  # type: ignore[arg-type]


def offer_of(name: str) -> object:
    entry = three().entry(of(name))
    assert entry is not None
    assert entry.offer is not None
    return entry.offer


BREACHES = {
    Rule.CAPACITY: replace(three(), capacity=1),
    Rule.ORGANISATION_CAP: replace(three(), cap=1),
    Rule.FLOORS: replace(three(), floors=(floor(1),)),
    Rule.PERSON_ONCE: with_("A", person_id="C"),
    Rule.ENTRY_ONCE: replace(
        three(),
        entries=(
            *three().entries,
            replace(staff("Z", Role.OBSERVER), id=of("T"), standing=Standing.ENROLLED),
        ),
    ),
    Rule.OFFER_STANDING: with_("B", standing=Standing.ENROLLED),
    Rule.OFFER_ENDS_BY_START: replace(three(), starts_at=MONDAY + HOUR),
    Rule.STAFF_TAKES_NO_SEAT: with_("T", standing=Standing.OFFERED, offer=offer_of("B")),
    Rule.NO_EMPTY_SEAT: replace(three(), capacity=3),
    Rule.CLOSED_QUEUE: replace(three(), closed=Closed.COHORT_STARTED),
    Rule.PLACE_IN_QUEUE: replace(three(), departures=(Departure("C", 1),)),
}


@pytest.mark.parametrize("rule", BREACHES, ids=str)
def test_a_broken_rule_is_found_and_no_other(rule: Rule) -> None:
    assert {each.rule for each in audit_roster(BREACHES[rule])} == {rule}


def test_every_rule_has_its_breach() -> None:
    # Of documents and events: tests/integration/trainings/test_audit.py plants those.
    of_records = {Rule.APPLICATION_FACTS, Rule.HISTORY, Rule.EVENTS}
    of_others = {Rule.ON_TIME, Rule.APPLICATION_STATE} | of_records
    assert set(BREACHES) | of_others == set(Rule)


def test_the_audit_names_what_it_found() -> None:
    (seats,) = audit_roster(BREACHES[Rule.CAPACITY])
    assert (seats.expected, seats.found) == (1, 2)
    (cap,) = audit_roster(BREACHES[Rule.ORGANISATION_CAP])
    assert (cap.expected, cap.found, cap.of) == (1, 2, ("X",))
    (empty,) = audit_roster(BREACHES[Rule.NO_EMPTY_SEAT])
    assert (empty.found, empty.of) == (1, (of("C"),))
    (late,) = audit_roster(three(), SUNDAY)
    assert late.rule is Rule.ON_TIME


def test_a_cancelled_roster_has_nobody() -> None:
    found = audit_roster(replace(three(), closed=Closed.COHORT_CANCELLED))
    assert {each.rule for each in found} == {Rule.CLOSED_QUEUE}
    assert len(found) == 4


def test_a_limit_that_was_lowered_is_no_breach_and_what_comes_on_top_is() -> None:
    lowered = sound(change_capacity(three(), 1, MONDAY))
    entry = lowered.entry(of("C"))
    assert entry is not None
    more = lowered.with_entry(replace(entry, standing=Standing.ENROLLED))
    (found,) = audit_roster(more)
    assert (found.rule, found.expected, found.found) == (Rule.CAPACITY, 2, 3)


STATUSES = {
    of("A"): ApplicationStatus.ENROLLED,
    of("B"): ApplicationStatus.OFFERED,
    of("C"): ApplicationStatus.WAITLISTED,
    of("D"): ApplicationStatus.SHORTLISTED,
    of("E"): ApplicationStatus.WITHDRAWN,
}


def test_applications_that_say_the_same_are_no_difference() -> None:
    assert audit_applications(three(), STATUSES) == ()
    assert audit_applications(three(), {**STATUSES, of("A"): ApplicationStatus.COMPLETED}) == ()


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("A", ApplicationStatus.OFFERED),
        ("B", ApplicationStatus.ENROLLED),
        ("C", ApplicationStatus.SUBMITTED),
        ("D", ApplicationStatus.WAITLISTED),
        ("D", ApplicationStatus.COMPLETED),
        ("E", ApplicationStatus.OFFERED),
        ("E", ApplicationStatus.ENROLLED),
    ],
)
def test_an_application_that_says_something_else_is_found(
    name: str, status: ApplicationStatus
) -> None:
    (found,) = audit_applications(three(), {**STATUSES, of(name): status})
    assert (found.rule, found.of, found.found) == (Rule.APPLICATION_STATE, (of(name),), status)


def test_a_seat_without_an_application_is_found() -> None:
    statuses = {id: status for id, status in STATUSES.items() if id != of("A")}
    (found,) = audit_applications(three(), statuses)
    assert (found.of, found.found) == ((of("A"),), None)
