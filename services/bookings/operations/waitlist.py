"""The waitlist: joining, taking what is offered or letting it go.

Every release of time leaves a deadline (``releases.py``), which ``waitlist_matching.py`` answers. A
new entry leaves one too, because what it waits for may be free already: so neither a release nor an
entry can miss the other, in any order of commits.
"""

from __future__ import annotations

from dataclasses import asdict

from services.bookings.app import App
from services.bookings.domain import permissions, rules
from services.bookings.domain.booking import Booking
from services.bookings.domain.centre import Centre, Space
from services.bookings.domain.deadlines import DeadlineKind
from services.bookings.domain.waitlist import (
    Entry,
    EntryAction,
    EntryStatus,
    check_window,
)
from services.bookings.operations import centres
from services.bookings.operations.offer_withdrawal import end_void, reason_void
from services.bookings.schemas.waitlist import (
    ChangeWaitlistEntry,
    JoinWaitlist,
    ListWaitlistEntries,
)
from services.bookings.steps import holds
from services.bookings.steps.alternatives import offering_alternatives
from services.bookings.steps.booking_changes import call_off
from services.bookings.steps.equipment_units import known_equipment
from services.bookings.steps.releases import entry_waits
from services.bookings.steps.reservation import check_may_book, space_and_centre
from services.bookings.steps.waitlist_entries import (
    end_unservable,
    held_for,
    record_entry_event,
    save_entry,
    unservable,
)
from services.common import authorisation, errors
from services.common.context import SYSTEM, Call
from services.common.contracts.bookings import events
from services.common.contracts.bookings.errors import (
    EQUIPMENT_TOO_FEW,
    HOLD_OVER,
    NO_FITTING_SPACE,
    OFF_RASTER,
    PLACE_NEEDED,
)
from services.common.contracts.registry import EventType
from services.common.errors import FieldError
from services.common.lists import one_more
from services.common.storage.deadlines import Deadline
from services.common.storage.idempotency import Request
from services.common.storage.mongo import Session
from services.common.time.slots import SLOT, SLOT_MINUTES

# -- what people do --------------------------------------------------------------------------------


def join(app: App, call: Call, command: JoinWaitlist) -> Entry:
    """Wait for a time in a space, or in any of a centre's that fits; the same key gives the same
    entry again.

    Raises:
        errors.Invalid: neither or both of space and centre, unknown ones, unknown equipment, an
            unknown organisation, or an impossible window.
        errors.Forbidden: ``bookings.not_of_organisation``.
        errors.Conflict: nothing could ever be offered: the window is over or too far ahead, no
            space fits, or there is too little equipment. Or the organisation is not approved.
        errors.KeyReused: the key came with another request before.
    """
    _check_may_join(app, call, command)
    request = Request.of(call, "bookings.join_waitlist", asdict(command))

    def work(session: Session) -> Entry:
        now = app.clock.now()
        if command.duration % SLOT:
            fault = FieldError("/duration_minutes", OFF_RASTER.code)
            raise OFF_RASTER(minutes=SLOT_MINUTES, errors=[fault])
        space, centre = _wanted(app, command, session)
        permissions.check_may_book(call.caller, command.organisation_id, centre.id)
        app.organisations.check_may_use(session, call.caller, command.organisation_id)
        check_window(command.window, command.duration, now)
        entry = Entry(
            id=app.new_id(),
            space_id=command.space_id,
            centre_id=centre.id,
            organisation_id=command.organisation_id,
            booked_by=call.caller.id,
            window=command.window,
            duration=command.duration,
            title=command.title,
            purpose=command.purpose,
            people=command.people,
            features=command.features,
            equipment=command.equipment,
            created_at=now,
            updated_at=now,
        )
        if space is not None:
            rules.check_in_use(space)
            rules.check_people(space, command.people)
        elif not any(entry.fits(each) for each in app.centres.spaces(centre_id=centre.id)):
            raise NO_FITTING_SPACE()
        known = known_equipment(app, centre.id, command.equipment, session)
        for need in command.equipment:
            wanted = known[need.equipment_id]
            if need.quantity > wanted.quantity:
                raise EQUIPMENT_TOO_FEW(
                    equipment=wanted.name,
                    quantity=wanted.quantity,
                    extra={"equipment_id": wanted.id},
                )
        app.waitlist.add(session, entry)
        app.deadlines.set(session, DeadlineKind.WAITLIST_ENTRY, entry.id, entry.over_at)
        entry_waits(app, session, entry, entry.id)
        record_entry_event(app, call.caller, session, events.WAITLIST_JOINED, entry, centre)
        return entry

    return app.keys.once(
        request, work, save=app.waitlist.document_of, load=app.waitlist.aggregate_of
    )


def get(app: App, call: Call, entry_id: str) -> Entry:
    """One entry.

    Raises:
        errors.NotFound: if there is none that the caller may know of.
    """
    entry = app.waitlist.get(entry_id)
    authorisation.check_may_see(call.caller, entry)
    return entry


def find(app: App, call: Call, query: ListWaitlistEntries) -> list[Entry]:
    """The entries that the caller may see, one more than a page where there are more.

    Raises:
        errors.Unauthenticated: for a visitor.
    """
    authorisation.check_signed_in(call.caller)
    return app.waitlist.find(
        visible=authorisation.visible_to(call.caller),
        filters=dict(query.filters),
        after=query.after,
        limit=one_more(query.limit),
    )


def accept(app: App, call: Call, command: ChangeWaitlistEntry) -> Entry:
    """Take the offered time: confirmed, or pending where the space needs the front desk's approval.

    Raises:
        errors.NotFound, errors.Forbidden: the caller may not.
        errors.Stale: the entry is not at the expected version any more.
        errors.Conflict: nothing is offered, the offer is over, or it has become impossible since,
            see ``holds.check_acceptable``.
    """

    def work(session: Session) -> Entry:
        before = _load_for_change(app, call, command, session)
        after = before.changed(EntryAction.ACCEPT, app.clock.now())
        held = held_for(app, before, session)
        if held is None or before.offer is None or before.offer.expires_at <= app.clock.now():
            raise HOLD_OVER()
        holds.confirm(app, call, session, held)
        save_entry(app, call.caller, session, events.WAITLIST_ACCEPTED, before, after)
        return after

    with offering_alternatives(app):
        return app.database.transact(work)


def decline(app: App, call: Call, command: ChangeWaitlistEntry) -> Entry:
    """Let the offered time go to the next, and leave the line.

    Raises:
        errors.NotFound, errors.Forbidden, errors.Stale: as :func:`accept`.
        errors.Conflict: nothing is offered.
    """
    return _leave(app, call, command, EntryAction.DECLINE, events.WAITLIST_DECLINED)


def cancel(app: App, call: Call, command: ChangeWaitlistEntry) -> Entry:
    """Wait no more; what is offered goes to the next.

    Raises:
        errors.NotFound, errors.Forbidden, errors.Stale: as :func:`accept`.
        errors.Conflict: it is over already.
    """
    return _leave(app, call, command, EntryAction.CANCEL, events.WAITLIST_LEFT)


def _leave(
    app: App,
    call: Call,
    command: ChangeWaitlistEntry,
    action: EntryAction,
    event_type: EventType,
) -> Entry:
    def work(session: Session) -> Entry:
        before = _load_for_change(app, call, command, session)
        after = before.changed(action, app.clock.now())
        held = held_for(app, before, session)
        if held is not None:
            call_off(app, call, session, held, None, part_of=before.id)
        save_entry(app, call.caller, session, event_type, before, after)
        return after

    return app.database.transact(work)


# -- what happens by itself ------------------------------------------------------------------------


def due(app: App, deadline: Deadline) -> None:
    """End what time has ended: an offer that nobody has answered, a window that is over; and the
    entries that wait for something that cannot come.

    Raises:
        LeaseLost: if the deadline was moved or is another worker's by now; nothing has changed.
    """

    def work(session: Session) -> None:
        app.deadlines.finish(session, deadline)
        try:
            before = app.waitlist.get(deadline.subject, session)
        except errors.NotFound:
            return
        due_at = before.due_at
        if due_at is None:
            return
        waiting = before.status is EntryStatus.WAITING
        if due_at > app.clock.now() and not (waiting and unservable(app, session, [before])):
            app.deadlines.set(session, DeadlineKind.WAITLIST_ENTRY, before.id, due_at)
            return
        held = held_for(app, before, session)
        if held is None:
            _expire(app, session, before)
        else:
            _end_offer(app, session, before, held)

    app.database.transact(work)


def hold_over(app: App, session: Session, held: Booking) -> Booking:
    """Give the time of a hold back, and with it what it was offered as, if it was: people get one
    message, at the earlier of the two deadlines.

    Raises:
        errors.Conflict: it is not held.
    """
    entry = app.waitlist.offered(held.id, session)
    if entry is None:
        return holds.expire(app, session, held)
    return _end_offer(app, session, entry, held)


def _end_offer(app: App, session: Session, before: Entry, held: Booking) -> Booking:
    reason = reason_void(app, session, held)
    if reason is not None:
        # Nobody could have accepted it.
        return end_void(app, session, before, held, reason)
    after = holds.expire(app, session, held, part_of=before.id)
    _expire(app, session, before)
    return after


def _expire(app: App, session: Session, before: Entry) -> None:
    after = before.changed(EntryAction.EXPIRE, app.clock.now())
    save_entry(app, SYSTEM, session, events.WAITLIST_EXPIRED, before, after)


# -- what they share -------------------------------------------------------------------------------


def _check_may_join(app: App, call: Call, command: JoinWaitlist) -> None:
    """As ``reservation.check_may_book``, for a place in line at a centre too."""
    if command.space_id is not None:
        check_may_book(app, call, command.organisation_id, command.space_id)
    elif command.centre_id is not None:
        permissions.check_may_book(call.caller, command.organisation_id, command.centre_id)


def _wanted(app: App, command: JoinWaitlist, session: Session) -> tuple[Space | None, Centre]:
    if (command.space_id is None) == (command.centre_id is None):
        raise PLACE_NEEDED(errors=[FieldError("/space_id", PLACE_NEEDED.code)])
    if command.space_id is not None:
        return space_and_centre(app, command.space_id, session)
    return None, centres.named(app, command.centre_id or "", session)


def _load_for_change(app: App, call: Call, command: ChangeWaitlistEntry, session: Session) -> Entry:
    entry = app.waitlist.get(command.id, session)
    permissions.check_may_change(call.caller, entry)
    if entry.version != command.expected_version:
        raise errors.Stale()
    return entry


def recheck(app: App, deadline: Deadline) -> None:
    """Find the entries that can never be served since a centre has less.

    Raises:
        LeaseLost: if the deadline was moved or is another worker's by now; nothing has changed.
    """

    def work(session: Session) -> None:
        app.deadlines.finish(session, deadline)
        end_unservable(app, session, deadline.data["centre_id"])

    app.database.transact(work)
