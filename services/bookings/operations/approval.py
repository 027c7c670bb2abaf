"""Approval: which spaces need it, and what the front desk decides."""

from __future__ import annotations

from services.bookings.app import App
from services.bookings.domain import permissions, rules
from services.bookings.domain.booking import Booking
from services.bookings.domain.centre import Space
from services.bookings.domain.outside_hours import Decision, outside
from services.bookings.schemas.approval import ApproveBooking, RejectBooking, SetSpaceApproval
from services.bookings.steps import budget_use
from services.bookings.steps.alternatives import (
    WantedBooking,
    helpable_refusal,
    offering_alternatives,
)
from services.bookings.steps.booking_events import record_booking_event
from services.bookings.steps.closure_checks import check_not_closed
from services.bookings.steps.holds import check_not_over
from services.bookings.steps.reservation import space_and_centre
from services.bookings.steps.save_booking import save_booking
from services.common import errors
from services.common.context import Call
from services.common.contracts.bookings import events
from services.common.history.steps import record_change
from services.common.storage.mongo import Session


def set_for_space(app: App, call: Call, command: SetSpaceApproval) -> Space:
    """Have the front desk decide on bookings of a space from now on, or not.

    Bookings made before stay as they are.

    Raises:
        errors.Unauthenticated, errors.Forbidden: for anybody but a manager.
        errors.NotFound: if there is no such space.
        errors.Stale: the space is not at the expected version any more.
    """
    permissions.check_may_set_up(call.caller)

    def decide(session: Session) -> Space:
        before = app.centres.space(command.id, session)
        if before.version != command.expected_version:
            raise errors.Stale()
        if before.needs_approval == command.needs_approval:
            return before
        after = before.needing_approval(command.needs_approval)
        app.centres.save_space(session, after, before.version)
        app.outbox.record(
            session,
            events.SPACE_APPROVAL_CHANGED,
            subject=after.id,
            version=after.version,
            data={
                "space_id": after.id,
                "centre_id": after.centre_id,
                "version": after.version,
                "needs_approval": after.needs_approval,
            },
            caller=call.caller,
        )
        was = before.facts
        record_change(app, call.caller, session, after, was, after.facts)
        return after

    return app.database.transact(decide)


def approve(app: App, call: Call, command: ApproveBooking) -> Booking:
    """Grant a request. All that may have changed since is looked at again; its time is its own.

    Raises:
        errors.NotFound, errors.Forbidden: the caller is not staff of the centre.
        errors.Stale: the booking is not at the expected version any more.
        errors.Conflict: it is not pending, too late, or against a rule by now.
    """

    def say_yes(session: Session) -> Booking:
        before = _load(app, call, command.id, command.expected_version, session)
        now = app.clock.now()
        after = before.approved(by=call.caller.id, now=now)
        space, centre = space_and_centre(app, before.space_id, session)
        wanted = WantedBooking(
            space=space,
            centre=centre,
            period=before.period,
            people=before.people,
            caller=call.caller,
            organisation_id=before.organisation_id,
            equipment=before.equipment,
            before=before,
        )
        with helpable_refusal(wanted):
            found = outside(before, centre.opening_hours(space), now)
            left = found is not None and found.decision is Decision.LEFT
            rules.check_time(space, centre, before.period, now, any_hour=left)
            rules.check_people(space, before.people)
            check_not_closed(app, session, before)
        check_not_over(app, before)
        app.organisations.check_still_may(session, before.owner)
        budget_use.check_again(app, call, session, before)
        save_booking(app, session, before, after)
        record_booking_event(
            app, call.caller, session, events.BOOKING_CONFIRMED, after, (space, centre)
        )
        return after

    with offering_alternatives(app):
        return app.database.transact(say_yes)


def reject(app: App, call: Call, command: RejectBooking) -> Booking:
    """Turn a request down, with a reason; its time is free at once.

    Raises:
        errors.NotFound, errors.Forbidden: the caller is not staff of the centre.
        errors.Stale: the booking is not at the expected version any more.
        errors.Conflict: it is not pending.
    """

    def say_no(session: Session) -> Booking:
        before = _load(app, call, command.id, command.expected_version, session)
        after = before.rejected(by=call.caller.id, reason=command.reason, now=app.clock.now())
        save_booking(app, session, before, after)
        place = space_and_centre(app, after.space_id, session)
        data = {"reason": command.reason}
        record_booking_event(
            app, call.caller, session, events.BOOKING_REJECTED, after, place, **data
        )
        return after

    return app.database.transact(say_no)


def _load(
    app: App, call: Call, booking_id: str, expected_version: int, session: Session
) -> Booking:
    booking = app.bookings.get(booking_id, session)
    permissions.check_may_decide(call.caller, booking)
    if booking.version != expected_version:
        raise errors.Stale()
    return booking
