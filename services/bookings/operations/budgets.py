"""Fair use: what an organisation's people share in a week, and who may change it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict

from services.bookings.app import App
from services.bookings.domain import permissions
from services.bookings.domain.booking import Booking
from services.bookings.domain.budgets import (
    Amount,
    Budget,
    Charge,
    Discrepancy,
    Grant,
    Limits,
    Standing,
    WeekStanding,
    differences,
    is_week,
    week_of,
)
from services.bookings.schemas.budgets import BudgetOfWeek, GrantBudget, SetBudget
from services.bookings.store.budgets import grant_document, grant_of
from services.common import errors
from services.common.context import Call
from services.common.contracts.bookings import events
from services.common.contracts.bookings.errors import BUDGET_EXCEEDED
from services.common.errors import FieldError, MasahaError
from services.common.storage.idempotency import Request
from services.common.storage.mongo import Session

# -- what a booking counts ----------------------------------------------------------------------


def limits_of(app: App, session: Session, organisation_id: str) -> Limits:
    """The limits that hold for an organisation, grants apart."""
    return app.budgets.get(organisation_id, session).limits(app.weekly_limits)


def settle(
    app: App,
    session: Session,
    before: Booking | None,
    after: Booking,
    limits: Limits | None = None,
) -> None:
    """Count what a change adds to its organisation's weeks, and give back what it leaves.

    Raises:
        errors.Conflict: ``bookings.budget_exceeded``; says what is left.
    """
    beyond = after.charge is not None and after.charge.beyond
    organisation_id = after.organisation_id
    changes = differences(before.charge if before else None, after.charge)
    for week, amount in sorted(changes.items()):
        if beyond or (amount.minutes <= 0 and amount.bookings <= 0):
            app.budgets.add(session, organisation_id, week, amount)
            continue
        limits = limits or limits_of(app, session, organisation_id)
        if not app.budgets.add_within(session, organisation_id, week, amount, limits.amount):
            use = app.budgets.week(organisation_id, week, session)
            raise _exceeded(week, use.left(limits))


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

    Raises:
        errors.Conflict: ``bookings.budget_exceeded``.
    """
    for week, amount in differences(before, after).items():
        left = app.budgets.week(organisation_id, week, session).left(limits)
        if (amount.minutes > 0 and amount.minutes > left.minutes) or (
            amount.bookings > 0 and amount.bookings > left.bookings
        ):
            raise _exceeded(week, left)


def check_again(app: App, call: Call, session: Session, booking: Booking) -> None:
    """Whether a request that has been counted is still within the limits, which may have changed.

    A manager's approval is beyond the limits' reach.

    Raises:
        errors.Conflict: ``bookings.budget_exceeded``.
    """
    charge = booking.charge
    if charge is None or charge.beyond or call.caller.is_manager():
        return
    limits = limits_of(app, session, booking.organisation_id)
    use = app.budgets.week(booking.organisation_id, charge.week, session)
    allowed = limits.amount + use.granted
    if use.used.minutes > allowed.minutes or use.used.bookings > allowed.bookings:
        raise _exceeded(charge.week, use.left(limits))


def _exceeded(week: str, left: Amount) -> MasahaError:
    hours = left.minutes / 60
    return BUDGET_EXCEEDED(
        week=week,
        hours_left=int(hours) if hours.is_integer() else hours,
        bookings_left=left.bookings,
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
    budget = app.budgets.get(query.organisation_id)
    return WeekStanding(
        query.organisation_id,
        week,
        budget.limits(app.weekly_limits),
        app.budgets.week(query.organisation_id, week),
        app.budgets.grants(query.organisation_id, week),
    )


def set_limits(app: App, call: Call, command: SetBudget) -> Standing:
    """Give an organisation limits of its own. Bookings made before stay as they are.

    Raises:
        errors.Forbidden: for anybody but a manager.
        errors.Stale: the budget is not at the expected version any more.
    """
    permissions.check_may_set_budget(call.caller, command.organisation_id)

    def limit(session: Session) -> Budget:
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
        return after

    budget = app.database.transact(limit)
    conduct = app.budgets.conduct(command.organisation_id)
    return Standing(budget, budget.limits(app.weekly_limits), conduct)


def grant(app: App, call: Call, command: GrantBudget) -> Grant:
    """Let an organisation book more in one week; the same key gives the same grant again.

    Raises:
        errors.Forbidden: for anybody but a manager.
        errors.Invalid: there is no such week.
    """
    permissions.check_may_set_budget(call.caller, command.organisation_id)
    _check_week(command.week)
    request = Request.of(call, "bookings.grant_budget", asdict(command))

    def give(session: Session) -> Grant:
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
        return granted

    return app.keys.once(request, give, save=grant_document, load=grant_of)


def _this_week(app: App) -> str:
    zones = [centre.time_zone for centre in app.centres.centres()]
    return week_of(app.clock.now(), zones[0] if zones else "UTC")


def _check_week(week: str) -> None:
    if not is_week(week):
        raise errors.Invalid(errors=[FieldError("/week", "invalid", "There is no such week.")])


# -- bookkeeping --------------------------------------------------------------------------------


def reconcile(app: App) -> list[Discrepancy]:
    """Hold every counter against the bookings themselves, all of one moment.

    What a booking counts is worked out anew from its time; that it is counted at all is the mark
    it carries. Reads every booking that is counted: for an operator, not for a request.
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
