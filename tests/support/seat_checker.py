"""Holds the seats of cohorts that are stored against what was answered.

Pure functions over documents, as :mod:`tests.support.checker`, and tested with broken ones.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from tests.support.checker import (
    CONTRADICTED,
    DOUBLED,
    LEFT_OVER,
    LOST,
    OVERLAP,
    Document,
    Violation,
)
from tests.support.ledger import NOMINATE, OK, REFUSED, WITHDRAW, Request

# Who nominated a person gets a message about these.
ANNOUNCED = frozenset(
    f"trainings.application.{fact}"
    for fact in ("waitlisted", "offered", "enrolled", "declined", "offer_expired", "cancelled")
)
_HOLDS_A_SEAT = frozenset({"offered", "enrolled"})
_STANDING = {"offered": "offered", "enrolled": "enrolled", "waitlisted": "waiting"}


def check_nominations(
    requests: Iterable[Request],
    participants: Iterable[Document],
    applications: Iterable[Document],
) -> list[Violation]:
    """An acknowledged nomination is stored once, a refused one is not, an unknown one is once at
    most; an acknowledged withdrawal is what became of the application."""
    people: defaultdict[str, list[str]] = defaultdict(list)
    for each in participants:
        people[each["name"]].append(each["_id"])
    of_person: defaultdict[str, list[Document]] = defaultdict(list)
    by_id = {}
    for each in applications:
        of_person[each["participant_id"]].append(each)
        by_id[each["_id"]] = each
    violations = []
    for request in requests:
        if request.operation == NOMINATE:
            stored = [it for person in people[request.mark] for it in of_person[person]]
            violations += _check_nomination(request, stored)
        elif request.operation == WITHDRAW and request.outcome == OK:
            found = by_id.get(request.booking_id or "")
            if found is None or found["status"] != "withdrawn":
                status = None if found is None else found["status"]
                violations.append(
                    Violation(LOST, f"{request.mark} was acknowledged, and stored is {status}")
                )
    return violations


def _check_nomination(request: Request, stored: Sequence[Document]) -> list[Violation]:
    if len(stored) > 1:
        return [Violation(DOUBLED, f"{request.mark} is stored {len(stored)} times")]
    if request.outcome == OK and not stored:
        return [Violation(LOST, f"{request.mark} was acknowledged and is not stored")]
    if request.outcome == OK and stored[0]["_id"] != request.booking_id:
        return [Violation(CONTRADICTED, f"{request.mark} is stored as {stored[0]['_id']}")]
    if request.outcome == REFUSED and stored:
        return [Violation(CONTRADICTED, f"{request.mark} was refused ({request.code})")]
    return []


def check_seats(cohorts: Iterable[Document], applications: Iterable[Document]) -> list[Violation]:
    """No cohort is oversold, no seat is empty while a person waits, and roster and applications
    say the same."""
    of_cohort: defaultdict[str, list[Document]] = defaultdict(list)
    for each in applications:
        of_cohort[each["cohort_id"]].append(each)
    violations = []
    for cohort in cohorts:
        name = f"cohort {cohort['_id']}"
        stored = of_cohort[cohort["_id"]]
        statuses = Counter(each["status"] for each in stored)
        taken = sum(statuses[status] for status in _HOLDS_A_SEAT)
        if taken > cohort["capacity"]:
            violations.append(
                Violation(OVERLAP, f"{name}: {taken} people for {cohort['capacity']} seats")
            )
        elif taken < cohort["capacity"] and statuses["waitlisted"]:
            violations.append(
                Violation(LEFT_OVER, f"{name}: {statuses['waitlisted']} wait, {taken} are taken")
            )
        roster = {each["id"]: each["standing"] for each in cohort["roster"]["entries"]}
        expected = {
            each["_id"]: _STANDING[each["status"]] for each in stored if each["status"] in _STANDING
        }
        if roster != expected:
            differ = sorted(dict(roster.items() ^ expected.items()))
            violations.append(Violation(CONTRADICTED, f"{name}: roster and {differ} disagree"))
    return violations


def check_news(entries: Iterable[Document], notifications: Iterable[Document]) -> list[Violation]:
    """Who nominated a person has each decision in the inbox once, and nobody else has it."""
    arrived = Counter((each["event_id"], each["recipient_id"]) for each in notifications)
    violations = []
    for entry in entries:
        event = entry["event"]
        if event["type"] not in ANNOUNCED or event["data"]["nominated_by"] is None:
            continue
        person = event["data"]["nominated_by"]
        times = arrived.pop((event["id"], person), 0)
        if times != 1:
            kind = DOUBLED if times else LOST
            what = f"{event['type']} {event['subject']}"
            violations.append(Violation(kind, f"{person} has {times} messages about {what}"))
    for event_id, person in arrived:
        violations.append(
            Violation(CONTRADICTED, f"{person} has a message about {event_id}, not a decision")
        )
    return violations
