"""What people do with bookings."""

from __future__ import annotations

from dataclasses import asdict, replace

from services.bookings.app import App
from services.bookings.domain import permissions, rules
from services.bookings.domain.booking import Booking
from services.bookings.domain.booking_details import details_of
from services.bookings.domain.booking_states import CODE_IS_OF_USE, Status
from services.bookings.operations.ending import change_end
from services.bookings.schemas.bookings import (
    CancelBooking,
    ChangeBooking,
    CreateBooking,
    ListBookings,
)
from services.bookings.steps.alternatives import (
    offering_alternatives,
)
from services.bookings.steps.booking_changes import (
    call_off,
    change_details,
    reschedule,
)
from services.bookings.steps.reservation import (
    ReservationRequest,
    check_may_book,
    load_context,
    reserve,
)
from services.bookings.steps.waitlist_entries import decline_held
from services.bookings.store.booking_documents import answer_of, booking_of
from services.common import authorisation, errors
from services.common.context import Call
from services.common.errors import FieldError
from services.common.history.changes import Change
from services.common.lists import one_more
from services.common.storage.idempotency import Request
from services.common.storage.mongo import Session
from services.common.time.period import Period


def create(app: App, call: Call, command: CreateBooking) -> Booking:
    """Book a space for an organisation; the same key gives the same booking again.

    Raises:
        errors.Invalid: unknown space or organisation, or a period of an impossible shape.
        errors.Forbidden: ``bookings.not_of_organisation``.
        errors.Conflict: the space is taken, closed or too small; alternatives are offered. Or the
            organisation is not approved.
        errors.KeyReused: the key came with another request before.
    """
    check_may_book(app, call, command.organisation_id, command.space_id)
    request = Request.of(call, "bookings.create_booking", asdict(command))

    def book(session: Session) -> Booking:
        rules.check_shape(command.period)
        wanted = (command.space_id, command.organisation_id)
        space, centre, party = load_context(app, call, session, *wanted)
        requested = ReservationRequest(
            space=space,
            centre=centre,
            party=party,
            period=command.period,
            **details_of(command),
            beyond_budget=command.beyond_budget,
            equipment=command.equipment,
        )
        return reserve(app, call, session, requested)

    with offering_alternatives(app):
        booking = app.keys.once(request, book, save=answer_of, load=booking_of, look_first=False)
    return booking if booking.door_code is not None else _with_door_code(app, call, booking)


def get(app: App, call: Call, booking_id: str) -> Booking:
    """One booking.

    Raises:
        errors.NotFound: if there is none that the caller may know of.
    """
    booking = app.bookings.get_for_view(booking_id)
    authorisation.check_may_see(call.caller, booking)
    return booking


def find(app: App, call: Call, query: ListBookings) -> list[Booking]:
    """The bookings that the caller may see, one more than a page where there are more.

    Raises:
        errors.Unauthenticated: for a visitor.
    """
    authorisation.check_signed_in(call.caller)
    return app.bookings.find(
        visible=authorisation.visible_to(call.caller),
        filters=dict(query.filters),
        after=query.after,
        limit=one_more(query.limit),
    )


def history(app: App, call: Call, booking_id: str) -> tuple[Change, ...]:
    """Who changed what, when and why; oldest first.

    Raises:
        errors.NotFound: as :func:`get`.
    """
    booking = app.bookings.get(booking_id)
    authorisation.check_may_see(call.caller, booking)
    return booking.history


def change(app: App, call: Call, command: ChangeBooking) -> Booking:
    """Give a booking another time, space or equipment, or other details, all or nothing.

    Of a meeting that is going on only the end can be changed, see ``ending.py``. A request that
    changes nothing gives the booking as it is, without a new version.

    Raises:
        errors.NotFound, errors.Forbidden: the caller may not.
        errors.Stale: the booking is not at the expected version any more.
        errors.Conflict: ``bookings.of_request`` for the centre's own use, but for its room.
        errors.Invalid, errors.Conflict: as :func:`create`, for the new time and space. What an
            organisation has that was suspended since is called off, or stays as it is.
    """

    def rebook(session: Session) -> Booking:
        before = _load_for_change(app, call, command.id, command.expected_version, session)
        period = Period(
            command.starts_at or before.period.starts_at, command.ends_at or before.period.ends_at
        )
        moves = command.space_id not in (None, before.space_id) or period != before.period
        details = {k: v for k, v in command.details.items() if getattr(before, k) != v}
        same_start = (command.space_id or before.space_id, period.starts_at) == (
            before.space_id,
            before.period.starts_at,
        )
        if before.status is Status.CHECKED_IN and moves and same_start and not details:
            return change_end(app, call, session, before, period.ends_at)
        if (moves or details) and before.organisation_id is not None:
            app.organisations.check_still_may(session, before.organisation_id)
        if moves:
            return reschedule(app, call, session, before, command.space_id, period, details)
        if details:
            return change_details(app, call, session, before, details)
        return before

    with offering_alternatives(app):
        return app.database.transact(rebook)


def cancel(app: App, call: Call, command: CancelBooking) -> Booking:
    """Call a booking off; its time is free at once. Called off late by its own people, it is
    marked and counted, unless the centre has closed over it.

    Raises:
        errors.NotFound, errors.Forbidden: the caller may not.
        errors.Stale: the booking is not at the expected version any more.
        errors.Conflict: it is over, or was cancelled before.
        errors.Invalid: no reason is given for the centre's own use; its branch gets an event.
    """

    def work(session: Session) -> Booking:
        before = _load_for_change(app, call, command.id, command.expected_version, session)
        if before.own_use is not None and command.reason is None:
            raise errors.Invalid(errors=[FieldError("/reason", "required")])
        if before.status is Status.HELD:
            decline_held(app, call.caller, session, before)
        return call_off(app, call, session, before, command.reason)

    return app.database.transact(work)


def _with_door_code(app: App, call: Call, answer: Booking) -> Booking:
    """The answer of a key with the door code, which is not kept there: the booking's own, while it
    is of use, for those who may know it."""
    if not permissions.sees_door_code(call.caller, answer):
        return answer
    now = app.bookings.get(answer.id)
    return replace(answer, door_code=now.door_code) if now.status in CODE_IS_OF_USE else answer


def _load_for_change(
    app: App, call: Call, booking_id: str, expected_version: int, session: Session
) -> Booking:
    booking = app.bookings.get(booking_id, session)
    permissions.check_may_change(call.caller, booking)
    if booking.version != expected_version:
        raise errors.Stale()
    return booking
