"""Offering released time to the entries that wait for it: the first to come first.

A match is the answer to a release. It reads the queue once (``queue_snapshot.py``) and makes each
offer in a transaction of its own, so that however many wait, none is long.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from functools import partial
from typing import Any

from services.bookings.app import App
from services.bookings.domain.booking import Booking
from services.bookings.domain.centre import Space
from services.bookings.domain.waitlist import (
    HOLD_OUTLASTS_OFFER,
    Entry,
    EntryAction,
    Offer,
    offer_ends,
)
from services.bookings.steps.queue_snapshot import QueueSnapshot, span
from services.bookings.steps.releases import Release, release_of
from services.bookings.steps.reservation import (
    ReservationRequest,
    eligible_organisation,
    reserve,
    space_and_centre,
)
from services.bookings.steps.waitlist_entries import save_entry
from services.bookings.store.bookings import SpaceTaken
from services.common import errors
from services.common.context import SYSTEM, Call
from services.common.contracts.bookings import events
from services.common.contracts.bookings.errors import BUDGET_EXCEEDED, EQUIPMENT_TAKEN
from services.common.errors import Conflict, Invalid, MasahaError
from services.common.storage.deadlines import Deadline
from services.common.storage.mongo import Session
from services.common.time.period import Period
from services.common.time.slots import on_slots

# How often one entry is tried in one match when others are faster; the release of the faster
# booking brings it another chance.
_MOST_TRIES = 3
# How often one match begins again because an entry was changed meanwhile; then it is left for
# later, so that a worker is not kept by a line that does not come to rest.
_MOST_STALE = 20

_BY_ITSELF = Call(caller=SYSTEM)


class _Refused(Exception):
    """The time could not be held for an entry.

    Attributes:
        overtaken: another booking has taken it meanwhile; so what is known of free time is old.
    """

    def __init__(self, refusal: MasahaError) -> None:
        super().__init__(refusal.code)
        self.code = refusal.code
        self.overtaken = (
            isinstance(refusal.__cause__, SpaceTaken) or refusal.code == EQUIPMENT_TAKEN.code
        )


class _Overtaken(Exception):
    """Another booking was faster than an entry."""

    def __init__(self, entry_id: str) -> None:
        super().__init__(entry_id)
        self.entry_id = entry_id


def match(app: App, deadline: Deadline) -> None:
    """Offer what was released: to the entry that has waited longest and fits, then to the next with
    what is left, until none fits any more.

    Raises:
        LeaseLost: if another worker has the release by now; what was offered stays.
        errors.Stale: if entries change all the time; the release comes back, later.
    """
    release = release_of(deadline)
    for centre_id in _centres(app, release):
        _match(app, release, centre_id)
    app.database.transact(partial(app.deadlines.finish, deadline=deadline))


def _centres(app: App, release: Release) -> list[str]:
    """The centres where an entry may get the offer."""
    if release.centre_id is not None:
        return [release.centre_id]
    of = release.organisation_id or ""
    waiting = app.database.transact(partial(app.waitlist.waiting_of, of))
    reached = [each for each in waiting if each.window.overlaps(release.period)]
    return sorted({each.centre_id for each in reached})


def _match(app: App, release: Release, centre_id: str) -> None:
    passed: set[str] = set()
    overtaken: Counter[str] = Counter()
    stale = 0
    while line := app.database.transact(partial(_read_queue, app, release, centre_id, passed)):
        try:
            _offer_in_order(app, line, passed)
            break
        except _Overtaken as error:
            overtaken[error.entry_id] += 1
            if overtaken[error.entry_id] >= _MOST_TRIES:
                passed.add(error.entry_id)
        except errors.Stale:
            # The entry has changed meanwhile: the next look sees how.
            stale += 1
            if stale >= _MOST_STALE:
                raise


def _read_queue(
    app: App, release: Release, centre_id: str, passed: set[str], session: Session
) -> QueueSnapshot | None:
    """Who may be offered what was released, and what is free for them; ``None`` if nobody may.

    Where things have changed for one organisation or entry alone, nobody else is looked at while
    nothing is free for it; what is, is first for those who came before.
    """
    spaces = app.centres.spaces(centre_id=centre_id, session=session)

    def line(of: Period, **narrowed: Any) -> QueueSnapshot | None:
        found = app.waitlist.line(centre_id, _possible_windows(of, spaces), session, **narrowed)
        asked = {each.organisation_id for each in found}
        may = app.organisations.those_that_still_may(session, asked)
        entries = [each for each in found if each.id not in passed and each.organisation_id in may]
        if not entries:
            return None
        return QueueSnapshot.read(
            app, session, app.centres.centre(centre_id, session), spaces, entries
        )

    if release.entry_id is None and release.organisation_id is None:
        return line(release.period)
    gaining = line(
        release.period, organisation_id=release.organisation_id, entry_id=release.entry_id
    )
    now = app.clock.now()
    if gaining is None or not any(gaining.free_for(each, now) for each in gaining.entries):
        return None
    windows = span([each.window for each in gaining.entries])
    return line(windows, until=gaining.entries[-1].created_at)


def _offer_in_order(app: App, line: QueueSnapshot, passed: set[str]) -> None:
    """Offer each entry in line what is free for it, one after the other.

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
            line.mark_taken(held.claim)


def _possible_windows(released: Period, spaces: list[Space]) -> Period:
    """Every window that may have been waiting for what was released: the time around a booking, in
    which its space is set up and cleaned, lies outside the window."""
    before = max((on_slots(space.buffer_before) for space in spaces), default=timedelta(0))
    after = max((on_slots(space.buffer_after) for space in spaces), default=timedelta(0))
    return Period(released.starts_at - after, released.ends_at + before)


def _offer(app: App, before: Entry, space: Space, period: Period, session: Session) -> Booking:
    """Hold a time for an entry, and record the event; the space and its centre as they are by now.

    Raises:
        _Refused: if it cannot be held.
        errors.Stale: if the entry was changed since it was read.
    """
    now = app.clock.now()
    expires_at = offer_ends(now, period.starts_at)
    try:
        present, centre = space_and_centre(app, space.id, session)
        requested = ReservationRequest(
            space=present,
            centre=centre,
            party=eligible_organisation(app, session, before.organisation_id),
            period=period,
            title=before.title,
            purpose=before.purpose,
            people=before.people,
            hold_until=expires_at + HOLD_OUTLASTS_OFFER,
            booked_by=before.booked_by,
            part_of=before.id,
            equipment=before.equipment,
        )
        booking = reserve(app, _BY_ITSELF, session, requested)
    except (Conflict, Invalid) as refusal:
        raise _Refused(refusal) from refusal
    offer = Offer(booking.id, space.id, period, expires_at)
    after = before.changed(EntryAction.OFFER, now, offer=offer)
    save_entry(app, SYSTEM, session, events.WAITLIST_OFFERED, before, after)
    return booking
