"""Spaces: what a manager adds and changes.

Bookings keep what they were made with: the slots that they claim hold the buffers of then, and
nothing works these out again but a booking that moves. So buffers may change at any time, and what
is stored can neither overlap nor come apart.

A booking only reads its space, so that bookings of one space do not meet at its document. One that
was on its way when its space was retired may therefore still be made; once no transaction of then
can be open any more, :func:`settle` looks again, and such a booking brings its space back.

A hall that can be booked has all its parts: it goes before them, and comes back after them.

A space that comes, or comes back, while the whole centre is closed is closed too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import partial

from services.bookings.app import App
from services.bookings.domain import permissions
from services.bookings.domain.booking import Booking
from services.bookings.domain.centre import Space
from services.bookings.domain.deadlines import DeadlineKind
from services.bookings.domain.invitations import JOINT_MEETING, room_for_guests
from services.bookings.domain.rules import bookable
from services.bookings.operations import centres, closures
from services.bookings.schemas.spaces import AddSpace, ChangeSpace, booked, named
from services.bookings.steps.catalogue_events import cause_of, record_catalogue_event
from services.bookings.steps.offer_checks import schedule_offer_check
from services.bookings.steps.releases import time_released
from services.bookings.steps.waitlist_entries import capacity_reduced, end_unservable
from services.bookings.store.centres import SPACES
from services.common import authorisation, errors
from services.common.context import SYSTEM, Call, Caller
from services.common.contracts.bookings import events
from services.common.contracts.bookings.errors import (
    NO_SUCH_PARTS,
    PART_IN_USE,
    PARTS_RETIRED,
    SPACE_BOOKED,
)
from services.common.errors import FieldError
from services.common.history.changes import Change, subject_of
from services.common.history.wire import ListHistory
from services.common.lists import one_more
from services.common.storage.deadlines import Deadline
from services.common.storage.idempotency import Request
from services.common.storage.mongo import TRANSACTION_SECONDS, Session

SETTLED_AFTER = timedelta(seconds=2 * TRANSACTION_SECONDS)

# How many bookings are named: an answer must be small enough for a phone.
MOST_NAMED = 50


def add(app: App, call: Call, command: AddSpace) -> Space:
    """Let a centre have one more space to book; the same key gives the same space again.

    Raises:
        errors.Unauthenticated, errors.Forbidden: for anybody but a manager.
        errors.Invalid: ``bookings.unknown_centre``, ``bookings.no_such_parts``.
        errors.KeyReused: the key came with another request before.
    """
    permissions.check_may_set_up(call.caller)
    request = Request.of(call, "bookings.add_space", asdict(command))

    def work(session: Session) -> Space:
        centres.named(app, command.centre_id, session)
        _check_parts(app, session, command)
        space = Space(id=app.new_id(), added_at=app.clock.now(), **asdict(command))
        app.centres.add_space(session, space)
        _close_with_centre(app, call.caller, session, space)
        time_released(app, session, space.centre_id, bookable(app.clock.now()), cause_of(space))
        record_catalogue_event(app, call.caller, session, events.SPACE_ADDED, None, space)
        return space

    return app.keys.once(request, work, save=SPACES.document_of, load=SPACES.aggregate_of)


def change(app: App, call: Call, command: ChangeSpace) -> tuple[Space, Sequence[Booking]]:
    """Give a space another name, capacity, features or buffers, or let nobody book it any more.

    Bookings made before stay as they are. A request that changes nothing gives the space as it is.

    Returns:
        the space, and after a lower capacity the bookings to come that are too large for it.

    Raises:
        errors.Unauthenticated, errors.Forbidden: for anybody but a manager.
        errors.NotFound: if there is no such space.
        errors.Stale: it is not at the expected version any more.
        errors.Conflict: to retire it, ``bookings.space_booked`` with bookings to come, or
            ``bookings.part_in_use`` with the halls that it is part of; to bring a hall back,
            ``bookings.parts_retired`` with the parts that have to come first.
    """
    permissions.check_may_set_up(call.caller)

    def work(session: Session) -> tuple[Space, Sequence[Booking]]:
        now = app.clock.now()
        before = app.centres.space(command.id, session)
        if before.version != command.expected_version:
            raise errors.Stale()
        after = before.changed(command.changes, now)
        if after is before:
            return before, ()
        app.centres.save_space(session, after, before.version)
        if after.retired and not before.retired:
            app.centres.lock_centre(session, after.centre_id)
            _check_not_booked(app, session, after, now)
            if halls := app.centres.halls_of(session, after.id):
                raise PART_IN_USE(extra={"halls": named(halls)})
            app.deadlines.set(session, DeadlineKind.SPACE_RETIRED, after.id, now + SETTLED_AFTER)
        else:
            if before.retired and not after.retired:
                if gone := app.centres.retired_parts(session, after):
                    raise PARTS_RETIRED(extra={"parts": named(gone)})
                _close_with_centre(app, call.caller, session, after)
            if after.offers_more_than(before):
                time_released(app, session, after.centre_id, bookable(now), cause_of(after))
            if before.offers_more_than(after):
                capacity_reduced(app, session, after.centre_id, cause_of(after))
                schedule_offer_check(app, session, cause_of(after), centre_id=after.centre_id)
        record_catalogue_event(
            app, call.caller, session, events.SPACE_CHANGED, before, after, command.reason
        )
        if after.capacity >= before.capacity:
            return after, ()
        return after, _too_large(app, session, after, now)[:MOST_NAMED]

    return app.database.transact(work)


def history(app: App, call: Call, query: ListHistory) -> list[Change]:
    """Who changed what of a space, when and why; oldest first, one more than a page where there
    are more.

    Raises:
        errors.NotFound: if there is no such space.
        errors.Unauthenticated, errors.Forbidden: for anybody but staff of its centre.
    """
    space = app.centres.space(query.id)
    authorisation.check_works_at(call.caller, space.centre_id)
    return app.history.of(subject_of(space), after=query.after, limit=one_more(query.limit))


def settle(app: App, deadline: Deadline) -> None:
    """Bring a retired space back, if a booking of it was on its way when it was retired; a hall
    with its parts.

    Raises:
        LeaseLost: if the deadline was moved or is another worker's by now; nothing has changed.
    """

    def work(session: Session) -> None:
        app.deadlines.finish(session, deadline)
        now = app.clock.now()
        try:
            before = app.centres.space(deadline.subject, session)
        except errors.NotFound:
            return
        if not before.retired:
            return
        if not app.bookings.to_come(before.id, now, session):
            end_unservable(app, session, before.centre_id)
            return
        for each in (*app.centres.retired_parts(session, before), before):
            after = each.changed({"retired": False}, now)
            app.centres.save_space(session, after, each.version)
            _close_with_centre(app, SYSTEM, session, after)
            time_released(app, session, after.centre_id, bookable(now), cause_of(after))
            record_catalogue_event(app, SYSTEM, session, events.SPACE_CHANGED, each, after)

    app.database.transact(work)


def seed(app: App, spaces: Iterable[Space]) -> None:
    """Add the spaces that are not there yet; what is there is left as people have since made it."""

    def add_if_new(session: Session, space: Space) -> None:
        try:
            app.centres.space(space.id, session)
        except errors.NotFound:
            app.centres.add_space(session, space)
            _close_with_centre(app, SYSTEM, session, space)

    for space in spaces:
        app.database.transact(partial(add_if_new, space=space))


def _close_with_centre(app: App, caller: Caller, session: Session, space: Space) -> None:
    """Close a space that can be booked from now on where its whole centre is closed. If a closure
    and a space come at once, the later one sees the other.
    """
    app.centres.lock_centre(session, space.centre_id)
    closures.extend_to_space(app, caller, session, space)


def _check_parts(app: App, session: Session, command: AddSpace) -> None:
    """Raises:
    errors.Invalid: ``bookings.no_such_parts``, naming the part.
    """
    if len(command.parts) == 1:
        raise NO_SUCH_PARTS(errors=[FieldError("/parts", NO_SUCH_PARTS.code)])
    for number, part in enumerate(command.parts):
        fault = FieldError(f"/parts/{number}", NO_SUCH_PARTS.code)
        try:
            space = app.centres.space(part, session)
        except errors.NotFound as error:
            raise NO_SUCH_PARTS(errors=[fault]) from error
        if space.centre_id != command.centre_id or space.parts or space.retired:
            raise NO_SUCH_PARTS(errors=[fault])


def _check_not_booked(app: App, session: Session, space: Space, now: datetime) -> None:
    """Raises:
    errors.Conflict: ``bookings.space_booked``, naming the bookings.
    """
    bookings = app.bookings.to_come(space.id, now, session)
    if bookings:
        raise SPACE_BOOKED(count=len(bookings), extra={"bookings": booked(bookings[:MOST_NAMED])})


def _too_large(app: App, session: Session, space: Space, now: datetime) -> list[Booking]:
    def is_too_large(booking: Booking) -> bool:
        if (booking.people or 0) > space.capacity:
            return True
        if booking.purpose != JOINT_MEETING:
            return False
        return app.invitations.coming(booking.id, session) > room_for_guests(booking, space)

    return [each for each in app.bookings.to_come(space.id, now, session) if is_too_large(each)]
