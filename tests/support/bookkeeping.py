"""What must be so in the database of bookings whenever nothing is left to do, whatever was done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from services.bookings.app import App
from services.bookings.domain.booking_states import HOLDS_ITS_TIME, Status
from services.bookings.domain.closures import State
from services.bookings.domain.deadlines import DeadlineKind
from services.bookings.domain.rules import bookable
from services.bookings.domain.waitlist import Entry, EntryStatus
from services.bookings.operations import budgets
from services.bookings.steps import budget_use, waitlist_entries
from services.bookings.steps.queue_snapshot import QueueSnapshot
from services.common.storage.mongo import Document, Session
from services.common.time.slots import slots_of


def faults(app: App) -> list[str]:
    """What is not as it must be, in words."""
    return [
        *_taken_twice(app),
        *_closures(app),
        *_bookings(app),
        *_waitlist(app),
        *_untold(app),
        *map(str, budgets.audit_budgets(app)),
    ]


def _documents(app: App) -> list[Document]:
    return list(app.database.collection("bookings").find())


def _due(app: App, kind: str) -> dict[str, Document]:
    found = app.database.collection("deadlines").find({"kind": kind})
    return {each["subject"]: each for each in found}


def _taken_twice(app: App) -> Iterator[str]:
    claims = Counter(slot for each in _documents(app) for slot in each.get("claims", ()))
    yield from (f"{slot} is taken {times} times" for slot, times in claims.items() if times > 1)


def _closures(app: App) -> Iterator[str]:
    """Each slot of a closure is its own, another closure's, or that of a booking that it lists."""
    documents = _documents(app)
    holders = {slot: each for each in documents for slot in each.get("claims", ())}
    known = [app.closures.get(each["_id"]) for each in app.database.collection("closures").find()]
    standing = {each.id: each for each in known if each.lifted_at is None}
    for closure in standing.values():
        if closure.state is not State.IN_FORCE:
            yield f"closure {closure.id} is {closure.state}"
        for slot in slots_of(closure.leaves, closure.period):
            holder = holders.get(slot)
            if holder is None:
                yield f"{slot} of closure {closure.id} is nobody's"
            elif "closure_id" not in holder:
                marks = {each["closure_id"] for each in holder["affected_by"]}
                if closure.id not in marks:
                    yield f"closure {closure.id} does not list booking {holder['_id']}"
    for block in documents:
        if block.get("kind") != "closure":
            continue
        closure_or_none = standing.get(block["closure_id"])
        if closure_or_none is None:
            yield f"block {block['_id']} is left of a closure that is lifted"
        elif not set(block.get("claims", ())) <= set(
            slots_of(closure_or_none.leaves, closure_or_none.period)
        ):
            yield f"block {block['_id']} holds more than its closure has"
    for centre in app.centres.centres():
        yield from (f"{centre.id} still says that {each} is closing" for each in centre.closing)
    yield from (f"closure {each} has a deadline" for each in _due(app, DeadlineKind.CLOSURE))


def _bookings(app: App) -> Iterator[str]:
    due = _due(app, DeadlineKind.BOOKING)
    for document in _documents(app):
        if "status" not in document:
            continue
        booking = app.bookings.get(document["_id"])
        deadline = due.pop(booking.id, None)
        if booking.due_at != (None if deadline is None else deadline["due_at"]):
            yield f"booking {booking.id}, {booking.status}, has the deadline {deadline}"
        if booking.status not in HOLDS_ITS_TIME:
            continue
        if app.centres.space(booking.space_id).retired:
            yield f"booking {booking.id} is in a space that is retired"
        wanted = Counter({each.equipment_id: each.quantity for each in booking.equipment})
        units = () if booking.claim is None else booking.claim.units
        if wanted != Counter(unit.partition("#")[0] for unit in units):
            yield f"booking {booking.id} wants {wanted} and has {units}"
        lent = {unit for each in wanted for unit in app.equipment.get(each).units}
        if not lent.issuperset(units):
            yield f"booking {booking.id} has units that are gone: {units}"
    yield from (f"there is a deadline for booking {each}" for each in due)


def _waitlist(app: App) -> Iterator[str]:
    """No entry waits for time that is free or that it can never get, and each hold has an offer."""
    due = _due(app, DeadlineKind.WAITLIST_ENTRY)
    stored = app.database.collection("waitlist_entries").find()
    known = [app.waitlist.get(each["_id"]) for each in stored]
    for entry in known:
        deadline = due.pop(entry.id, None)
        if entry.due_at != (None if deadline is None else deadline["due_at"]):
            yield f"entry {entry.id}, {entry.status}, has the deadline {deadline}"
    yield from (f"there is a deadline for entry {each}" for each in due)
    yield from (f"release {each} is left" for each in _due(app, DeadlineKind.WAITLIST_MATCH))
    offered = {each.offer.booking_id for each in known if each.status is EntryStatus.OFFERED}
    held = {each["_id"] for each in _documents(app) if each.get("status") == Status.HELD}
    yield from (f"{each} is held or offered, not both" for each in offered ^ held)
    yield from app.database.transact(lambda session: _forgotten(app, session))


def _forgotten(app: App, session: Session) -> list[str]:
    found: list[str] = []
    now = app.clock.now()
    for centre in app.centres.centres():
        waiting = app.waitlist.line(centre.id, bookable(now), session)
        found += [
            f"{each.id} waits in vain"
            for each in waitlist_entries.unservable(app, session, waiting)
        ]
        spaces = app.centres.spaces(centre_id=centre.id, session=session)
        asked = {each.organisation_id for each in waiting}
        may = app.organisations.those_that_still_may(session, asked)
        for entry in waiting:
            if entry.organisation_id not in may or any(entry.id in fault for fault in found):
                continue
            free = QueueSnapshot.read(app, session, centre, spaces, [entry]).free_for(entry, now)
            if free is not None and _affords(app, session, entry):
                found.append(f"{entry.id} waits, and {free[0].id} is free: {free[1]}")
    return found


def _affords(app: App, session: Session, entry: Entry) -> bool:
    who = entry.organisation_id
    week = budgets.week_of(entry.window.starts_at, "UTC")
    left = budget_use.use_of(app, session, who, week).left(budget_use.limits_of(app, session, who))
    return left.bookings > 0 and left.minutes >= entry.duration.total_seconds() // 60


def _untold(app: App) -> Iterator[str]:
    """Each version of a booking and an entry has one event."""
    told: dict[str, list[int]] = {}
    for row in app.database.collection("outbox").find({}, {"event.subject": 1, "version": 1}):
        told.setdefault(row["event"]["subject"], []).append(row["version"])
    for collection in ("bookings", "waitlist_entries"):
        for document in app.database.collection(collection).find({"status": {"$exists": True}}):
            versions = sorted(told.get(document["_id"], ()))
            if versions != list(range(1, document["version"] + 1)):
                yield f"{document['_id']} is at version {document['version']}, told are {versions}"
