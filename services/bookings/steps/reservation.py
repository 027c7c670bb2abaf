"""Placing a booking: the one way by which a time is taken, for every kind of booking.

Every operation that takes time (a booking, an occurrence of a series, an offer of the waitlist)
calls :func:`reserve`, so a rule that holds for every booking is written once, here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from services.bookings.app import App
from services.bookings.domain import permissions, rules
from services.bookings.domain.booking import Booking
from services.bookings.domain.booking_details import BookingDetails, details_of
from services.bookings.domain.booking_states import Status
from services.bookings.domain.budgets import NO_LIMITS, Charge, Limits
from services.bookings.domain.centre import Centre, Space
from services.bookings.domain.equipment import Need
from services.bookings.domain.new_booking import make_booking
from services.bookings.domain.own_use import OwnUse
from services.bookings.steps.alternatives import WantedBooking, helpable_refusal
from services.bookings.steps.booking_events import record_booking_event, reported_in
from services.bookings.steps.budget_use import limits_of
from services.bookings.steps.equipment_units import lock_stock, units_for
from services.bookings.steps.save_booking import save_booking
from services.common import authorisation, errors
from services.common.context import Call
from services.common.contracts.bookings import events
from services.common.contracts.bookings.errors import UNKNOWN_SPACE
from services.common.contracts.registry import EventType
from services.common.errors import FieldError
from services.common.storage.mongo import Session
from services.common.time.period import Period

_EVENT_OF_STATUS: dict[Status, EventType] = {
    Status.CONFIRMED: events.BOOKING_CONFIRMED,
    Status.PENDING: events.BOOKING_REQUESTED,
    Status.HELD: events.BOOKING_HELD,
}


@dataclass(frozen=True, slots=True)
class EligibleOrganisation:
    """Whom a time is taken for: an organisation that may use the centre, or the centre itself.

    Got from :func:`load_context` or :func:`eligible_organisation` alone, so that no time is taken
    for one that nobody has looked at; or :data:`CENTRE`.

    Attributes:
        organisation_id: ``None`` for the centre.
        limits: of its weeks, grants apart.
    """

    organisation_id: str | None
    limits: Limits


#: The centre itself, for its own use.
CENTRE = EligibleOrganisation(None, NO_LIMITS)


@dataclass(frozen=True, slots=True)
class ReservationRequest(BookingDetails):
    """What is to be booked, for whom.

    Attributes:
        hold_until: keep the time until then only; see ``holds.py``.
        beyond_budget: not limited by the organisation's budget; for managers.
        booked_by: whose booking it is, where that is not the caller.
        part_of: id of the series or waitlist entry whose own event informs people of this one too.
        own_use: the request that it is for, where it is for the centre itself; it names the party.
        still: whether the transaction holds the equipment still already, for several at once.
    """

    space: Space
    centre: Centre
    party: EligibleOrganisation
    period: Period
    series_id: str | None = None
    hold_until: datetime | None = None
    beyond_budget: bool = False
    booked_by: str | None = None
    part_of: str | None = None
    equipment: tuple[Need, ...] = ()
    still: bool = False
    own_use: OwnUse | None = None


def reserve(app: App, call: Call, session: Session, requested: ReservationRequest) -> Booking:
    """Take the time, and record the event; ``pending`` where the space needs the front desk's
    approval, ``held`` where the request says until when.

    Raises:
        errors.Invalid: a period of an impossible shape.
        HelpableConflict: taken, closed or too small; its caller adds alternatives, outside.
        errors.Conflict: the organisation's budget does not cover it.
        errors.Forbidden: to go beyond the budget without being a manager.
    """
    rules.check_shape(requested.period)
    if requested.beyond_budget:
        permissions.check_may_go_beyond_budget(call.caller)
    now = app.clock.now()
    limits = requested.party.limits
    charge = Charge.of(requested.period, requested.centre.time_zone, beyond=requested.beyond_budget)
    wanted = WantedBooking(
        space=requested.space,
        centre=requested.centre,
        period=requested.period,
        people=requested.people,
        caller=call.caller,
        organisation_id=requested.party.organisation_id,
        equipment=requested.equipment,
        beyond_budget=requested.beyond_budget,
    )
    with helpable_refusal(wanted):
        rules.check_time(requested.space, requested.centre, requested.period, now)
        rules.check_people(requested.space, requested.people)
        if not requested.still:
            lock_stock(app, session, requested.equipment)
        units = units_for(app, session, requested.space, requested.period, requested.equipment)
        booking = make_booking(
            id=app.new_id(),
            space=requested.space,
            organisation_id=requested.party.organisation_id,
            booked_by=requested.booked_by or call.caller.id,
            period=requested.period,
            time_zone=requested.centre.time_zone,
            **details_of(requested),
            series_id=requested.series_id,
            now=now,
            hold_until=requested.hold_until,
            door_code=None if requested.own_use else app.new_door_code(),
            charge=None if limits.none else charge,
            equipment=requested.equipment,
            units=units,
            own_use=requested.own_use,
        )
        save_booking(app, session, None, booking, limits, requested.centre)
    event_type = _EVENT_OF_STATUS[booking.status]
    record_booking_event(
        app,
        call.caller,
        session,
        event_type,
        booking,
        (requested.space, requested.centre),
        **reported_in(requested.part_of),
    )
    return booking


def check_may_book(app: App, call: Call, organisation_id: str, space_id: str) -> None:
    """Whether the caller may book the space for the organisation, before a key is looked at: what
    it has kept is for those who still may.

    The call itself identifies an organisation's own people and managers; for others the space is
    read.

    Raises:
        errors.Unauthenticated: for a visitor.
        errors.Forbidden: ``bookings.not_of_organisation``.
        errors.Invalid: ``bookings.unknown_space``.
    """
    authorisation.check_signed_in(call.caller)
    if call.caller.belongs_to(organisation_id) or call.caller.is_manager():
        return
    _, centre = space_and_centre(app, space_id)
    permissions.check_may_book(call.caller, organisation_id, centre.id)


def load_context(
    app: App, call: Call, session: Session, space_id: str, organisation_id: str
) -> tuple[Space, Centre, EligibleOrganisation]:
    """Where and for whom the caller wants to book, in one question to the database.

    Raises:
        errors.Unauthenticated: for a visitor.
        errors.Forbidden: ``bookings.not_of_organisation``.
        errors.Invalid: ``bookings.unknown_space``, ``bookings.unknown_organisation``.
        errors.Conflict: ``bookings.organisation_not_approved``.
    """
    try:
        found = app.booking_context.read(space_id, organisation_id, session)
    except errors.NotFound as error:
        raise _unknown_space() from error
    permissions.check_may_book(call.caller, organisation_id, found.centre.id)
    vouched = call.caller.belongs_to(organisation_id)
    app.organisations.check(found.organisation, vouched=vouched)
    party = EligibleOrganisation(organisation_id, found.budget.limits(app.weekly_limits))
    return found.space, found.centre, party


def eligible_organisation(app: App, session: Session, organisation_id: str) -> EligibleOrganisation:
    """For whom something is booked, or moved, that was accepted from the organisation before.

    Raises:
        errors.Conflict: ``bookings.organisation_not_approved``.
    """
    app.organisations.check_still_may(session, organisation_id)
    return EligibleOrganisation(organisation_id, limits_of(app, session, organisation_id))


def space_and_centre(
    app: App, space_id: str, session: Session | None = None
) -> tuple[Space, Centre]:
    """A space and its centre, as they are inside the transaction, if there is one.

    Raises:
        errors.Invalid: ``bookings.unknown_space``.
    """
    try:
        space = app.centres.space(space_id, session)
    except errors.NotFound as error:
        raise _unknown_space() from error
    return space, app.centres.centre(space.centre_id, session)


def spaces_and_centres(
    app: App, space_ids: Iterable[str], session: Session | None = None
) -> dict[str, tuple[Space, Centre]]:
    """Several spaces with their centres, as :func:`space_and_centre`."""
    return {space_id: space_and_centre(app, space_id, session) for space_id in space_ids}


def _unknown_space() -> errors.MasahaError:
    return UNKNOWN_SPACE(errors=[FieldError("/space_id", UNKNOWN_SPACE.code)])
