"""The waitlist: joining, being offered a time, taking it or letting it go.

Every release of time leaves a deadline (``releasing.py``); :func:`match` answers it. A new entry
leaves one too, because what it waits for may be free already: so neither a release nor an entry can
miss the other, whichever is committed first.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from datetime import timedelta
from functools import partial
from typing import Any

from services.bookings.app import App
from services.bookings.domain import permissions, rules
from services.bookings.domain.booking import Booking, Status
from services.bookings.domain.centre import Centre, Space
from services.bookings.domain.hours import Period
from services.bookings.domain.slots import SLOT, SLOT_MINUTES, on_slots
from services.bookings.domain.waitlist import (
    HOLD_OUTLASTS_OFFER,
    Entry,
    EntryAction,
    Offer,
    check_window,
    offer_ends,
)
from services.bookings.operations import holds
from services.bookings.operations.alternatives import offering_alternatives
from services.bookings.operations.bookings import call_off
from services.bookings.operations.closures import closed_over
from services.bookings.operations.entries import DUE, keep, tell, withdraw
from services.bookings.operations.equipment import known_of
from services.bookings.operations.facts import why
from services.bookings.operations.line import Line, hull
from services.bookings.operations.organisations import (
    check_may_use,
    check_still_may,
    those_that_still_may,
)
from services.bookings.operations.placing import Wish, check_may_book, party_of, place, place_of
from services.bookings.operations.releasing import Release, released_by, waits
from services.bookings.schemas.waitlist import (
    ChangeWaitlistEntry,
    JoinWaitlist,
    ListWaitlistEntries,
)
from services.bookings.store.bookings import SpaceTaken, visible_to
from services.bookings.store.waitlist import document_of, entry_of
from services.common import errors
from services.common.context import SYSTEM, Call
from services.common.contracts.bookings import events
from services.common.contracts.bookings.errors import (
    BUDGET_EXCEEDED,
    EQUIPMENT_TAKEN,
    EQUIPMENT_TOO_FEW,
    HOLD_OVER,
    NO_FITTING_SPACE,
    OFF_RASTER,
    PLACE_NEEDED,
    UNKNOWN_CENTRE,
)
from services.common.contracts.registry import EventType
from services.common.errors import Conflict, FieldError, Invalid, MasahaError
from services.common.storage.deadlines import Deadline
from services.common.storage.idempotency import Request
from services.common.storage.mongo import Session

# How often one entry is tried in one match when others are faster; the release of whoever was
# faster brings it another chance.
_MOST_TRIES = 3
# How often one match begins again because an entry was changed meanwhile; then it is left for
# later, so that a worker is not kept by a line that does not come to rest.
_MOST_STALE = 20

_BY_ITSELF = Call(caller=SYSTEM)


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
        check_may_use(app, call, session, command.organisation_id)
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
        known = known_of(app, centre.id, command.equipment, session)
        for need in command.equipment:
            most = known[need.equipment_id].quantity
            if need.quantity > most:
                raise EQUIPMENT_TOO_FEW(equipment=need.equipment_id, quantity=most)
        app.waitlist.add(session, entry)
        app.deadlines.set(session, DUE, entry.id, entry.over_at)
        waits(app, session, entry, entry.id)
        tell(app, call.caller, session, events.WAITLIST_JOINED, entry, centre)
        return entry

    return app.keys.once(request, work, save=document_of, load=entry_of)


def get(app: App, call: Call, entry_id: str) -> Entry:
    """One entry.

    Raises:
        errors.NotFound: if there is none that the caller may know of.
    """
    entry = app.waitlist.get(entry_id)
    permissions.check_may_see(call.caller, entry)
    return entry


def find(app: App, call: Call, query: ListWaitlistEntries) -> list[Entry]:
    """The entries that the caller may see, one more than a page where there are more.

    Raises:
        errors.Unauthenticated: for a visitor.
    """
    caller = call.caller
    if caller.kind == "visitor":
        raise errors.Unauthenticated()
    return app.waitlist.find(
        visible=None if caller.is_manager() else visible_to(caller.organisations, caller.desks),
        filters=dict(query.filters),
        after=query.after,
        limit=query.limit + 1,
    )


def accept(app: App, call: Call, command: ChangeWaitlistEntry) -> Entry:
    """Take the offered time: confirmed, or pending where the space needs the front desk's approval.

    Raises:
        errors.NotFound, errors.Forbidden: the caller may not.
        errors.Stale: the entry is not at the expected version any more.
        errors.Conflict: nothing is offered, the offer is over, or the centre has closed or the
            organisation was suspended since.
    """

    def work(session: Session) -> Entry:
        before = _load_for_change(app, call, command, session)
        after = before.changed(EntryAction.ACCEPT, app.clock.now())
        held = _held(app, before, session)
        if held is None or before.offer is None or before.offer.expires_at <= app.clock.now():
            raise HOLD_OVER()
        check_still_may(app, session, before.organisation_id)
        holds.confirm(app, call, session, held)
        keep(app, call.caller, session, events.WAITLIST_ACCEPTED, before, after)
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
        held = _held(app, before, session)
        if held is not None:
            call_off(app, call, session, held, None, bulk=before.id)
        keep(app, call.caller, session, event_type, before, after)
        return after

    return app.database.transact(work)


# -- what happens by itself ------------------------------------------------------------------------


class _Refused(Exception):
    """The time could not be held for an entry.

    Attributes:
        overtaken: somebody has taken it meanwhile; so what is known of free time is old.
    """

    def __init__(self, refusal: MasahaError) -> None:
        super().__init__(refusal.code)
        self.code = refusal.code
        self.overtaken = (
            isinstance(refusal.__cause__, SpaceTaken) or refusal.code == EQUIPMENT_TAKEN.code
        )


class _Overtaken(Exception):
    """Somebody was faster than an entry."""

    def __init__(self, entry_id: str) -> None:
        super().__init__(entry_id)
        self.entry_id = entry_id


def match(app: App, deadline: Deadline) -> None:
    """Offer what was released: to whoever has waited longest and fits, then to the next with what
    is left, until nobody fits any more.

    Raises:
        Lost: if another worker has the release by now; what was offered stays.
        errors.Stale: if entries change all the time; the release comes back, later.
    """
    release = released_by(deadline)
    passed: set[str] = set()
    overtaken: Counter[str] = Counter()
    stale = 0
    while line := app.database.transact(partial(_look, app, release, passed)):
        try:
            _offer_along(app, line, passed)
            break
        except _Overtaken as error:
            overtaken[error.entry_id] += 1
            if overtaken[error.entry_id] >= _MOST_TRIES:
                passed.add(error.entry_id)
        except errors.Stale:
            # Somebody has changed the entry meanwhile: the next look sees how.
            stale += 1
            if stale >= _MOST_STALE:
                raise
    app.database.transact(partial(app.deadlines.finish, deadline=deadline))


def _look(app: App, release: Release, passed: set[str], session: Session) -> Line | None:
    """Who may be offered what was released, and what is free for them; ``None`` if nobody may.

    Where things have changed for one entry alone, nobody else is looked at while nothing is free
    for it; what is, is first for those who came before.
    """
    centre_id = release.centre_id
    spaces = app.centres.spaces(centre_id=centre_id, session=session)

    def line(of: Period, **narrowed: Any) -> Line | None:
        found = app.waitlist.line(centre_id, _reaching(of, spaces), session, **narrowed)
        may = those_that_still_may(app, session, {each.organisation_id for each in found})
        entries = [each for each in found if each.id not in passed and each.organisation_id in may]
        if not entries:
            return None
        return Line.read(app, session, app.centres.centre(centre_id, session), spaces, entries)

    if release.entry_id is None:
        return line(release.period)
    gaining = line(release.period, entry_id=release.entry_id)
    now = app.clock.now()
    if gaining is None or not any(gaining.free_for(each, now) for each in gaining.entries):
        return None
    windows = hull([each.window for each in gaining.entries])
    return line(windows, until=gaining.entries[-1].created_at)


def _offer_along(app: App, line: Line, passed: set[str]) -> None:
    """Offer everybody in line what is free for them, one after the other.

    Args:
        passed: takes up those who may not have what is free for them.

    Raises:
        _Overtaken: what is free has to be looked at again.
        errors.Stale: so has who waits.
    """
    beyond_budget: set[tuple[str, Period]] = set()
    for entry in line.entries:
        found = line.free_for(entry, app.clock.now())
        if found is None or (entry.organisation_id, found[1]) in beyond_budget:
            continue
        try:
            held = app.database.transact(partial(_offer, app, entry, *found))
        except _Refused as refused:
            if refused.overtaken:
                raise _Overtaken(entry.id) from refused
            passed.add(entry.id)
            if refused.code == BUDGET_EXCEEDED.code:
                beyond_budget.add((entry.organisation_id, found[1]))
        else:
            assert held.claim is not None  # it was just made
            line.take(held.claim)


def _reaching(released: Period, spaces: list[Space]) -> Period:
    """Every window that may have been waiting for what was released: the time around a booking, in
    which its space is set up and cleaned, lies outside the window."""
    before = max((on_slots(space.buffer_before) for space in spaces), default=timedelta(0))
    after = max((on_slots(space.buffer_after) for space in spaces), default=timedelta(0))
    return Period(released.starts_at - after, released.ends_at + before)


def _offer(app: App, before: Entry, space: Space, period: Period, session: Session) -> Booking:
    """Hold a time for an entry, and tell of it; the space and its centre as they are by now.

    Raises:
        _Refused: if it cannot be held.
        errors.Stale: if the entry was changed since it was read.
    """
    now = app.clock.now()
    expires_at = offer_ends(now, period.starts_at)
    try:
        present, centre = place_of(app, space.id, session)
        wish = Wish(
            space=present,
            centre=centre,
            party=party_of(app, session, before.organisation_id),
            period=period,
            title=before.title,
            purpose=before.purpose,
            people=before.people,
            hold_until=expires_at + HOLD_OUTLASTS_OFFER,
            booked_by=before.booked_by,
            part_of=before.id,
            equipment=before.equipment,
        )
        booking = place(app, _BY_ITSELF, session, wish)
    except (Conflict, Invalid) as refusal:
        raise _Refused(refusal) from refusal
    offer = Offer(booking.id, space.id, period, expires_at)
    after = before.changed(EntryAction.OFFER, now, offer=offer)
    keep(app, SYSTEM, session, events.WAITLIST_OFFERED, before, after)
    return booking


def due(app: App, deadline: Deadline) -> None:
    """End what time has ended: an offer that nobody has answered, a window that is over.

    Raises:
        Lost: if the deadline was moved or is another worker's by now; nothing has changed then.
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
        if due_at > app.clock.now():
            app.deadlines.set(session, DUE, before.id, due_at)
            return
        held = _held(app, before, session)
        if held is not None:
            closure = closed_over(app, session, held)
            holds.expire(app, session, held, bulk=before.id)
            if closure is not None:
                # Nobody could have accepted it.
                withdraw(app, SYSTEM, session, held, why(closure.text(), closure.texts()))
                return
        after = before.changed(EntryAction.EXPIRE, app.clock.now())
        keep(app, SYSTEM, session, events.WAITLIST_EXPIRED, before, after)

    app.database.transact(work)


# -- what they share -------------------------------------------------------------------------------


def _check_may_join(app: App, call: Call, command: JoinWaitlist) -> None:
    """As ``placing.check_may_book``, for a place in line at a centre too."""
    if command.space_id is not None:
        check_may_book(app, call, command.organisation_id, command.space_id)
    elif command.centre_id is not None:
        permissions.check_may_book(call.caller, command.organisation_id, command.centre_id)


def _wanted(app: App, command: JoinWaitlist, session: Session) -> tuple[Space | None, Centre]:
    if (command.space_id is None) == (command.centre_id is None):
        raise PLACE_NEEDED(errors=[FieldError("/space_id", PLACE_NEEDED.code)])
    if command.space_id is not None:
        return place_of(app, command.space_id, session)
    try:
        return None, app.centres.centre(command.centre_id or "", session)
    except errors.NotFound as error:
        raise UNKNOWN_CENTRE(errors=[FieldError("/centre_id", UNKNOWN_CENTRE.code)]) from error


def _load_for_change(app: App, call: Call, command: ChangeWaitlistEntry, session: Session) -> Entry:
    entry = app.waitlist.get(command.id, session)
    permissions.check_may_change(call.caller, entry)
    if entry.version != command.expected_version:
        raise errors.Stale()
    return entry


def _held(app: App, entry: Entry, session: Session) -> Booking | None:
    """The booking that holds the offered time, if it still does."""
    if entry.offer is None:
        return None
    booking = app.bookings.get(entry.offer.booking_id, session)
    return booking if booking.status is Status.HELD else None
