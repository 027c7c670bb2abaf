"""Bookings that lie outside the hours since a manager has changed them: found, and decided upon."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from itertools import islice

from services.bookings.app import App
from services.bookings.domain.booking import Booking
from services.bookings.domain.centre import Centre, Space
from services.bookings.domain.outside_hours import Decision, Found, Outside, Shown, outside
from services.bookings.operations import displaced_bookings
from services.bookings.schemas.outside_hours import MOST_NAMED, ListOutside, ResolveOutside
from services.bookings.steps.booking_changes import reschedule
from services.bookings.steps.booking_events import record_booking_event
from services.bookings.steps.event_data import reason_data
from services.bookings.steps.reservation import space_and_centre
from services.bookings.steps.save_booking import save_booking
from services.common import authorisation, errors
from services.common.context import Call
from services.common.contracts.bookings import events
from services.common.contracts.bookings.closures import MOST_RESOLVED
from services.common.contracts.bookings.errors import NOT_OUTSIDE_HOURS
from services.common.lists import one_more
from services.common.storage.mongo import Session
from services.common.time.opening_hours import OpeningHours
from services.common.time.period import Period

Refused = list[dict[str, str]]


def of_centre(app: App, centre: Centre, space: Space | None = None) -> Found:
    """The bookings to come that lie outside the hours of a centre and its spaces, by start.

    Args:
        centre, space: with their hours, which need not be in force.
        space: this one alone; ``None`` for all.
    """
    found = list(_each(app, centre, space))
    return Found(_shown(app, found[:MOST_NAMED]), len(found))


def of_space(app: App, space: Space) -> Found:
    """As :func:`of_centre`, of one space with its own hours, which need not be in force."""
    return of_centre(app, app.centres.centre(space.centre_id), space)


def find(app: App, call: Call, query: ListOutside) -> list[Shown]:
    """The bookings outside the hours of a centre by start, one more than a page where there are
    more.

    Raises:
        errors.NotFound: there is no such centre.
        errors.Unauthenticated, errors.Forbidden: for anybody but staff of the centre.
    """
    centre = app.centres.centre(query.centre_id)
    authorisation.check_works_at(call.caller, centre.id)
    found = (
        each
        for each in _each(app, centre, space_id=query.space_id, after=query.after)
        if query.decision in (None, each.decision.value)
    )
    return _shown(app, list(islice(found, one_more(query.limit))))


def _each(
    app: App,
    centre: Centre,
    space: Space | None = None,
    *,
    space_id: str | None = None,
    after: tuple[datetime, str] | None = None,
) -> Iterator[Outside]:
    now = app.clock.now()
    hours: dict[str, OpeningHours] = {}
    if space is not None:
        space_id = space.id
        hours[space.id] = centre.opening_hours(space)
    for booking in app.bookings.standing_to_come(centre.id, space_id, now, after):
        if booking.space_id not in hours:
            its_space = app.centres.space(booking.space_id)
            hours[booking.space_id] = centre.opening_hours(its_space)
        found = outside(booking, hours[booking.space_id], now)
        if found is not None:
            yield found


def _shown(app: App, found: Sequence[Outside]) -> list[Shown]:
    bookings = app.bookings.get_all_for_view([each.id for each in found])
    return [(each, bookings[each.id]) for each in found]


def resolve(app: App, call: Call, command: ResolveOutside) -> tuple[Centre, Found, Refused]:
    """Cancel, move or leave bookings outside the hours, each in a transaction of its own, with
    notice. What was done stays done when a later one is refused. The first decision raises the
    version of the centre, so that of two who decide at once one has to look again.

    Returns:
        the centre, what lies outside its hours now, and what could not be helped so.

    Raises:
        errors.NotFound: there is no such centre.
        errors.Unauthenticated, errors.Forbidden: for anybody but staff of the centre.
        errors.Stale: the centre is not at the expected version any more.
    """
    centre = app.centres.centre(command.id)
    authorisation.check_works_at(call.caller, centre.id)
    if centre.version != command.expected_version:
        raise errors.Stale()
    ids = command.booking_ids
    if ids is None:
        waiting = (each.id for each in _each(app, centre) if each.decision is Decision.WAITING)
        ids = tuple(islice(waiting, MOST_RESOLVED))
    expected: int | None = command.expected_version
    refused: Refused = []
    for booking_id in ids:
        try:
            _decide(app, call, command, booking_id, expected)
            expected = None
        except (errors.Conflict, errors.NotFound, errors.Invalid, errors.Forbidden) as refusal:
            refused.append({"booking_id": booking_id, "code": refusal.code})
    centre = app.centres.centre(command.id)
    return centre, of_centre(app, centre), refused


def _decide(
    app: App, call: Call, command: ResolveOutside, booking_id: str, expected: int | None
) -> None:
    """Args:
    expected: the version of the centre; ``None`` after the first decision, which has raised it.
    """

    def deciding(work: Callable[[Session], None]) -> Callable[[Session], None]:
        def decide(session: Session) -> None:
            if expected is not None:
                app.centres.raise_version(session, command.id, expected)
            work(session)

        return decide

    if command.action == "move":
        booking = app.bookings.get(booking_id)

        def moving(space_id: str, period: Period) -> Callable[[Session], None]:
            return deciding(partial(_move, app, call, command, booking_id, space_id, period))

        displaced_bookings.move_to_place(app, booking, command.space_id, command.starts_at, moving)
        return
    work = _cancel if command.action == "cancel" else _leave
    app.database.transact(deciding(partial(work, app, call, command, booking_id)))


def _cancel(
    app: App, call: Call, command: ResolveOutside, booking_id: str, session: Session
) -> None:
    before, _ = _outside(app, session, command, booking_id)
    displaced_bookings.call_off_for_centre(app, call, session, before, *_reasons(app, command))


def _move(
    app: App,
    call: Call,
    command: ResolveOutside,
    booking_id: str,
    space_id: str,
    period: Period,
    session: Session,
) -> None:
    before, _ = _outside(app, session, command, booking_id)
    reason, reasons = _reasons(app, command)
    reschedule(app, call, session, before, space_id, period, {}, reason=reason, reasons=reasons)


def _leave(
    app: App, call: Call, command: ResolveOutside, booking_id: str, session: Session
) -> None:
    before, found = _outside(app, session, command, booking_id)
    reason, reasons = _reasons(app, command)
    now = app.clock.now()
    after = before.left_outside(found.open_parts, by=call.caller.id, reason=reason, now=now)
    save_booking(app, session, before, after)
    place = space_and_centre(app, after.space_id, session)
    data = reason_data(reason, reasons)
    record_booking_event(
        app, call.caller, session, events.BOOKING_LEFT_OUTSIDE, after, place, **data
    )


def _outside(
    app: App, session: Session, command: ResolveOutside, booking_id: str
) -> tuple[Booking, Outside]:
    """Raises:
    errors.Conflict: ``bookings.not_outside_hours``.
    errors.NotFound: there is no such booking.
    """
    booking = app.bookings.get(booking_id, session)
    space, centre = space_and_centre(app, booking.space_id, session)
    found = outside(booking, centre.opening_hours(space), app.clock.now())
    if found is None or centre.id != command.id:
        raise NOT_OUTSIDE_HOURS()
    return booking, found


def _reasons(app: App, command: ResolveOutside) -> tuple[str | None, Mapping[str, str] | None]:
    """Why, as one text and in each language: what staff say, else that the hours have changed."""
    said = command.reason
    if isinstance(said, str):
        return said, None
    key = "withdrawn.outside_hours"
    texts = said or {each: app.texts.text(key, each) for each in app.texts.languages}
    return texts["ar"], texts
