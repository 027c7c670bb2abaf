"""Calendar feeds behind secret links.

A calendar program signs in nowhere: it has the link, and nothing else. The gateway asks whose link
it is and calls for that person with the rights that they have *now*; what they may not see any more
is not in the feed any more.
"""

from __future__ import annotations

from dataclasses import asdict

from services.bookings.app import App
from services.bookings.domain.booking import Booking
from services.bookings.domain.calendars import MOST_CALENDARS, STATUS, Calendar, Kind, title
from services.bookings.schemas.calendars import CreateCalendar, Feed
from services.bookings.store.calendars import (
    at_centre,
    in_spaces,
    of_person,
)
from services.common import authorisation, errors
from services.common.calendars import CalendarEntry, event_uid, write_feed
from services.common.context import Call
from services.common.contracts.bookings.errors import NO_SUCH_CALENDAR, TOO_MANY_CALENDARS
from services.common.errors import FieldError
from services.common.languages import in_language
from services.common.links import hashed
from services.common.storage.idempotency import Request
from services.common.storage.mongo import Document, Session


def create(app: App, call: Call, command: CreateCalendar) -> tuple[Calendar, str]:
    """Make a link to a feed; the same key gives the same link again.

    Returns:
        The calendar and the secret of its link, which is not kept.

    Raises:
        errors.Unauthenticated, errors.Forbidden: for a visitor, or a service account.
        errors.Invalid: there is no such space or centre; or it is the own calendar of another
            person.
        errors.Conflict: ``bookings.too_many_calendars``.
        errors.KeyReused: the key came with another request before.
    """
    _check_is_person(call)
    request = Request.of(call, "bookings.create_calendar", asdict(command))

    def make(session: Session) -> Calendar:
        calendar_id = app.new_id()
        calendar = Calendar(
            id=calendar_id,
            owner_id=call.caller.id,
            kind=command.kind,
            subject_id=_subject(app, call, command, session),
            token_hash=hashed(app.links.calendar_token(calendar_id)),
            created_at=app.clock.now(),
        )
        if not app.calendars.add_link(session, calendar, MOST_CALENDARS):
            raise TOO_MANY_CALENDARS(most=MOST_CALENDARS)
        return calendar

    calendar = app.keys.once(
        request, make, save=app.calendars.document_of, load=app.calendars.aggregate_of
    )
    return calendar, app.links.calendar_token(calendar.id)


def find(app: App, call: Call) -> list[Calendar]:
    """The caller's own links.

    Raises:
        errors.Unauthenticated, errors.Forbidden: as :func:`create`.
    """
    _check_is_person(call)
    return app.calendars.of_owner(call.caller.id)


def delete(app: App, call: Call, calendar_id: str) -> None:
    """Make a link void, at once.

    Raises:
        errors.NotFound: if the caller has no such link.
    """
    _check_is_person(call)
    app.database.transact(
        lambda session: app.calendars.remove(session, call.caller.id, calendar_id)
    )


def owner(app: App, token: str) -> Calendar:
    """The calendar behind a link: of what it is, and whose.

    Raises:
        errors.NotFound: if it is nobody's.
    """
    return app.calendars.by_token(hashed(token))


def feed(app: App, call: Call, query: Feed) -> str:
    """The feed behind a link, as its owner may see it now.

    Raises:
        errors.NotFound: if there is no such link, or the caller is not its owner.
    """
    calendar = app.calendars.by_token(hashed(query.token))
    if calendar.owner_id != call.caller.id:
        raise errors.NotFound()
    centres = {centre.id: centre for centre in app.centres.centres()}
    spaces = {space.id: space for space in app.centres.spaces(retired=True)}
    invited_to = frozenset(app.invitations.meetings_of(call.caller.organisations))
    which: list[Document]
    if calendar.kind is Kind.PERSON:
        name = app.texts.text("calendar.mine", query.language)
        which = of_person(call.caller.id, call.caller.organisations, invited_to)
    elif calendar.kind is Kind.CENTRE:
        name = in_language(centres[calendar.subject_id].name, query.language)
        which = [at_centre(calendar.subject_id)]
    else:
        space = spaces[calendar.subject_id]
        name = in_language(space.name, query.language)
        # A hall is taken when a part of it is, and a part when the hall is.
        shared = [each.id for each in spaces.values() if set(each.leaves) & set(space.leaves)]
        which = [in_spaces(shared)]

    def location(space_id: str, centre_id: str) -> str:
        names = {
            "space": in_language(spaces[space_id].name, query.language),
            "centre": in_language(centres[centre_id].name, query.language),
        }
        return app.texts.text("calendar.place", query.language, names)

    def shown(booking: Booking) -> CalendarEntry:
        return CalendarEntry(
            uid=event_uid(booking.id),
            sequence=booking.version - 1,
            status=STATUS[booking.status],
            starts_at=booking.period.starts_at,
            ends_at=booking.period.ends_at,
            title=title(booking, call.caller, invited_to)
            or app.texts.text("calendar.busy", query.language),
            place=location(booking.space_id, booking.centre_id),
            changed_at=booking.updated_at,
            created_at=booking.created_at,
        )

    return write_feed(
        app.texts.text("calendar.name", query.language, {"name": name}),
        map(shown, app.calendars.bookings(which, app.clock.now())),
        zone=next(iter(centres.values())).time_zone,
        language=query.language,
    )


def _subject(app: App, call: Call, command: CreateCalendar, session: Session) -> str:
    refusal = NO_SUCH_CALENDAR(errors=[FieldError("/id", NO_SUCH_CALENDAR.code)])
    if command.kind is Kind.PERSON:
        if command.subject_id not in (None, call.caller.id):
            raise refusal
        return call.caller.id
    if command.subject_id is None:
        raise refusal
    look_up = app.centres.space if command.kind is Kind.SPACE else app.centres.centre
    try:
        return look_up(command.subject_id, session).id
    except errors.NotFound as error:
        raise refusal from error


def _check_is_person(call: Call) -> None:
    authorisation.check_signed_in(call.caller)
    if call.caller.kind != "person":
        raise errors.Forbidden()
