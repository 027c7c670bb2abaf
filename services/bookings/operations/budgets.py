"""Fair use: what an organisation's people share in a week, and who may change it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict, replace

from services.bookings.app import App
from services.bookings.domain import permissions
from services.bookings.domain.booking import Booking
from services.bookings.domain.budgets import (
    NO_LIMITS,
    UNLIMITED,
    Amount,
    Budget,
    Charge,
    Discrepancy,
    Grant,
    Limits,
    Standing,
    WeekStanding,
    WeekUse,
    differences,
    total,
)
from services.bookings.domain.rules import bookable
from services.bookings.operations.offer_checks import schedule_offer_check
from services.bookings.schemas.budgets import BudgetOfWeek, GrantBudget, SetBudget
from services.bookings.steps.organisation_checks import check_known, check_may_use
from services.bookings.steps.releases import budget_freed
from services.bookings.store.budgets import grant_document, grant_of
from services.common import errors
from services.common.context import Call
from services.common.contracts.bookings import events
from services.common.contracts.bookings.errors import BUDGET_EXCEEDED
from services.common.errors import FieldError, MasahaError
from services.common.storage.idempotency import Request
from services.common.storage.mongo import Session
from services.common.time.weeks import first_day, is_week, surrounding_period, week_of

# -- what a booking counts ----------------------------------------------------------------------


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
        app.budgets.mark(session, uncounted)


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
    """Whether a change would be covered, without counting it: for whoever must know before anything
    is written. What is counted at last, :func:`settle` alone decides.

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


# -- what people do with budgets ----------------------------------------------------------------


def get(app: App, call: Call, organisation_id: str) -> Standing:
    """The limits of an organisation.

    Raises:
        errors.NotFound: for people outside it who are no staff.
    """
    permissions.check_may_see_budget(call.caller, organisation_id)
    budget = app.budgets.get(organisation_id)
    return Standing(budget, budget.limits(app.weekly_limits), app.budgets.conduct(organisation_id))


def get_week(app: App, call: Call, query: BudgetOfWeek) -> WeekStanding:
    """What an organisation has used of a week and has left; of this week if none is named.

    Raises:
        errors.NotFound: as :func:`get`.
        errors.Invalid: there is no such week.
    """
    permissions.check_may_see_budget(call.caller, query.organisation_id)
    week = query.week or _this_week(app)
    _check_week(week)

    def look(session: Session) -> WeekStanding:
        return WeekStanding(
            query.organisation_id,
            week,
            limits_of(app, session, query.organisation_id),
            use_of(app, session, query.organisation_id, week),
            app.budgets.grants(query.organisation_id, week, session),
        )

    return app.database.transact(look)


def set_limits(app: App, call: Call, command: SetBudget) -> Standing:
    """Give an organisation limits of its own. Bookings made before stay as they are, and count.

    Returns when nobody books by the old limits any more: no booking that is asked for later passes
    the new ones.

    Raises:
        errors.Forbidden: for anybody but a manager.
        errors.Invalid: ``bookings.unknown_organisation``.
        errors.Stale: the budget is not at the expected version any more.
        errors.Unavailable: somebody may still book by the old limits; asked again, it waits again.
    """
    permissions.check_may_set_budget(call.caller, command.organisation_id)

    def limit(session: Session) -> Budget:
        check_known(app, session, command.organisation_id)
        before = app.budgets.get(command.organisation_id, session)
        if before.version != command.expected_version:
            raise errors.Stale()
        if (before.hours, before.bookings) == (command.hours, command.bookings):
            return before
        after = before.limited_to(hours=command.hours, bookings=command.bookings)
        app.budgets.save(session, after, before.version)
        app.outbox.record(
            session,
            events.BUDGET_CHANGED,
            subject=after.organisation_id,
            version=after.version,
            data={
                "organisation_id": after.organisation_id,
                "version": after.version,
                "hours": after.hours,
                "bookings": after.bookings,
                "changed_by": call.caller.id,
            },
            caller=call.caller,
        )
        cause = f"{after.organisation_id}@{after.version}"
        if before.limits(app.weekly_limits).allow_more_than(after.limits(app.weekly_limits)):
            schedule_offer_check(app, session, cause, organisation_id=after.organisation_id)
        if after.limits(app.weekly_limits).allow_more_than(before.limits(app.weekly_limits)):
            budget_freed(app, session, after.organisation_id, bookable(app.clock.now()), cause)
        return after

    budget = app.database.transact(limit)
    app.budgets.await_readers()
    conduct = app.budgets.conduct(command.organisation_id)
    return Standing(budget, budget.limits(app.weekly_limits), conduct)


def grant(app: App, call: Call, command: GrantBudget) -> Grant:
    """Let an organisation book more in one week; the same key gives the same grant again.

    Raises:
        errors.Forbidden: for anybody but a manager.
        errors.Invalid: there is no such week, or ``bookings.unknown_organisation``.
        errors.Conflict: ``bookings.organisation_not_approved``.
    """
    permissions.check_may_set_budget(call.caller, command.organisation_id)
    _check_week(command.week)
    request = Request.of(call, "bookings.grant_budget", asdict(command))

    def give(session: Session) -> Grant:
        check_may_use(app, call, session, command.organisation_id)
        before = app.budgets.get(command.organisation_id, session)
        after = before.granted()
        granted = Grant(
            id=app.new_id(),
            organisation_id=command.organisation_id,
            week=command.week,
            hours=command.hours,
            bookings=command.bookings,
            reason=command.reason,
            granted_by=call.caller.id,
            granted_at=app.clock.now(),
        )
        app.budgets.save(session, after, before.version)
        app.budgets.grant(session, granted)
        app.outbox.record(
            session,
            events.BUDGET_GRANTED,
            subject=after.organisation_id,
            version=after.version,
            data={
                "grant_id": granted.id,
                "organisation_id": granted.organisation_id,
                "version": after.version,
                "week": granted.week,
                "hours": granted.hours,
                "bookings": granted.bookings,
                "reason": granted.reason,
                "changed_by": granted.granted_by,
            },
            caller=call.caller,
        )
        budget_freed(
            app, session, granted.organisation_id, surrounding_period(granted.week), granted.id
        )
        return granted

    return app.keys.once(request, give, save=grant_document, load=grant_of)


def _this_week(app: App) -> str:
    zones = [centre.time_zone for centre in app.centres.centres()]
    return week_of(app.clock.now(), zones[0] if zones else "UTC")


def _check_week(week: str) -> None:
    if not is_week(week):
        raise errors.Invalid(errors=[FieldError("/week", "week")])


# -- bookkeeping --------------------------------------------------------------------------------


def reconcile(app: App) -> list[Discrepancy]:
    """Hold every counter against the bookings themselves, all of one moment.

    What a booking counts is worked out anew from its time; that it is counted at all is the mark
    it carries. Reads every booking that is counted: for an operator (``reconcile.py``), not for a
    request.
    """

    def compare(session: Session) -> list[Discrepancy]:
        booked: defaultdict[tuple[str, str], Amount] = defaultdict(Amount)
        for organisation_id, period, zone in app.bookings.counted(session):
            charge = Charge.of(period, zone)
            booked[organisation_id, charge.week] += Amount(charge.minutes, 1)
        counted = {(who, week): used for who, week, used in app.budgets.weeks(session)}
        return [
            Discrepancy(*key, counted.get(key, Amount()), booked.get(key, Amount()))
            for key in sorted(booked.keys() | counted.keys())
            if counted.get(key, Amount()) != booked.get(key, Amount())
        ]

    return app.database.transact(compare)
