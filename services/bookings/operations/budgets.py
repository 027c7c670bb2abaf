"""Fair use: what an organisation's people share in a week, and who may change it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict

from services.bookings.app import App
from services.bookings.domain import permissions
from services.bookings.domain.budgets import (
    Amount,
    Budget,
    Charge,
    Discrepancy,
    Grant,
    Standing,
    WeekStanding,
)
from services.bookings.domain.rules import bookable
from services.bookings.schemas.budgets import BudgetOfWeek, GrantBudget, SetBudget
from services.bookings.steps.budget_use import (
    limits_of,
    use_of,
)
from services.bookings.steps.offer_checks import schedule_offer_check
from services.bookings.steps.releases import budget_freed
from services.bookings.store.budgets import GRANTS
from services.common import errors
from services.common.context import Call
from services.common.contracts.bookings import events
from services.common.errors import FieldError
from services.common.storage.idempotency import Request
from services.common.storage.mongo import Session
from services.common.time.weeks import is_week, surrounding_period, week_of


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

    def read_standing(session: Session) -> WeekStanding:
        return WeekStanding(
            query.organisation_id,
            week,
            limits_of(app, session, query.organisation_id),
            use_of(app, session, query.organisation_id, week),
            app.budgets.grants(query.organisation_id, week, session),
        )

    return app.database.transact(read_standing)


def set_limits(app: App, call: Call, command: SetBudget) -> Standing:
    """Give an organisation limits of its own. Bookings made before stay as they are, and count.

    Returns when nobody books by the old limits any more: no booking that is asked for later passes
    the new ones.

    Raises:
        errors.Forbidden: for anybody but a manager.
        errors.Invalid: ``bookings.unknown_organisation``.
        errors.Stale: the budget is not at the expected version any more.
        errors.Unavailable: a booking by the old limits is still possible; asked again, it waits
            again.
    """
    permissions.check_may_set_budget(call.caller, command.organisation_id)

    def limit(session: Session) -> Budget:
        app.organisations.check_known(session, command.organisation_id)
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

    def add_grant(session: Session) -> Grant:
        app.organisations.check_may_use(session, call.caller, command.organisation_id)
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

    return app.keys.once(request, add_grant, save=GRANTS.document_of, load=GRANTS.aggregate_of)


def _this_week(app: App) -> str:
    zones = [centre.time_zone for centre in app.centres.centres()]
    return week_of(app.clock.now(), zones[0] if zones else "UTC")


def _check_week(week: str) -> None:
    if not is_week(week):
        raise errors.Invalid(errors=[FieldError("/week", "week")])


# -- bookkeeping --------------------------------------------------------------------------------


def audit_budgets(app: App) -> list[Discrepancy]:
    """Hold every counter against the bookings themselves, all of one moment.

    What a booking counts is worked out anew from its time; that it is counted at all is the mark
    it carries. Reads every booking that is counted: for an operator (``commands.py``), not for a
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
