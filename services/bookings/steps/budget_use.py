"""What a booking counts in its organisation's weeks, and whether the limits cover it."""

from __future__ import annotations

from dataclasses import replace

from services.bookings.app import App
from services.bookings.domain.booking import Booking
from services.bookings.domain.budgets import (
    NO_LIMITS,
    UNLIMITED,
    Amount,
    Charge,
    Limits,
    WeekUse,
    differences,
    total,
)
from services.common.context import Call
from services.common.contracts.bookings.errors import BUDGET_EXCEEDED
from services.common.errors import MasahaError
from services.common.storage.mongo import Session
from services.common.time.weeks import first_day


def limits_of(app: App, session: Session, organisation_id: str | None) -> Limits:
    """The limits that hold for an organisation, grants apart; none for the centre's own use."""
    if organisation_id is None:
        return NO_LIMITS
    return app.budgets.in_force(organisation_id, session).limits(app.weekly_limits)


def settle(
    app: App,
    session: Session,
    before: Booking | None,
    after: Booking,
    limits: Limits | None = None,
) -> Booking:
    """Count what a change adds to its organisation's weeks, and give back what it leaves.

    Where time is taken under a limit, what has not been counted in these weeks is counted first: it
    was booked while there was no limit. Another transaction that does the same writes the same
    counter, so that one of them is done again. Without a limit no counter is touched.

    Returns:
        the booking that is to be stored.

    Raises:
        errors.Conflict: ``bookings.budget_exceeded``; says what is left.
    """
    counted = before.charge if before else None
    if before is not None and before.counts and counted is None:
        # This transaction may have counted it since it was read, beside another booking.
        counted = app.budgets.marked(session, before.id)
        if after.counts and after.charge is None:
            after = replace(after, charge=counted)
    if after.charge is None or after.charge == counted:
        for week, amount in differences(counted, after.charge).items():
            app.budgets.add(session, after.owner, week, amount)
        return after
    _charge(app, session, before.counts if before else None, after, after.charge, limits)
    return after


def _charge(
    app: App,
    session: Session,
    was: Charge | None,
    after: Booking,
    charge: Charge,
    limits: Limits | None,
) -> None:
    organisation_id = after.owner
    limits = limits or limits_of(app, session, organisation_id)
    changes = differences(was, charge)
    for week in sorted({charge.week, *changes}):
        change = changes.get(week, Amount())
        uncounted = app.budgets.uncounted(session, organisation_id, week)
        earlier = total(uncounted.values())
        if charge.beyond or not change.grows:
            if earlier + change != Amount():
                app.budgets.add(session, organisation_id, week, earlier + change)
        elif not app.budgets.add_within(
            session, organisation_id, week, change, limits.amount, earlier
        ):
            raise _exceeded(week, limits, use_of(app, session, organisation_id, week))
        app.budgets.mark_counted(session, uncounted)


def use_of(app: App, session: Session, organisation_id: str, week: str) -> WeekUse:
    """What the organisation has used of the week, counted or not, and was granted on top."""
    use = app.budgets.week(organisation_id, week, session)
    uncounted = app.budgets.uncounted(session, organisation_id, week)
    return replace(use, used=use.used + total(uncounted.values()))


def check_left(
    app: App,
    session: Session,
    organisation_id: str,
    before: Charge | None,
    after: Charge,
    limits: Limits,
) -> None:
    """Whether a change would be covered, without counting it: for callers that must know before
    anything is written. What is counted at last, :func:`settle` alone decides.

    Args:
        before: what the booking counts as it is (``Booking.counts``).

    Raises:
        errors.Conflict: ``bookings.budget_exceeded``.
    """
    for week, amount in differences(before, after).items():
        if not amount.grows:
            continue
        use = use_of(app, session, organisation_id, week)
        left = use.left(limits)
        if (amount.minutes > 0 and amount.minutes > left.minutes) or (
            amount.bookings > 0 and amount.bookings > left.bookings
        ):
            raise _exceeded(week, limits, use)


def check_again(app: App, call: Call, session: Session, booking: Booking) -> None:
    """Whether a request is still within the limits, which may have changed since it was made.

    A manager's approval is beyond the limits' reach.

    Raises:
        errors.Conflict: ``bookings.budget_exceeded``.
    """
    charge = booking.counts
    if charge is None or charge.beyond or call.caller.is_manager():
        return
    limits = limits_of(app, session, booking.owner)
    if limits.none:
        return
    use = use_of(app, session, booking.owner, charge.week)
    allowed = limits.amount + use.granted
    if use.used.minutes > allowed.minutes or use.used.bookings > allowed.bookings:
        raise _exceeded(charge.week, limits, use)


def _exceeded(week: str, limits: Limits, use: WeekUse) -> MasahaError:
    left = use.left(limits)
    hours = left.minutes / 60
    hours = int(hours) if hours.is_integer() else hours
    return BUDGET_EXCEEDED(
        starts_on=first_day(week).isoformat(),
        hours_left=hours if limits.hours < UNLIMITED else None,
        bookings_left=left.bookings if limits.bookings < UNLIMITED else None,
        extra={"week": week},
    )
