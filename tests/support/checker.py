"""Holds what the system has stored against what it has answered.

Pure functions over documents as they lie in MongoDB and RabbitMQ, so that the checker itself is
tested with broken ones (`tests/unit/support/test_checker.py`). Each takes only what it needs and
returns the violations it finds; none of them trusts an index, a unique key or a counter of the
system.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from services.common.events.envelope import CloudEvent
from services.common.events.event_log import FIRST_HASH, chained
from tests.support.ledger import CANCEL, CREATE, OK, REFUSED, Request

Document = Mapping[str, Any]

LOST = "lost"  # acknowledged or announced, and not there
DOUBLED = "doubled"  # there more often than it was asked for
CONTRADICTED = "contradicted"  # refused, and done all the same; or done otherwise than answered
OVERLAP = "overlap"
DISORDER = "disorder"  # a gap, a broken chain, a wrong order
LEFT_OVER = "left-over"  # work that never came to its end
LEAK = "leak"
DEFECT = "defect"  # an answer that blames the system itself (500)
KINDS = (LOST, DOUBLED, CONTRADICTED, OVERLAP, DISORDER, LEFT_OVER, LEAK, DEFECT)

EVENT_OF_ACTION = {
    "create": "bookings.booking.confirmed",
    "change": "bookings.booking.changed",
    "reschedule": "bookings.booking.rescheduled",
    "cancel": "bookings.booking.cancelled",
}
# The events that members get messages about; other events of bookings have no reader yet.
TOLD = frozenset(EVENT_OF_ACTION.values())
MAILED = frozenset(EVENT_OF_ACTION[a] for a in ("create", "reschedule", "cancel"))
TAKES_TIME = frozenset({"held", "pending", "confirmed", "checked_in"})
SKIPPED = "skipped"
OVER = frozenset({"sent", "failed", SKIPPED})


@dataclass(frozen=True, slots=True)
class Violation:
    """One promise that was broken."""

    kind: str
    what: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.what}"


# -- answers against bookings -------------------------------------------------------------------


def effects(bookings: Iterable[Document]) -> dict[str, list[tuple[str, int]]]:
    """What each mark did: (booking, version), read from the histories."""
    found: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
    for booking in bookings:
        for entry in booking["history"]:
            if entry["action"] == CANCEL:
                mark = entry["reason"]
            else:
                mark = entry["changes"].get("title", [None, None])[1]
            if mark is not None:
                found[mark].append((booking["_id"], entry["version"]))
    return dict(found)


def check_answers(requests: Iterable[Request], bookings: Sequence[Document]) -> list[Violation]:
    """Acknowledged is stored, refused is not, unknown is once at most, and nobody else did it."""
    violations = []
    done = effects(bookings)
    asked = set()
    for request in requests:
        asked.add(request.mark)
        did = done.get(request.mark, [])
        name = f"{request.operation} {request.mark}"
        if len(did) > 1:
            violations.append(Violation(DOUBLED, f"{name} was done {len(did)} times: {did}"))
        elif request.outcome == OK and not did:
            violations.append(Violation(LOST, f"{name} was acknowledged and is not stored"))
        elif request.outcome == OK and did != [(request.booking_id, request.version)]:
            answered = (request.booking_id, request.version)
            violations.append(
                Violation(CONTRADICTED, f"{name} was answered with {answered}, stored is {did[0]}")
            )
        elif request.outcome == REFUSED and did:
            violations.append(
                Violation(CONTRADICTED, f"{name} was refused ({request.code}), stored is {did[0]}")
            )
    for mark in sorted(done.keys() - asked):
        violations.append(Violation(DOUBLED, f"{done[mark]} was done, and nobody asked for {mark}"))
    return violations


def check_counts(requests: Iterable[Request], bookings: Sequence[Document]) -> list[Violation]:
    """No more bookings than keys, whatever the marks say."""
    creates = [request for request in requests if request.operation == CREATE]
    most = sum(1 for request in creates if request.outcome != REFUSED)
    least = sum(1 for request in creates if request.outcome == OK)
    stored = len(bookings)
    if stored > most:
        return [Violation(DOUBLED, f"{stored} bookings for {most} keys that may have made one")]
    if stored < least:
        return [Violation(LOST, f"{stored} bookings for {least} acknowledged creates")]
    return []


def check_histories(bookings: Iterable[Document]) -> list[Violation]:
    """A booking's history names each of its versions once, in order."""
    violations = []
    for booking in bookings:
        versions = [entry["version"] for entry in booking["history"]]
        if versions != list(range(1, booking["version"] + 1)):
            violations.append(
                Violation(
                    DISORDER,
                    f"booking {booking['_id']} at version {booking['version']} has a history of "
                    f"versions {versions}",
                )
            )
    return violations


def check_overlaps(bookings: Iterable[Document], spaces: Iterable[Document]) -> list[Violation]:
    """No leaf space is taken twice at a time, reckoned from the periods and the spaces' buffers."""
    by_id = {space["_id"]: space for space in spaces}
    taken: defaultdict[str, list[tuple[datetime, datetime, str]]] = defaultdict(list)
    for booking in bookings:
        if booking["status"] not in TAKES_TIME:
            continue
        space = by_id[booking["space_id"]]
        begins = booking["starts_at"] - timedelta(seconds=space["buffer_before"])
        ends = booking["ends_at"] + timedelta(seconds=space["buffer_after"])
        for leaf in space.get("parts") or [space["_id"]]:
            taken[leaf].append((begins, ends, booking["_id"]))
    violations = []
    for leaf, periods in taken.items():
        for (_, until, first), (begins, _, second) in pairwise(sorted(periods)):
            if begins < until:
                violations.append(
                    Violation(OVERLAP, f"{first} and {second} have {leaf} at {begins:%F %H:%M}")
                )
    return violations


# -- the log ------------------------------------------------------------------------------------


def check_log(entries: Sequence[Document]) -> list[Violation]:
    """Numbered from 1 without gaps, chained by hashes, each event once, versions in order."""
    violations = []
    digest = FIRST_HASH
    ids: set[str] = set()
    versions: dict[str, int] = {}
    for place, entry in enumerate(entries, start=1):
        event = CloudEvent.from_wire(entry["event"])
        digest = chained(digest, event)
        if entry["_id"] != place or event.sequence != place:
            violations.append(Violation(DISORDER, f"log entry {entry['_id']} is at place {place}"))
            break
        if entry["hash"] != digest:
            violations.append(Violation(DISORDER, f"the chain of hashes breaks at entry {place}"))
            break
        if event.id in ids:
            violations.append(Violation(DOUBLED, f"event {event.id} is in the log twice"))
        ids.add(event.id)
        before = versions.get(event.aggregate, 0)
        if event.aggregate_version != before + 1:
            violations.append(
                Violation(
                    DISORDER,
                    f"{event.aggregate}: version {event.aggregate_version} follows {before} "
                    f"at entry {place}",
                )
            )
        versions[event.aggregate] = event.aggregate_version
    return violations


def check_events(bookings: Iterable[Document], entries: Iterable[Document]) -> list[Violation]:
    """Each version of each booking was published once, as what it was; nothing else was."""
    told: defaultdict[tuple[str, int], list[str]] = defaultdict(list)
    for entry in entries:
        event = entry["event"]
        if event["type"].startswith("bookings.booking."):
            told[event["subject"], event["aggregateversion"]].append(event["type"])
    violations = []
    for booking in bookings:
        for change in booking["history"]:
            fact = (booking["_id"], change["version"])
            types = told.pop(fact, [])
            name = f"version {fact[1]} of booking {fact[0]} ({change['action']})"
            if not types:
                violations.append(Violation(LOST, f"{name} has no event"))
            elif len(types) > 1:
                violations.append(Violation(DOUBLED, f"{name} has {len(types)} events"))
            elif types[0] != EVENT_OF_ACTION.get(change["action"], types[0]):
                violations.append(Violation(CONTRADICTED, f"{name} was told as {types[0]}"))
    for fact in told:
        violations.append(
            Violation(CONTRADICTED, f"an event tells of version {fact[1]} of {fact[0]}, not stored")
        )
    return violations


# -- effects of events --------------------------------------------------------------------------


def check_notes(
    entries: Iterable[Document], notes: Iterable[str], consumer: str
) -> list[Violation]:
    """The consumer has noted each booking event exactly once."""
    noted = Counter(notes)
    violations = []
    for event in _booking_events(entries):
        times = noted[f"{consumer}|{event['id']}"]
        if times == 0:
            violations.append(Violation(LOST, f"{_name(event)} never reached {consumer}"))
        elif times > 1:
            violations.append(Violation(DOUBLED, f"{_name(event)} is noted {times} times"))
    return violations


def check_notifications(
    entries: Iterable[Document],
    notifications: Iterable[Document],
    members: Mapping[str, Collection[str]],
) -> list[Violation]:
    """Every member of the organisation has each booking event in the inbox once; nobody else."""
    told = Counter((item["event_id"], item["recipient_id"]) for item in notifications)
    violations = []
    for event in _booking_events(entries):
        for person in sorted(members[event["data"]["organisation_id"]]):
            times = told.pop((event["id"], person), 0)
            if times == 0:
                violations.append(Violation(LOST, f"{person} was not told of {_name(event)}"))
            elif times > 1:
                violations.append(
                    Violation(DOUBLED, f"{person} was told of {_name(event)} {times} times")
                )
    for event_id, person in told:
        violations.append(
            Violation(CONTRADICTED, f"{person} was told of event {event_id}, which is not theirs")
        )
    return violations


def check_mail(
    entries: Iterable[Document],
    deliveries: Iterable[Document],
    mails: Mapping[str, int],
    members: Mapping[str, Collection[str]],
) -> list[Violation]:
    """Every member has each such mail once; more only where its delivery says it was unsure, and
    none only where a later one about the same booking was to take its place.

    Args:
        mails: Message-ID's local part, which is the delivery's id → how many the server took.
    """
    by_person: defaultdict[tuple[str, str], list[Document]] = defaultdict(list)
    for delivery in deliveries:
        by_person[delivery["event_id"], delivery["recipient_id"]].append(delivery)
    violations = []
    known = set()
    mailed = [event for event in _booking_events(entries) if event["type"] in MAILED]
    last = {
        event["subject"]: event["aggregateversion"]
        for event in sorted(mailed, key=lambda event: int(event["aggregateversion"]))
    }
    for event in mailed:
        for person in sorted(members[event["data"]["organisation_id"]]):
            queued = by_person[event["id"], person]
            name = f"mail to {person} about {_name(event)}"
            if len(queued) != 1:
                kind = DOUBLED if queued else LOST
                violations.append(Violation(kind, f"{len(queued)} deliveries of a {name}"))
                continue
            known.add(queued[0]["_id"])
            overtaken = event["aggregateversion"] < last[event["subject"]]
            times = mails.get(queued[0]["_id"], 0)
            violations += _check_delivery(queued[0], times, name, overtaken)
    for stray in sorted(mails.keys() - known):
        violations.append(Violation(DOUBLED, f"mail {stray} belongs to no delivery"))
    return violations


def _check_delivery(delivery: Document, times: int, name: str, overtaken: bool) -> list[Violation]:
    if delivery["state"] not in OVER:
        return [Violation(LEFT_OVER, f"{name} is still {delivery['state']}")]
    if delivery["state"] == SKIPPED:
        if not overtaken:
            return [Violation(LOST, f"{name} was skipped, though nothing later was to be mailed")]
        if times and not unsure(delivery):
            return [Violation(CONTRADICTED, f"{name} was skipped, and was taken all the same")]
    elif times == 0:
        return [Violation(LOST, f"{name} is {delivery['state']} and was never taken")]
    if times > 1 and not unsure(delivery):
        return [Violation(DOUBLED, f"{name} was taken {times} times, and was never unsure")]
    return []


def unsure(delivery: Document) -> bool:
    """Whether an attempt of the delivery ended without anybody knowing how."""
    return any(step["state"] == "unknown" for step in delivery["trail"])


# -- what is left -------------------------------------------------------------------------------


def check_left_over(counts: Mapping[str, int]) -> list[Violation]:
    """Nothing waits any more: outboxes, unpublished entries, queues, deadlines."""
    return [
        Violation(LEFT_OVER, f"{count} in {name}") for name, count in counts.items() if count != 0
    ]


def check_parked(
    parked: Mapping[str, Sequence[bytes]], poison: Mapping[str, Sequence[bytes]]
) -> list[Violation]:
    """The parking queues hold the poison and nothing else.

    Parking publishes first and acknowledges then, so a kill in between may leave a second copy.
    """
    violations = []
    for queue in sorted(parked.keys() | poison.keys()):
        held, put_in = set(parked.get(queue, ())), set(poison.get(queue, ()))
        for body in put_in - held:
            violations.append(Violation(LOST, f"poison {body[:60]!r} is not in {queue}"))
        for body in held - put_in:
            violations.append(Violation(LEFT_OVER, f"{queue} holds {body[:200]!r}"))
    return violations


def check_leaks(before: Mapping[str, int], after: Mapping[str, int]) -> list[Violation]:
    """No more of anything than at the start: connections, channels, consumers."""
    return [
        Violation(LEAK, f"{name}: {before.get(name, 0)} at the start, {count} at the end")
        for name, count in after.items()
        if count > before.get(name, 0)
    ]


def count(violations: Iterable[Violation]) -> dict[str, int]:
    """How many of each kind, kinds without any included."""
    found = Counter(violation.kind for violation in violations)
    return {kind: found[kind] for kind in KINDS}


def _booking_events(entries: Iterable[Document]) -> Iterable[Document]:
    return (entry["event"] for entry in entries if entry["event"]["type"] in TOLD)


def _name(event: Document) -> str:
    return f"{event['type']} {event['sequence']} (booking {event['subject']})"
