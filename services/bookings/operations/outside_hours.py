"""Bookings that lie outside the hours since a manager has changed them: found, and decided upon."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from services.bookings.app import App
from services.bookings.domain.booking import Booking
from services.bookings.domain.centre import Centre, Space
from services.bookings.domain.outside_hours import Outside, outside, waiting
from services.bookings.operations import resolving
from services.bookings.operations.bookings import reschedule
from services.bookings.operations.facts import why
from services.bookings.operations.keeping import keep
from services.bookings.operations.placing import place_of
from services.bookings.operations.telling import tell
from services.bookings.schemas.outside_hours import ListOutside, ResolveOutside
from services.common import authorisation, errors
from services.common.context import Call
from services.common.contracts.bookings import events
from services.common.contracts.bookings.closures import MOST_RESOLVED
from services.common.contracts.bookings.errors import NOT_OUTSIDE_HOURS
from services.common.storage.mongo import Session
from services.common.time.period import Period

Refused = list[dict[str, str]]


def of_centre(app: App, centre: Centre, space: Space | None = None) -> list[Outside]:
    """The bookings to come that lie outside the hours of a centre and its spaces, by start.

    Args:
        centre, space: with their hours, which need not be in force.
        space: this one alone; ``None`` for all.
    """
    now = app.clock.now()
    found = app.bookings.to_come_at(centre.id, space.id if space else None, now)
    spaces = {each: app.centres.space(each) for each in {booking.space_id for booking in found}}
    if space is not None:
        spaces[space.id] = space
    hours = {each.id: centre.opening_hours(each) for each in spaces.values()}
    every = (outside(booking, hours[booking.space_id], now) for booking in found)
    return [each for each in every if each is not None]


def of_space(app: App, space: Space) -> list[Outside]:
    """As :func:`of_centre`, of one space with its own hours, which need not be in force."""
    return of_centre(app, app.centres.centre(space.centre_id), space)


def find(app: App, call: Call, query: ListOutside) -> list[Outside]:
    """The bookings outside the hours of a centre by start, one more than a page where there are
    more.

    Raises:
        errors.NotFound: there is no such centre.
        errors.Unauthenticated, errors.Forbidden: for anybody but staff of the centre.
    """
    centre = app.centres.centre(query.centre_id)
    authorisation.check_works_at(call.caller, centre.id)
    found = [
        each
        for each in of_centre(app, centre)
        if query.space_id in (None, each.booking.space_id)
        and query.decision in (None, each.decision.value)
        and (query.after is None or (each.period.starts_at, each.id) > query.after)
    ]
    return found[: query.limit + 1]


def resolve(app: App, call: Call, command: ResolveOutside) -> tuple[Centre, list[Outside], Refused]:
    """Cancel, move or leave bookings outside the hours, each in a transaction of its own, with
    notice. What was done stays done when a later one is refused.

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
        ids = tuple(each.id for each in waiting(of_centre(app, centre))[:MOST_RESOLVED])
    refused: Refused = []
    for booking_id in ids:
        try:
            _decide(app, call, command, booking_id)
        except (errors.Conflict, errors.NotFound, errors.Invalid, errors.Forbidden) as refusal:
            refused.append({"booking_id": booking_id, "code": refusal.code})
    return centre, of_centre(app, centre), refused


def _decide(app: App, call: Call, command: ResolveOutside, booking_id: str) -> None:
    if command.action == "move":
        booking = app.bookings.get(booking_id)
        moving = partial(_moving, app, call, command, booking_id)
        resolving.move_to_place(app, booking, command.space_id, command.starts_at, moving)
        return
    work = _cancel if command.action == "cancel" else _leave
    app.database.transact(lambda session: work(app, call, session, command, booking_id))


def _cancel(
    app: App, call: Call, session: Session, command: ResolveOutside, booking_id: str
) -> None:
    before = _outside(app, session, command, booking_id).booking
    resolving.call_off_for_centre(app, call, session, before, *_reasons(app, command))


def _moving(
    app: App, call: Call, command: ResolveOutside, booking_id: str, space_id: str, period: Period
) -> Callable[[Session], None]:
    def work(session: Session) -> None:
        before = _outside(app, session, command, booking_id).booking
        reason, reasons = _reasons(app, command)
        reschedule(app, call, session, before, space_id, period, {}, reason=reason, reasons=reasons)

    return work


def _leave(
    app: App, call: Call, session: Session, command: ResolveOutside, booking_id: str
) -> None:
    found = _outside(app, session, command, booking_id)
    before: Booking = found.booking
    reason, reasons = _reasons(app, command)
    now = app.clock.now()
    after = before.left_outside(found.open_parts, by=call.caller.id, reason=reason, now=now)
    keep(app, session, before, after)
    place = place_of(app, after.space_id, session)
    told = why(reason, reasons)
    tell(app, call.caller, session, events.BOOKING_LEFT_OUTSIDE, after, place, **told)


def _outside(app: App, session: Session, command: ResolveOutside, booking_id: str) -> Outside:
    """Raises:
    errors.Conflict: ``bookings.not_outside_hours``.
    errors.NotFound: there is no such booking.
    """
    booking = app.bookings.get(booking_id, session)
    space, centre = place_of(app, booking.space_id, session)
    found = outside(booking, centre.opening_hours(space), app.clock.now())
    if found is None or centre.id != command.id:
        raise NOT_OUTSIDE_HOURS()
    return found


def _reasons(app: App, command: ResolveOutside) -> tuple[str | None, Mapping[str, str] | None]:
    """Why, as one text and in each language: what staff say, else that the hours have changed."""
    said = command.reason
    if isinstance(said, str):
        return said, None
    key = "withdrawn.outside_hours"
    texts = said or {each: app.texts.text(key, each) for each in app.texts.languages}
    return texts["ar"], texts
