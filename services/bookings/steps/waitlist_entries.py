"""Keeping a place in line: the one way by which a change of a waitlist entry is stored.

And what becomes of an entry when the booking that holds what it is offered is called off by other
ways than its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from services.bookings.app import App
from services.bookings.domain.booking import Booking
from services.bookings.domain.booking_states import Status
from services.bookings.domain.centre import Centre
from services.bookings.domain.deadlines import DeadlineKind
from services.bookings.domain.rules import bookable
from services.bookings.domain.waitlist import Entry, EntryAction
from services.bookings.steps.event_data import entry_data, offer_data, withdrawn_offer_data
from services.bookings.steps.releases import entry_waits
from services.common.context import Caller
from services.common.contracts.bookings import events
from services.common.contracts.registry import EventType
from services.common.storage.mongo import TRANSACTION_SECONDS, Session

RECHECKED_AFTER = timedelta(seconds=2 * TRANSACTION_SECONDS)


def save_entry(
    app: App,
    caller: Caller,
    session: Session,
    event_type: EventType,
    before: Entry,
    after: Entry,
    **more: Any,
) -> None:
    """Store the changed entry, with its deadline and its event.

    Args:
        more: as :func:`record_entry_event`.

    Raises:
        errors.Stale: if it has changed since.
    """
    app.waitlist.save(session, after, before.version)
    if after.due_at is None:
        app.deadlines.clear(session, DeadlineKind.WAITLIST_ENTRY, after.id)
    else:
        app.deadlines.set(session, DeadlineKind.WAITLIST_ENTRY, after.id, after.due_at)
    centre = app.centres.centre(after.centre_id, session)
    record_entry_event(app, caller, session, event_type, after, centre, **more)


def record_entry_event(
    app: App,
    caller: Caller,
    session: Session,
    event_type: EventType,
    entry: Entry,
    centre: Centre,
    **more: Any,
) -> None:
    """Record the event of the entry's present version.

    Args:
        more: what this event has beside the entry and its offer, in wire form.
    """
    fact = entry_data(entry, centre, caller) | more
    if entry.offer is not None and event_type is not events.WAITLIST_EXPIRED:
        fact |= offer_data(entry.offer, app.centres.space(entry.offer.space_id, session))
    app.outbox.record(
        session,
        event_type,
        subject=entry.id,
        version=entry.version,
        data=fact,
        caller=caller,
    )


def withdraw_offer(
    app: App, caller: Caller, session: Session, held: Booking, reason: dict[str, Any]
) -> str | None:
    """A held time cannot be had any more: who it was offered to waits again, in the old place.

    Args:
        reason: why, as ``facts.why`` says it.

    Returns:
        The entry, whose own event informs people; ``None`` if nobody was offered the time.
    """
    before = app.waitlist.offered(held.id, session)
    if before is None or before.offer is None:
        return None
    after = before.changed(EntryAction.WITHDRAW, app.clock.now(), offer=None)
    space = app.centres.space(before.offer.space_id, session)
    fact = withdrawn_offer_data(before.offer, space) | reason
    save_entry(app, caller, session, events.WAITLIST_WITHDRAWN, before, after, **fact)
    # Other times within its window may be free.
    entry_waits(app, session, after, f"{after.id}@{after.version}")
    return after.id


def held_for(app: App, entry: Entry, session: Session) -> Booking | None:
    """The booking that holds the offered time, if it still does."""
    if entry.offer is None:
        return None
    booking = app.bookings.get(entry.offer.booking_id, session)
    return booking if booking.status is Status.HELD else None


def decline_held(app: App, caller: Caller, session: Session, held: Booking) -> None:
    """A held time is called off as a booking: the entry that had the offer has declined it."""
    before = app.waitlist.offered(held.id, session)
    if before is not None:
        after = before.changed(EntryAction.DECLINE, app.clock.now())
        save_entry(app, caller, session, events.WAITLIST_DECLINED, before, after)


def unservable(app: App, session: Session, entries: Sequence[Entry]) -> list[Entry]:
    """The entries of a centre that fit no space in use, or want more equipment than there is:
    nobody could join like that.
    """
    if not entries:
        return []
    spaces = app.centres.spaces(centre_id=entries[0].centre_id, session=session)
    named = {need.equipment_id for each in entries for need in each.equipment}
    lent = {key: len(kind.units) for key, kind in app.equipment.named(named, session).items()}

    def may_wait(entry: Entry) -> bool:
        return any(entry.fits(space) and (entry.people or 0) <= space.capacity for space in spaces)

    def has_enough(entry: Entry) -> bool:
        return all(need.quantity <= lent.get(need.equipment_id, 0) for need in entry.equipment)

    return [each for each in entries if not (may_wait(each) and has_enough(each))]


def capacity_reduced(app: App, session: Session, centre_id: str, cause: str) -> None:
    """A centre has less equipment than before, or a smaller space. The entries that can never be
    served now end as soon as no open transaction can still read the old state; taken back before,
    it ends nobody's waiting.

    Args:
        cause: what has made it less, of its own for each change.
    """
    due_at = app.clock.now() + RECHECKED_AFTER
    app.deadlines.set(
        session, DeadlineKind.CAPACITY_REDUCED, cause, due_at, {"centre_id": centre_id}
    )


def end_unservable(app: App, session: Session, centre_id: str) -> None:
    """A centre has less: the entries there that can never be served now end at once, not when their
    window is over. Their deadline does it, each in a transaction of its own.
    """
    now = app.clock.now()
    for each in unservable(app, session, app.waitlist.line(centre_id, bookable(now), session)):
        app.deadlines.set(session, DeadlineKind.WAITLIST_ENTRY, each.id, now)
